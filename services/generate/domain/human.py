"""Words that ask for a person: whoever asks for one gets one, whatever else a message is about."""

import re

_ENGLISH = (
    r"(?:speak|talk|chat|connect me|put me through|pass me on|transfer me|escalate(?: this)?)"
    r"\s(?:\w+\s){0,2}?(?:to|with)\s(?:\w+\s){0,3}?"
    r"(?:human|person|agent|representative|operator|manager|supervisor|somebody|someone|colleague)"
    r"|(?:real|actual|live|human)\s(?:person|human|agent|operator|representative)"
    r"|(?:no|not a|not another|stop the|hate (?:these )?|without a)\s?(?:chat)?bots?"
    r"|(?:call|ring|phone) me back|give me a (?:call|ring)"
)
_CHINESE = (
    "转(?:接)?(?:到)?人工|人工(?:客服|服务|坐席|处理|回复)|真人|找(?:个|一个|你们)?(?:人|经理|主管|领导)"
    "(?:来|跟我|和我|给我|处理|说)|(?:别|不要)再?(?:给我)?(?:用|发)?(?:机器人|自动回复)"
    "|(?:请|麻烦)(?:你们)?(?:给我)?(?:回|打)个?电话|给我回个?电话"
)
HUMAN = re.compile(rf"\b(?:{_ENGLISH})\b|{_CHINESE}", re.IGNORECASE)
LONGEST_READ = 10_000


def asks_for_person(text: str) -> bool:
    """Whether the message has words that ask for a person (English, Chinese)."""
    return HUMAN.search(text[:LONGEST_READ]) is not None
