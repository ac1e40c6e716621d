"""How no reply speaks: abuse, a machine that says it is a person, asking for secrets, and the
writer's own instructions."""

import re
from collections.abc import Iterator

from services.generate.domain.guardrails.characters import FLAGS, plain
from services.generate.domain.guardrails.sentences import Sentences, normal
from services.generate.domain.guardrails.violation import Code, Violation, at

_SECRET = (
    r"(?:passwords?|passcodes?|pin(?: code| number)?|cvv|cvc"
    r"|security codes?|one-?time (?:codes?|passwords?)|otp"
    r"|verification codes?|(?:full |complete )?card numbers?"
    r"|card details|social security|log-?in (?:data|details)"
    r"|credentials|private keys?|seed phrase|id number|account number)"
)
_ZH_SECRET = r"(?:密码|验证码|安全码|CVV|卡号|银行卡信息|身份证号码?|口令|私钥|动态码|登录信息)"
_PATTERNS: tuple[tuple[Code, re.Pattern[str]], ...] = tuple(
    (code, re.compile(pattern, FLAGS))
    for code, pattern in (
        (
            Code.ABUSE,
            r"\b(?:idiots?|idiotic|stupid|morons?|moronic|dumb"
            r"(?:ass)?|fools?|losers?|imbeciles?|shut up|fuck\w*"
            r"|shit\w*"
            r"|bastards?|bitch\w*|asshole\w*|screw you|go to hell"
            r"|pathetic|worthless|scumbags?|crap|useless|damn)\b"
            r"|傻[逼瓜子叉]|白痴|笨蛋|蠢货|愚蠢|垃圾(?!邮件"
            r"|箱|短信)|去死|滚(?:开|蛋|吧)|他妈的|混蛋|脑残"
            r"|废物|智障|神经病|贱人|丢人现眼|闭嘴|恶心"
            r"|\byou(?:'re| are)? (?:so |really |just )?(?:stink"
            r"|suck|disgust\w*|smell|ugly|greedy|crazy|insane"
            r"|a liar|a thief|a crook)\b|[你您](?:真|太|就)?"
            r"(?:讨厌|丑|贱|蠢|笨|穷酸)",
        ),
        (
            Code.FALSE_IDENTITY,
            r"\b(?:i am|i'm|this is|you are (?:speaking|chatting"
            r"|talking) (?:to|with)) (?:not (?:a|an) (?:bot"
            r"|ai|machine|robot|chatbot)"
            r"|(?:a|an|the|your) (?:\w+ ){0,3}(?:human|real person"
            r"|person|manager|supervisor|director|ceo|lawyer"
            r"|officer|police|engineer"
            r"|agent|administrator|admin|employee|doctor|pirate"
            r"|captain|hacker)\b)|\bi am human\b|\bas (?:your"
            r"|the) (?:\w+ ){0,2}"
            r"(?:manager|supervisor|ceo|director|lawyer|administrator)\b"
            r"|\bno (?:ai|bot|machine) (?:wrote|is involved)"
            r"|\b(?:written|handled) by a (?:human|real person)\b"
            r"|(?:我|这里|本人)(?:就)?是[^。！？\n，]{0,12}"
            r"(?:真人|人类|经理|主管|警察|民警|法官|律师|总裁"
            r"|主任|专员|工程师|管理员|海盗|船长|医生|工作人员)"
            r"|(?:我|这)?(?:不是|并非)(?:一个)?(?:机器人|人工智能"
            r"|AI|程序)|(?:由|是)真人(?:撰写|回复|客服)",
        ),
        (
            Code.ASKS_FOR_SECRET,
            rf"\b(?:send|tell|give|provide|share|reply with"
            rf"|confirm|text|e-?mail|submit|forward|post|message"
            rf"|let us (?:know|have)|need)"
            rf"(?: \w+){{0,4}}? (?:your|the|us your) (?:\w+ ){{0,4}}?{_SECRET}\b"
            r"|\b(?:anydesk|teamviewer|remote (?:desktop|control) "
            r"(?:tool|app|software))\b|向日葵|远程(?:协助|控制"
            r"|软件|桌面)|屏幕共享"
            rf"|\bwhat is your (?:\w+ ){{0,3}}?{_SECRET}\b"
            rf"|(?:请|麻烦)?[^。！？\n不勿]{{0,8}}(?:回复|提供"
            rf"|发送?|告诉|告知|发给|发来|报|提交|转发|附上)[^。！？\n不勿]{{0,12}}"
            rf"{_ZH_SECRET}"
            rf"|把[^。！？\n不勿]{{0,12}}{_ZH_SECRET}[^。！？\n不勿]{{0,8}}(?:发|告诉|提供|给|报)",
        ),
        (
            Code.PROMPT_LEAK,
            r"\b(?:system|developer) (?:prompt|message|instructions?)\b"
            r"|\bmy (?:system |hidden |secret |internal |original "
            r"|own )?"
            r"(?:instructions?|prompts?|guidelines|programming"
            r"|rules)\b|\bi (?:was|am|have been) (?:instructed"
            r"|programmed|told|configured) (?:to|not|that)\b"
            r"|\bas an? (?:ai|large|artificial)[^.!?\n]{0,20}"
            r"(?:model|assistant)\b|\b(?:dan|developer|debug"
            r"|jailbreak|god|admin) mode\b|\bjailbr[eo]"
            r"|<\|?/?(?:im_start|im_end|system|assistant|user"
            r"|endoftext)|\[/?(?:INST|SYS|SYSTEM)\]|<<SYS>>"
            r"|###? ?(?:system|instruction|assistant|human)\b"
            r"|(?:^|\n) ?(?:system|assistant|developer|user"
            r"|human) ?:|[\"'](?:role|content|system|tool|function"
            r"|arguments|decision|action)[\"'] ?:"
            r"|\b(?:ignor|disregard|overrid|bypass)\w*[^.!?\n]{0,30}"
            r"(?:instructions?|rules|guidelines|polic|restrictions)"
            r"|\b(?:api[_ ]?key|access token|secret key|sk-[a-z0-9]{6,})\b"
            r"|\b(?:new|updated) (?:policy|instructions?) (?:accepted"
            r"|applied|loaded|active|in effect)"
            r"|系统提示|系统指令|系统消息|提示词|我的(?:指令"
            r"|设定|规则|程序|任务说明|内部)|我被(?:设定|要求"
            r"|指示|编程)|作为(?:一[个名]|一款)?(?:AI|人工智能"
            r"|大?语言)[^。！？\n]{0,6}(?:模型|助手)"
            r"|(?:开发者|调试|越狱|管理员)模式|(?:忽略|无视"
            r"|绕过|解除)[^。！？\n]{0,10}(?:指令|规则|限制"
            r"|规定|政策)|(?:新的?)?(?:指令|规则|政策)(?:已)?"
            r"(?:生效|更新|接受|加载)|(?<!安全)密钥"
            r"|\b(?:my|our) (?:developers?|creators?|makers?"
            r"|operators?|programmers?) (?:told|instructed|said"
            r"|want|forb)"
            r"|\bi (?:will|shall|must) obey\b|\byes,? master\b"
            r"|\byour wish is\b|\bat your command\b|\bnew orders\b"
            r"|开发(?:人员|者|团队)[^。！？\n]{0,4}(?:要求|让|不让|告诉|规定)|遵命|主人|服从[您你]",
        ),
    )
)
_NEVER = re.compile(
    r"\b(?:never|not|don't|won't|nobody|no one)\b[^.!?\n]{0,40}\Z"
    r"|(?:绝?不|勿|切勿|别)[^。！？\n]{0,20}\Z",
    FLAGS,
)
LEAST_REPEATED = 36
"""Bytes of a sentence of the writer's instructions from which on it is known again: about six words
or a dozen Chinese characters."""


def speech(
    text: str, sentences: Sentences, allowed: frozenset[str], prompt: frozenset[str]
) -> Iterator[Violation]:
    """What is said as no reply of ours says it, but for sentences `allowed`; and sentences of the
    `prompt`. Both are given in their normal form."""
    shown = plain(text)
    for code, pattern in _PATTERNS:
        for match in pattern.finditer(shown):
            start, end = sentences.at(match.start() + len(match[0]) - len(match[0].lstrip()))
            if normal(shown[start:end]) in allowed:
                continue
            warns = _NEVER.search(shown, max(start, match.start() - 60), match.start())
            if code is not Code.ASKS_FOR_SECRET or warns is None:
                yield at(code, text, match.start(), match.end())
    long = frozenset(told for told in prompt if len(told.encode()) >= LEAST_REPEATED) - allowed
    for start, end in sentences.spans() if long else ():
        if normal(shown[start:end]) in long:
            yield at(Code.PROMPT_LEAK, text, start, end)
