"""Days in a text: `2026-11-03`, 11月3日, 3 Nov, `11/03`, Monday, tomorrow, next week.

The value of a day is `day <year> <month> <day>` with ? for what is not said, of a weekday
`weekday 1`, of a day told from today `from today 1`, of a period `next week`. `11/03` may mean two
days: it has both values, parted by |.
"""

import re
from collections.abc import Callable, Iterator

from services.generate.domain.guardrails.characters import FLAGS
from services.generate.domain.guardrails.fact import Fact, Kind, Shadow
from services.generate.domain.guardrails.numerals import chinese

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
# With a capital: "you may 3 times" and "march on" name no month.
_NAMES = (
    r"(?P<name>(?:Jan|JAN|jan)(?:uary)?|(?:Feb|FEB|feb)(?:ruary)?|Mar(?:ch)?|MAR(?:CH)?"
    r"|(?:Apr|APR|apr)(?:il)?|May|MAY|June?|JUNE?|July?|JULY?|(?:Aug|AUG|aug)(?:ust)?"
    r"|(?:Sept?|SEPT?|sept?)(?:ember)?|(?:Oct|OCT|oct)(?:ober)?|(?:Nov|NOV|nov)(?:ember)?"
    r"|(?:Dec|DEC|dec)(?:ember)?)\b\.?"
)
_LEADS = (
    r"\b(?:[Ii]n|[Bb]y|[Ss]ince|[Uu]ntil|[Bb]efore|[Aa]fter|[Ff]rom|[Oo]f|[Nn]ext|[Ll]ast|[Tt]his"
    r"|[Ee]arly|[Ll]ate|[Mm]id|[Dd]uring)"
)
_WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_CHINESE_WEEKDAYS = {day: place for place, day in enumerate("一二三四五六日", start=1)} | {"天": 7}
_NEAR = {
    "大前天": -3, "前天": -2, "昨天": -1, "昨日": -1, "昨晚": -1, "今天": 0, "今日": 0, "今晚": 0,
    "当天": 0, "当日": 0, "明天": 1, "明日": 1, "明早": 1, "明晚": 1, "次日": 1, "后天": 2,
    "大后天": 3, "the day before yesterday": -2, "yesterday": -1, "last night": -1, "today": 0,
    "tonight": 0, "the same day": 0, "that day": 0, "tomorrow": 1, "the next day": 1,
    "the following day": 1, "the day after tomorrow": 2,
}  # fmt: skip
_PERIODS = {
    "上": "last", "下": "next", "次": "next", "这": "this", "本": "this", "following": "next",
    "周": "week", "星期": "week", "礼拜": "week", "月": "month", "年": "year",
    "工作日": "working day", "business day": "working day",
}  # fmt: skip
_LAST_FIRST = "|".join(sorted((near for near in _NEAR if near.isascii()), key=len, reverse=True))
_CHINESE_NEAR = "|".join(
    sorted((near for near in _NEAR if not near.isascii()), key=len, reverse=True)
)
_DD, _MM, _YEAR = r"(?:3[01]|[12]\d|0?[1-9])", r"(?:1[0-2]|0?[1-9])", r"(?:19|20)\d\d"
_CN, _TH = "[〇零一二三四五六七八九十]", r"(?:st|nd|rd|th)"
_CN_MONTH, _CN_DAY = rf"(?P<m>{_MM}|{_CN}{{1,2}})", rf"(?: ?(?P<d>{_DD}|{_CN}{{1,3}}) ?[日号])?"
_COURTESY = re.compile(
    r"\b(?:thank|contact|reach|writ|get(?:ting)? in touch|help|assist|chat)[^.!?\n]{0,40}\Z",
    FLAGS,
)
_GOOD_WISH = re.compile(r" ?(?:愉快|开心|顺利|过得)")

_Read = Callable[[re.Match[str]], str]


def find(shadow: Shadow) -> Iterator[Fact]:
    """The days that the text names."""
    for pattern, read in _PATTERNS:
        whole = shadow.text
        for match in shadow.take(pattern):
            start, end = match.span()
            polite = _is_polite(whole, start, end)
            yield Fact(Kind.DATE, read(match), start, end, is_harmless=polite)


def _is_polite(text: str, start: int, end: int) -> bool:
    """Whether a word for today is one of politeness: `thank you for writing to us today`."""
    if text[start:end].lower() not in ("today", "今天", "今日"):
        return False
    thanks = _COURTESY.search(text[max(0, start - 60) : start])
    return thanks is not None or _GOOD_WISH.match(text, end) is not None


def _number(written: str | None) -> str:
    if not written:
        return "?"
    return str(int(written)) if written.isdecimal() else str(chinese(written) or "?")


