"""Order and tracking numbers."""

import re
from collections.abc import Iterator

from services.classify.domain.entities.entity import Entity, Free

_NUMBER = r"(?P<number>[A-Z]{0,5}[-_]?\d[A-Z0-9]{0,30}(?:[-_][A-Z0-9]{1,20}){0,3})"
_GAP = r"[\s:：#＃是为号码编.,，=(（【\[]{0,6}(?:\b(?:no|number|num|id|is|nr)\b[\s:.#]{0,3}){0,2}"
_AFTER = r"(?![A-Za-z0-9]|[./:]\d|\s?(?:元|块|天|小时|分钟|个|件|次|月|年|日|%))"
_ORDER = re.compile(
    r"(?:订单|订购|单号|下单|工单|保单|预订|预定|票号|\b(?:orders?|booking|reservation|purchase"
    rf"|confirmation|reference|ref|po|policy|claim|ticket)\b){_GAP}{_NUMBER}{_AFTER}",
    re.IGNORECASE,
)
_TRACKING = re.compile(
    r"(?:运单|快递单|物流单|快递|物流|顺丰|圆通|中通|申通|韵达|\b(?:tracking|parcel|shipment|awb|waybill"
    rf"|consignment|ups|dhl|fedex|usps)\b){_GAP}{_NUMBER}{_AFTER}",
    re.IGNORECASE,
)
_HASH = re.compile(rf"(?<![A-Za-z0-9&])[#＃]\s?{_NUMBER}{_AFTER}", re.IGNORECASE)
_CARRIER = re.compile(
    r"(?<![A-Za-z0-9])(?P<number>1Z[0-9A-Z]{16}|SF\d{12,15}|YT\d{13,16}|JD[A-Z]{0,2}\d{10,16}"
    r"|ZT\d{12,14}|[A-Z]{2}\d{9}[A-Z]{2})(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_LEAST_DIGITS = 3


def find_references(text: str) -> Iterator[Entity]:
    """Numbers that a word before them, their form or a # calls an order's or a parcel's."""
    free = Free(len(text))
    for kind, pattern in (
        ("tracking", _CARRIER),
        ("tracking", _TRACKING),
        ("order", _ORDER),
        ("order", _HASH),
    ):
        for match in pattern.finditer(text):
            written, start, end = match["number"], match.start("number"), match.end("number")
            entity = Entity(kind, written, _normal(written), start, end)  # type: ignore[arg-type]
            if _enough(written) and free.take(entity):
                yield entity


def _normal(written: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", written.upper())


def _enough(written: str) -> bool:
    return sum(character.isdigit() for character in written) >= _LEAST_DIGITS
