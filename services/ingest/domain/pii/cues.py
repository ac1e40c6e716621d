"""What the words before a place in the text announce."""

import re
from functools import lru_cache

REACH = 40
"""How many characters before something may say what it is."""

# A comma within a number or right after 号 goes on with what it was.
_CLAUSE_END = re.compile(r"[。!?;！？；\n]|[.,、，](?![0-9])|(?<![0-9号號])[,、，]")
_ORDER = re.compile(
    r"订单|訂單|单号|單號|运单|運單|快递|物流|流水|交易号|交易单|编号|編號|发票|發票|工单|保单|票号"
    r"|航班|型号|条码|序列号|追踪|追蹤|合同号|批次|取件码|提货码|货号"
    r"|\b(?:orders?|tracking|invoice|reference|ref|tickets?|case (?:id|no|number)|parcel|shipment"
    r"|booking|confirmation|transaction|txn|awb|waybill|sku|serial|model|imei|order_?(?:id|no)"
    r"|part (?:no|number)|item (?:no|number)|po (?:no|number)|rma|upc|isbn|ean|coupon|voucher"
    r"|consignment|delivery (?:no|number))\b",
    re.IGNORECASE,
)


def before(text: str, start: int) -> str:
    """The text in reach before a place."""
    return text[max(0, start - REACH) : start]


@lru_cache(maxsize=64)
def order_cue(lead: str) -> int:
    """Where the last word for an order or tracking number ends in the same clause; -1 if none."""
    clause = max(0, last_end(_CLAUSE_END, lead))
    cue = last_end(_ORDER, lead[clause:])
    return cue if cue < 0 else clause + cue


def last_end(pattern: re.Pattern[str], text: str) -> int:
    """Where the last match ends; -1 when there is none."""
    return max((match.end() for match in pattern.finditer(text)), default=-1)


def stands_alone(text: str, start: int, end: int) -> bool:
    """Whether what is there is no piece of a longer code, word or path."""
    lead, follow = text[max(0, start - 2) : start], text[end : end + 2]
    if lead and (
        _is_code(lead[-1]) or (lead[-1] in "-/#_" and len(lead) > 1 and _is_code(lead[0]))
    ):
        return False
    return not (
        follow
        and (
            _is_code(follow[0]) or (follow[0] in "-/_" and len(follow) > 1 and _is_code(follow[1]))
        )
    )


def _is_code(character: str) -> bool:
    return character.isascii() and (character.isalnum() or character == "_")