def _day(match: re.Match[str]) -> str:
    parts = match.groupdict()
    name = parts.get("name")
    month = str(_MONTHS.index(name[:3].lower()) + 1) if name else _number(parts.get("m"))
    return f"day {_number(parts.get('y'))} {month} {_number(parts.get('d'))}"


def _either_way(match: re.Match[str]) -> str:
    first, second = int(match["a"]), int(match["b"])
    year = match["y"] or "?"
    year = f"20{year}" if len(year) == 2 else year
    ways = [(first, second)] if first <= 12 else []
    ways += [(second, first)] if second <= 12 and second != first else []
    return "|".join(f"day {year} {month} {day}" for month, day in ways)


def _weekday(match: re.Match[str]) -> str:
    return f"weekday {_WEEKDAYS.index(match['day'][:3].lower()) + 1}"


def _chinese_weekday(match: re.Match[str]) -> str:
    return f"weekday {_CHINESE_WEEKDAYS[match['day']]}"


def _near(match: re.Match[str]) -> str:
    return f"from today {_NEAR[match[0].lower()]}"


def _period(match: re.Match[str]) -> str:
    parts = (match["which"].lower(), match["period"].lower())
    return " ".join(_PERIODS.get(part, part) for part in parts)


def _weekend(_: re.Match[str]) -> str:
    return "weekday weekend"


def _any_case(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, FLAGS)


_PATTERNS: tuple[tuple[re.Pattern[str], _Read], ...] = (
    (re.compile(rf"(?a)(?<![\w-])(?P<y>{_YEAR})([-/.])(?P<m>{_MM})\2(?P<d>{_DD})(?![\d-])"), _day),
    (re.compile(rf"(?a)(?<!\d)(?P<y>{_YEAR}|{_CN}{{4}}) ?年 ?{_CN_MONTH} ?月{_CN_DAY}"), _day),
    (re.compile(rf"(?a)(?<![\d个]){_CN_MONTH} ?月{_CN_DAY}(?![租费供卡均度薪结])"), _day),
    (re.compile(rf"(?a)\b(?P<d>{_DD}){_TH}?(?: of)?[ -]{_NAMES}(?:,?[ -](?P<y>{_YEAR})\b)?"), _day),
    (re.compile(rf"(?a)\b{_NAMES} (?:the )?(?P<d>{_DD}){_TH}?\b(?:,? (?P<y>{_YEAR})\b)?"), _day),
    (re.compile(rf"(?a)\b{_NAMES},? (?P<y>{_YEAR})\b"), _day),
    (re.compile(rf"(?a){_LEADS} {_NAMES}"), _day),
    (
        re.compile(
            r"(?a)\b(?P<name>January|February|April|June|July|August|September|October|November"
            r"|December)\b"
        ),
        _day,
    ),
    (
        re.compile(
            rf"(?a)(?<![\w./-])(?P<a>{_DD})/(?P<b>{_DD})(?:/(?P<y>(?:20)?\d\d))?(?![\w/])(?<!24/7)"
        ),
        _either_way,
    ),
    (
        re.compile(rf"(?a)(?<![\w.-])(?P<a>{_DD})([.-])(?P<b>{_MM})\2(?P<y>20\d\d)(?![\w-])"),
        _either_way,
    ),
    (re.compile(rf"(?a)(?<!\d)(?P<y>{_YEAR}) ?年(?!之?内|以内)"), _day),
    (_any_case(rf"\b(?P<d>{_DD}){_TH}\b"), _day),
    (
        re.compile(
            rf"(?a)(?<![\d.第])(?P<d>{_DD}) ?(?:日(?!之?[内后]"
            rf"|以[内后]|元|志|常)|号(?![码楼线院店门机房]))"
        ),
        _day,
    ),
    (_any_case(r"\b(?P<day>mon|tues|wednes|thurs|fri|satur|sun)days?\b"), _weekday),
    (
        re.compile(r"(?a)\b(?P<day>Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b(?=[ ,.-]{1,2}(?:\d|to |[A-Z]))"),
        _weekday,
    ),
    (re.compile(r"(?:周|星期|礼拜)(?P<day>[一二三四五六日天])"), _chinese_weekday),
    (_any_case(r"\bweek-?ends?\b|周末"), _weekend),
    (
        _any_case(
            r"\b(?P<which>last|next|this|following) "
            r"(?P<period>week|month|year|working day|business day)s?\b"
        ),
        _period,
    ),
    (
        re.compile(
            r"(?P<which>[上下这本次])一?个?(?P<period>工作日|星期|礼拜|周(?!期)|月|年(?!度))"
        ),
        _period,
    ),
    (_any_case(rf"\b(?:{_LAST_FIRST})\b"), _near),
    (re.compile(_CHINESE_NEAR), _near),
)
