"""Vehicle licence plates: those of mainland China by their form, others when announced."""

from collections.abc import Iterator

from services.ingest.domain.pii.kinds import Found
from services.ingest.domain.pii.linear import compiled

_CHINESE = compiled(
    r"(?i)([京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼]"
    r"[A-HJ-NP-Z][·•.・ -]?(?:[A-HJ-NP-Z0-9]{4}[A-HJ-NP-Z0-9挂学警港澳]|[DF][A-HJ-NP-Z0-9][0-9]{4}"
    r"|[0-9]{5}[DF]))(?:[^A-Za-z0-9]|$)"
)
_ANNOUNCED = compiled(
    r"(?i)(?:\b(?:licen[cs]e|number|registration|vehicle|car|reg)[ -](?:plates?"
    r"|reg(?:istration)?|mark)"
    r"|\bplate|\bvrm|车牌|車牌)"
    r"(?: ?(?:numbers?|no|号码|号|號碼|是|为|is|was|of|reads?|:|：|#|\.)){0,4} {0,2}"
    r"([A-Z0-9]{1,4}(?:[ -]?[A-Z0-9]{1,4}){1,2})(?:[^A-Za-z0-9]|$)"
)


def find(text: str) -> Iterator[Found]:
    """Plates with at least one digit."""
    for pattern in (_CHINESE, _ANNOUNCED):
        for match in pattern.finditer(text):
            start, end = match.span(1)
            code = "".join(filter(str.isalnum, match[1])).upper()
            if any(map(str.isdigit, code)) and len(code) >= 4:
                yield Found(start, end, "PLATE", code)
