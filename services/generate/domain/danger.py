"""Words that mean law or safety: no machine answers these, however sure it is."""

import re

_ENGLISH = (
    r"fraud\w*|scam\w*|phish\w*|hacked|identity theft|unauthori[sz]ed|stolen|stole|robbed"
    r"|lawyers?|attorneys?|lawsuit|legal action|sue you|suing|in court|police|ombudsman"
    r"|injur(?:y|ies|ed)|hospital|electric shock|caught fire|on fire|smoke|poison\w*|allergic"
    r"|suicid\w*|kill myself|self-harm"
)
_CHINESE = (
    "诈骗|被骗|骗子|盗刷|盗用|被盗|报警|警察|派出所|律师|起诉|法院|诉讼|消协|12315"
    "|受伤|医院|触电|漏电|起火|着火|冒烟|爆炸|中毒|过敏|自杀|轻生"
)
DANGER = re.compile(rf"\b(?:{_ENGLISH})\b|{_CHINESE}", re.IGNORECASE)


def speaks_of_danger(text: str) -> bool:
    """Whether the message has a word of fraud, law, injury or self-harm (English, Chinese)."""
    return DANGER.search(text) is not None
