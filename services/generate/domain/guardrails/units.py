"""Units of numbers, and the one name each has in both languages."""

import re

from services.generate.domain.guardrails.characters import FLAGS

DAY, WORKING_DAY, HOUR = "day", "working day", "hour"
TIMES, PERCENT, TENTHS, COUNT = "times", "percent", "tenths of the price", ""
"""COUNT is of whatever is counted: a number of things has no unit."""
TIME = frozenset({DAY, WORKING_DAY, HOUR, "week", "month", "year", "minute", "second"})
BASE: dict[str, tuple[int, str]] = {
    "minute": (60, "second"),
    HOUR: (3600, "second"),
    "week": (7, DAY),
    "year": (12, "month"),
}
"""Units that are so many of another, always: half an hour is 30 minutes. A day is not 24 hours to
somebody who waits, nor a working day."""
MONEY = frozenset({"CNY", "USD", "EUR", "GBP", "HKD", "JPY"})

_UNITS: dict[str, str] = {
    WORKING_DAY: r"(?:working|business|work)[ -]?days?|个?工作日|个?营业日",
    DAY: r"(?:calendar |natural )?days?|个?自然日|天(?!气|空|然)|日(?=之?[内后]|以内|以后)",
    "week": r"weeks?|周(?![一二三四五六日末年边岁围])|个?星期(?![一二三四五六日天])|个?礼拜",
    "month": r"months?|个月",
    "year": r"years?(?! old)|年(?!月|度|龄|轻|满|终)",
    "age": r"years? old|周?岁",
    HOUR: r"hours?|hrs?|h|个?小时|个?钟头",
    "minute": r"minutes?|mins?|分钟",
    "second": r"seconds?|secs?|秒",
    PERCENT: r"%|percent(?:age points?)?|per cent|pct|个?百分点",
    TIMES: r"times|次|遍|回(?![到复来收答电访])",
    "fold": r"-?fold|倍",
    TENTHS: r"折(?!叠|扣|旧|腾|返)",
    "digit": r"digits?|位数?(?=数字|字符|安全码|密码|[，。,.]|以上)|characters?",
    "point": r"(?:reward |bonus |loyalty )?points?|个?积分"
    r"|分(?![钟别之为期店行支享类公机析开成辨])",
    "GB": r"GBs?|gigs?|gigabytes?",
    "MB": r"MBs?|megabytes?|兆",
    "TB": r"TB",
    "Mbit/s": r"Mbit/s|Mbps|Mb/s",
    "GHz": r"GHz",
    "kg": r"kgs?|kilos?|kilograms?|公斤|千克",
    "cm": r"cm|centimet(?:re|er)s?|厘米",
    "km": r"km|kilomet(?:re|er)s?|公里",
    "CNY": r"元|块钱|块(?!地)|圆|yuan|rmb|cny|renminbi",
    "USD": r"美元|美金|dollars?|bucks?|usd",
    "EUR": r"欧元|euros?|eur|€",
    "GBP": r"英镑|pounds?|gbp|quid",
    "HKD": r"港元|港币|hkd",
    "JPY": r"日元|yen|jpy",
}
_SIGNS: dict[str, str] = {
    "CNY": r"¥|rmb|cny|人民币|yuan",
    "USD": r"us\$|\$|usd",
    "EUR": r"€|eur",
    "GBP": r"£|gbp",
    "HKD": r"hk\$|hkd",
    "JPY": r"jp¥|jpy",
}
# Between number and unit: three more full working days, 三个多工作日.
_BETWEEN = (
    r"[ -]?(?:(?:full|whole|more|further|additional|extra|consecutive|entire|或?多|余|来) ?)?"
)
_CLASSIFIERS = "[个张件位名部步种项条份家台笔单封款双套片本只间座辆字人块箱包瓶口门道]"

NAMES = frozenset(_UNITS)
CLASSIFIER = re.compile(f" ?{_CLASSIFIERS}")
AFTER = rf"{_BETWEEN}(?:{'|'.join(_UNITS.values())})(?![A-Za-z])"
"""A pattern of what stands behind a number: a unit, with what may stand between."""
BEFORE = "|".join(sorted("|".join(_SIGNS.values()).split("|"), key=len, reverse=True))
"""A pattern of a currency in front of its number."""
_NAMES = {f"unit{place}": name for place, name in enumerate(_UNITS)}
_GROUPS = "|".join(f"(?P<{group}>{_UNITS[name]})" for group, name in _NAMES.items())
_AFTER = re.compile(rf"{_BETWEEN}(?:{_GROUPS})(?![A-Za-z])", FLAGS)
_SIGNED = [(name, re.compile(pattern, FLAGS)) for name, pattern in _SIGNS.items()]


def after(text: str, place: int) -> tuple[str, int]:
    """The unit that stands at this place and where it ends; COUNT and the place if none does."""
    match = _AFTER.match(text, place)
    if match is None or match.lastgroup is None:
        return COUNT, place
    return _NAMES[match.lastgroup], match.end()


def currency(sign: str) -> str:
    """The currency of a sign matched by BEFORE."""
    return next((name for name, pattern in _SIGNED if pattern.fullmatch(sign)), COUNT)
