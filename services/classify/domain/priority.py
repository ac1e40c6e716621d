"""Stated rules over the model's priority: they raise it, they never lower it.

Safety and fraud under way are urgent; own money gone, a service down, repeated contact and a named
deadline are high. A question about such things in general raises nothing.
"""

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from services.classify.domain.entities import Entity

LEVELS = ("low", "normal", "high", "urgent")
SOON = timedelta(days=3)
"""A deadline no further away than this raises the priority."""


def _pattern(english: str, chinese: str) -> "re.Pattern[str]":
    return re.compile(rf"\b(?:{english})\b|(?:{chinese})", re.IGNORECASE)


_URGENT = {
    "safety": _pattern(
        r"electric shock|caught fire|on fire|smell of gas|gas leak|carbon monoxide|exploded"
        r"|smok(?:e|ing) (?:is )?coming|burn(?:ed|t) my|injured|bleeding|ambulance"
        r"|allergic reaction|food poisoning|kill myself",
        "着火|起火|冒烟|触电|漏电|煤气泄漏|燃气泄漏|爆炸|(?<!打)爆了|受伤|流血|食物中毒|过敏反应|烫伤|自杀",
    ),
    "fraud": _pattern(
        r"(?:stole|stolen) (?:my )?(?:wallet|card|phone|purse|identity)"
        r"|(?:card|wallet|phone|purse|identity|bag) (?:has been|have been|was|were|got|is) stolen"
        r"|account (?:has been|was|got|is|been) hacked|hacked (?:into )?my"
        r"|i(?: have|'ve)? (?:just )?(?:been|was|got) scammed|someone (?:is|has been|was)?\s?"
        r"(?:using|used|hacked|withdr[ae]w(?:ing)?|charg(?:ed|ing)) my"
        r"|(?:it'?s|was|were) not me|wasn'?t me"
        r"|didn'?t (?:make|authori[sz]e) (?:this|that|these|those|it)"
        r"|fraudulent (?:charge|transaction|payment)s? (?:on|in|from) my",
        "盗刷|被盗|被偷|诈骗了|被骗了|盗号|被黑|有人(?:用|盗用|冒用)了?我的|不是我(?:本人)?(?:操作|刷|转|消费|取)",
    ),
    "stranded": _pattern(
        r"stranded|stuck (?:at the airport|abroad|in a foreign)|boarding (?:now|in \d)"
        r"|locked out (?:while|abroad|and (?:i'?m|my))|flight (?:is|leaves) (?:in|tonight)",
        "滞留|困在(?:机场|国外|境外)|在国外.{0,12}(?:登不上|取不了|刷不了)|马上(?:就要)?(?:登机|起飞)",
    ),
}
_HIGH = {
    "money_gone": _pattern(
        r"(?:charged|billed|debited|paid|deducted) (?:me )?(?:twice|two times|double)"
        r"|double[- ]charged"
        r"|money (?:is |has |was )?(?:gone|missing|been taken|taken|not arrived|disappeared)"
        r"|took (?:my )?money|(?:unknown|unauthori[sz]ed) (?:charge|payment|transaction)s?",
        "重复扣|多扣|扣了(?:两|2|三|3)[次笔]|钱(?:没了|不见了|被扣了)|乱扣费|莫名(?:其妙)?扣|扣款.{0,8}没到账",
    ),
    "service_down": _pattern(
        r"(?:internet|network|service|signal|wifi|connection|site|app) (?:is |has been |went )?"
        r"(?:completely |totally )?(?:down|out|dead)|no (?:internet|signal|service|connection)"
        r"|complete outage",
        "断网|没网|没有网|没信号|没有信号|全部瘫痪|连不上网|上不了网|服务器崩|系统崩",
    ),
    "repeated_contact": _pattern(
        r"(?:second|third|fourth|fifth|2nd|3rd|4th|5th) (?:time|email|message|call|request)"
        r"|(?:called|written|emailed|contacted|asked|messaged|told) (?:you )?(?:\w+ )?"
        r"(?:twice|(?:three|four|five|several|many|multiple|\d+) times)"
        r"|times already|still no (?:reply|answer|response)",
        "第[二三四五六七八2-9]次(?:联系|打|问|找|反映|投诉|来|催|说|发)|[三四五六七八好多几数\\d]次了|"
        "(?:打|联系|反映|催|找|问|投诉)了?[三四五六七八好多几无数\\d]{1,2}[次遍回]|一直没人(?:理|管|回)",
    ),
}
_PATTERNS = _URGENT | _HIGH
_GENERAL = re.compile(
    r"^\s*(?:what (?:happens|should|do|if)|how (?:do|can|would|does)|is there|do you have"
    r"|can you explain)"
    r"|如果|假如|万一|要是.{0,10}(?:怎么|会)",
    re.IGNORECASE,
)
_BY_THEN = re.compile(
    r"\b(?:by|before|until|no later than|latest|need it|deadline|due|must arrive)\b"
    r"[^.!?\n]{0,20}$",
    re.IGNORECASE,
)
_BY_THEN_CHINESE = re.compile(r"^\s?(?:之前|以前|前|必须|就要|截止|到期|一定要|急用|要用|之内)")


def rules_of(text: str, entities: Sequence[Entity], written_at: datetime) -> list[str]:
    """The names of the rules that hold, each of them, the most urgent first."""
    rules: list[str] = []
    if not _GENERAL.search(text):
        rules = [name for name, pattern in _PATTERNS.items() if pattern.search(text)]
    if _has_deadline(text, entities, written_at.date()):
        rules.append("deadline")
    return rules


def raised(priority: str, rules: Sequence[str]) -> str:
    """The model's priority, or what the rules that hold ask for at least."""
    asked = ["urgent" if rule in _URGENT else "high" for rule in rules]
    return max([priority, *asked], key=LEVELS.index)


def _has_deadline(text: str, entities: Sequence[Entity], today: date) -> bool:
    """Whether a date soon is named as the one by which something must have happened."""
    for entity in entities:
        if entity.type != "date":
            continue
        ahead = date.fromisoformat(entity.value) - today
        if not timedelta(0) <= ahead <= SOON:
            continue
        before, after = text[max(0, entity.start - 30) : entity.start], text[entity.end :][:8]
        if _BY_THEN.search(before) or _BY_THEN_CHINESE.match(after):
            return True
    return False
