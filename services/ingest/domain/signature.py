"""Signatures: who wrote, below what they wrote."""

import re

from services.ingest.domain.history import Parted

_MOST_LINES, _LONGEST_LINE, _MOST_WORDS = 8, 80, 9
_DELIMITER = re.compile(r"(?:--|__|[-_\u2014\u2015]{3,})")
_DEVICE = re.compile(
    r"(?:sent (?:from|via|with|by) (?:my |the )?.{2,40}|get outlook for .{2,20}"
    r"|(?:发自|發自|来自|從|从)我?的?.{0,20}(?:iphone|ipad|手机|手機|邮箱|郵箱|mail|客户端|華為|华为|小米)"
    r".{0,12})",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"(?:(?:with |my |many )?(?:best|kind|kindest|warm|warmest)(?: regards| wishes)?|regards"
    r"|(?:yours |very )?(?:sincerely|truly|faithfully)(?: yours)?|yours|cheers|thanks(?: again)?"
    r"|(?:many|best) thanks|thank you(?: very much)?|thanks (?:and|&) regards|thx|rgds|br|sincerely"
    r"|respectfully|此致|敬礼|此致敬礼|祝好|顺颂商祺|順頌商祺|谢谢|謝謝|祝商祺|敬上)"
    r"\s?[,.!;\u3002]?",
    re.IGNORECASE,
)
_ABOUT_THE_CASE = re.compile(
    r"\b(?:orders?|refund|invoice|tracking|parcel|ticket|ref|booking)\b|订单|訂單|单号|退款|发票|运单|[?!]",
    re.IGNORECASE,
)


def parted(text: str) -> Parted:
    """The text apart from the signature at its end, here as what is `quoted`.

    A signature begins at a line of dashes, a word of goodbye on a line of its own, or a mail
    program's own line, and has few short lines. What speaks of the case, or asks, is none.
    """
    lines = text.split("\n")
    first = max(1, len(lines) - _MOST_LINES - 1)
    for number in range(first, len(lines)):
        if _begins(lines, number) and (written := "\n".join(lines[:number]).strip()):
            return Parted(written, "\n".join(lines[number:]).strip())
    return Parted(text, "")


def _begins(lines: list[str], number: int) -> bool:
    line, rest = lines[number].strip(), [other.strip() for other in lines[number + 1 :]]
    if not all(map(_is_short, rest)):
        return False
    said = [other for other in rest if other]
    if _DEVICE.fullmatch(line):
        return True
    return bool(said) and bool(_DELIMITER.fullmatch(line) or _CLOSING.fullmatch(line))


def _is_short(line: str) -> bool:
    """Whether a line may be a name, a position, an address or a number."""
    return (
        len(line) <= _LONGEST_LINE
        and len(line.split()) <= _MOST_WORDS
        and not _ABOUT_THE_CASE.search(line)
    )
