"""Dates and durations, Chinese and English; relative ones counted from when it was written."""

import re
from calendar import monthrange
from collections.abc import Callable, Iterator
from datetime import date, timedelta

from services.classify.domain.entities import numerals
from services.classify.domain.entities.entity import Entity, Free

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH = (
    "(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    "|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_WEEKDAY = r"(?P<day>mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?"
_CHINESE_DAYS = {day: number for number, day in enumerate("一二三四五六日")} | {"天": 6}
_NEAR = {
    "大前天": -3, "前天": -2, "昨天": -1, "昨日": -1, "昨晚": -1, "今天": 0, "今日": 0, "今早": 0,
    "今晚": 0, "明天": 1, "明日": 1, "明早": 1, "明晚": 1, "后天": 2, "大后天": 3,
    "the day before yesterday": -2, "yesterday": -1, "last night": -1, "today": 0, "tonight": 0,
    "this morning": 0, "tomorrow": 1, "the day after tomorrow": 2,
}  # fmt: skip
_ENGLISH_NEAR = "|".join(sorted(filter(str.isascii, _NEAR), key=len, reverse=True))
_CHINESE_NEAR = "|".join(sorted((n for n in _NEAR if not n.isascii()), key=len, reverse=True))
_COUNT = rf"(?P<count>\d{{1,4}}(?:\.\d)?|{numerals.CHINESE}|(?:{numerals.ENGLISH}))"
_UNITS = {
    "天": "D", "日": "D", "周": "W", "星期": "W", "礼拜": "W", "月": "M", "年": "Y", "小时": "TH",
    "钟头": "TH", "分钟": "TM", "day": "D", "week": "W", "month": "M", "year": "Y", "hour": "TH",
    "hr": "TH", "minute": "TM", "min": "TM",
}  # fmt: skip
_UNIT = (
    "(?P<unit>小时|钟头|分钟|星期|礼拜|天|周|月|年"
    "|days?|weeks?|months?|years?|hours?|hrs?|minutes?|mins?)"
)

Resolve = Callable[["re.Match[str]", date], date | None]


def find_dates(text: str, today: date) -> Iterator[Entity]:
    """Dates as ISO 8601 days, durations as ISO 8601 periods."""
    free = Free(len(text))
    for pattern, resolve in _DATES:
        for match in pattern.finditer(text):
            day = resolve(match, today)
            entity = Entity("date", match[0], str(day), match.start(), match.end())
            if day is not None and free.take(entity):
                yield entity
    for match in _DURATION.finditer(text):
        value = _period(match)
        entity = Entity("duration", match[0], value or "", match.start(), match.end())
        if value and free.take(entity):
            yield entity


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _numeric(match: "re.Match[str]", today: date) -> date | None:
    return _day(int(match["y"]), int(match["m"]), int(match["d"]))


def _nearest(month: int, day: int, today: date) -> date | None:
    """A day without its year: the one nearest to today."""
    candidates = [_day(today.year + shift, month, day) for shift in (-1, 0, 1)]
    known = [candidate for candidate in candidates if candidate]
    return min(known, key=lambda candidate: abs(candidate - today), default=None)


def _month_day(match: "re.Match[str]", today: date) -> date | None:
    month = numerals.number(match["m"])
    day = numerals.number(match["d"])
    if month is None or day is None:
        return None
    return _nearest(int(month), int(day), today)


def _named_month(match: "re.Match[str]", today: date) -> date | None:
    month = _MONTHS.index(match["month"][:3].lower()) + 1
    year = match["y"]
    return (
        _day(int(year), month, int(match["d"])) if year else _nearest(month, int(match["d"]), today)
    )


def _near(match: "re.Match[str]", today: date) -> date:
    return today + timedelta(days=_NEAR[match[0].lower()])


def _chinese_weekday(match: "re.Match[str]", today: date) -> date:
    monday = today - timedelta(days=today.weekday())
    weeks = {"上上": -2, "上": -1, "下": 1, "下下": 2}.get(match["which"] or "", 0)
    return monday + timedelta(days=7 * weeks + _CHINESE_DAYS[match["day"]])


def _weekday(match: "re.Match[str]", today: date) -> date:
    """last: the one before today; next and plain ones: the one to come, today included if plain."""
    ahead = (_WEEKDAYS.index(match["day"][:3].lower()) - today.weekday()) % 7
    which = (match["which"] or "").lower()
    if which in ("last", "past", "since"):
        return today + timedelta(days=ahead - 7)
    return today + timedelta(days=ahead + (7 if which == "next" and ahead == 0 else 0))


def _day_of_month(match: "re.Match[str]", today: date) -> date | None:
    """This month's, or with a word for it last or next month's."""
    shift = {"上": -1, "下": 1}.get((match.groupdict().get("which") or "")[:1], 0)
    month = today.month - 1 + shift
    year, month = today.year + month // 12, month % 12 + 1
    day = numerals.number(match["d"])
    if day is None or not 1 <= day <= monthrange(year, month)[1]:
        return None
    return date(year, month, int(day))


def _ago(match: "re.Match[str]", today: date) -> date | None:
    count = numerals.number(match["count"])
    unit = _UNITS.get(match["unit"].lower().rstrip("s"), "")
    if count is None or unit not in ("D", "W", "M", "Y"):
        return None
    days = float(count) * {"D": 1, "W": 7, "M": 30, "Y": 365}[unit]
    ahead = match["side"].lower() in ("后", "之后", "以后", "from now", "later", "in")
    try:
        return today + timedelta(days=round(days if ahead else -days))
    except OverflowError:
        return None


def _period(match: "re.Match[str]") -> str | None:
    count = numerals.number(match["count"])
    unit = _UNITS[match["unit"].lower().rstrip("s")]
    if not count:
        return None
    if count != int(count):
        smaller = {"M": (30, "D"), "Y": (12, "M"), "TH": (60, "TM"), "W": (7, "D"), "D": (24, "TH")}
        if unit not in smaller:
            return None
        factor, unit = smaller[unit]
        count *= factor
    return f"PT{int(count)}{unit[1]}" if unit.startswith("T") else f"P{int(count)}{unit}"


def _compile(pattern: str) -> "re.Pattern[str]":
    return re.compile(pattern, re.IGNORECASE)


_TWO = r"(?:[0-2]?\d|3[01])"
_CHINESE_DAY = rf"(?:{_TWO}|[一二三四五六七八九十]{{1,3}})"
_CHINESE_MONTH = r"(?:[01]?\d|[一二三四五六七八九十]{1,2})"
_YEAR = r"(?:,?\s(?P<y>20\d\d))?"
_NTH = rf"(?P<d>{_TWO})(?:st|nd|rd|th)"
_ISO = rf"(?<!\d)(?P<y>20\d\d)\s?[-/.年]\s?(?P<m>{_TWO})\s?[-/.月]\s?(?P<d>{_TWO})(?!\d)[日号]?"
_LEAD = "last|past|next|this|on|by|until|since|before"
_DATES: tuple[tuple["re.Pattern[str]", Resolve], ...] = (
    (_compile(_ISO), _numeric),
    (_compile(rf"(?<!\d)(?P<m>{_CHINESE_MONTH})月(?P<d>{_CHINESE_DAY})[日号]?"), _month_day),
    (_compile(rf"\b{_MONTH}\.?\s(?:the\s)?{_NTH}?\b{_YEAR}"), _named_month),
    (_compile(rf"\b{_NTH}?\s(?:of\s)?{_MONTH}\b{_YEAR}"), _named_month),
    (_compile(rf"\b(?:{_ENGLISH_NEAR})\b"), _near),
    (_compile(_CHINESE_NEAR), _near),
    (_compile(rf"{_COUNT}\s?个?{_UNIT}\s?(?P<side>之前|以前|前|之后|以后|后(?!天))"), _ago),
    (_compile(rf"\b{_COUNT}\s{_UNIT}\s(?P<side>ago|back|from now|later)\b"), _ago),
    (_compile(rf"\b(?P<side>in)\s{_COUNT}\s{_UNIT}\b"), _ago),
    (
        _compile("(?P<which>上上|下下|上|下|这|本)?个?(?:周|星期|礼拜)(?P<day>[一二三四五六日天])"),
        _chinese_weekday,
    ),
    (_compile(rf"\b(?:(?P<which>{_LEAD})\s){_WEEKDAY}\b"), _weekday),
    (_compile(rf"(?P<which>上|下|这|本)个?月(?P<d>{_CHINESE_DAY})[号日]"), _day_of_month),
    (_compile(rf"(?<![\d.楼栋座路街])(?P<d>{_TWO})号(?![楼线院码店门房机库])"), _day_of_month),
    (_compile(rf"\bthe\s{_NTH}\b"), _day_of_month),
)
_DURATION = _compile(rf"(?<![\d.a-z第]){_COUNT}(?:\s|-)?(?:个|多)?{_UNIT}(?![a-z初])")
