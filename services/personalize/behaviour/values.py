"""Single values of a table, all kept as text: what counts as missing, as a number, as a date."""

import math
from datetime import UTC, date, datetime

Value = str | None
"""None is a missing value."""

MISSING = frozenset({"", "na", "n/a", "nan", "null", "?"})
"""Texts that stand for a missing value, in whatever case."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = 86400.0


def value_of(given: object) -> Value:
    """The value as text. Raises ValueError when it is not a single value."""
    if given is None:
        return None
    match given:
        case bool():
            return "true" if given else "false"
        case str():
            text = given.strip()
            return None if text.lower() in MISSING else text
        case int():
            return str(given)
        case float():
            return _number_text(given)
        case date():
            return given.isoformat()
    raise ValueError("not a single value")


def _number_text(given: float) -> Value:
    if not math.isfinite(given):
        return None
    return str(int(given)) if given.is_integer() else repr(given)


def number_in(text: str) -> float | None:
    """The finite number that a text is, if it is one."""
    try:
        found = float(text)
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def days_in(text: str) -> float | None:
    """An ISO 8601 date or time as days since 1970, if the text is one; without a zone it is UTC."""
    if len(text) < 8 or not text[:4].isdigit():
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    zoned = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (zoned - _EPOCH).total_seconds() / _DAY
