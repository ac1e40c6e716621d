"""Times of the day: `8:00`, `5 pm`, 晚上8点, 九点半. The value is `time <minute of the day>`."""

import re
from collections.abc import Iterator

from services.generate.domain.guardrails.characters import FLAGS
from services.generate.domain.guardrails.fact import Fact, Kind, Shadow
from services.generate.domain.guardrails.numerals import chinese

_AFTERNOON = ("中午", "下午", "傍晚", "晚上")
_PARTS = "|".join(("凌晨", "早上", "早晨", "上午", *_AFTERNOON))
_CN = "[一两二三四五六七八九十]{1,3}"
_MINUTES = r"(?:(?P<half>半)|(?P<min>[0-5]?\d) ?分)?[钟整]?"
_WORDS = {"noon": 720, "midnight": 0, "正午": 720, "午夜": 0, "零点": 0}
_PATTERNS = (
    re.compile(
        rf"(?:(?P<part>{_PARTS}) ?)?(?<![\d:.])(?P<h>[01]?\d|2[0-4]):(?P<min>[0-5]\d)"
        r"(?::[0-5]\d)?(?![\d:])(?: ?(?P<am>[ap]\.?m\b\.?))?",
        FLAGS,
    ),
    re.compile(r"(?<![\w.:])(?P<h>1[0-2]|[1-9]) ?(?:(?P<am>[ap]\.?m\b\.?)|o'clock)", FLAGS),
    re.compile(rf"(?a)(?P<part>{_PARTS}) ?(?P<h>2[0-4]|1?\d|{_CN}) ?[点时]{_MINUTES}"),
    re.compile(rf"(?a)(?<![\d.])(?P<h>2[0-4]|1?\d) ?点(?![击开选进就赞评心]){_MINUTES}"),
    re.compile(rf"(?P<h>{_CN})点(?P<half>半)?(?=钟|整|前|后|以前|以后|之前|之后|至|到)"),
    re.compile(rf"(?P<h>{_CN})点(?P<half>半)"),
    re.compile(r"\b(?P<word>noon|midnight)\b|(?P<said>正午|午夜|零点)", FLAGS),
)


def find(shadow: Shadow) -> Iterator[Fact]:
    """The times that the text names."""
    for pattern in _PATTERNS:
        for match in shadow.take(pattern):
            yield Fact(Kind.TIME, f"time {_minute(match.groupdict())}", match.start(), match.end())


def _minute(parts: dict[str, str | None]) -> int:
    word = parts.get("word") or parts.get("said")
    if word:
        return _WORDS[word.lower()]
    written = parts["h"] or "0"
    hour = int(written) if written.isdecimal() else int(chinese(written) or 0)
    half_day = (parts.get("am") or "")[:1].lower()
    if hour < 12 and (half_day == "p" or parts.get("part") in _AFTERNOON):
        hour += 12
    elif hour == 12 and half_day == "a":
        hour = 0
    return 60 * hour + (30 if parts.get("half") else int(parts.get("min") or 0))
