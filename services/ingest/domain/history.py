"""Quoted mail history: what the customer did not write this time."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

_DIVIDER = re.compile(
    r"\s*(?:-{2,}|_{2,}|\*{2,})\s?"
    r"(?:original (?:message|appointment)|forwarded message|begin forwarded message"
    r"|原始邮件|原邮件|转发邮件|转发的邮件|邮件原件|回复的原邮件)"
    r"\s?(?:-{2,}|_{2,}|\*{2,})?\s*",
    re.IGNORECASE,
)
_ATTRIBUTION = re.compile(
    r"\s*(?:on\s.{1,200}\swrote\s?:|(?:在|于)?\s?.{0,150}\d.{0,150}写道\s?:)\s*", re.IGNORECASE
)
_ATTRIBUTION_BEGINS = re.compile(r"\s*on\s.{1,200}", re.IGNORECASE)
_ATTRIBUTION_ENDS = re.compile(r".{0,200}\bwrote\s?:\s*", re.IGNORECASE)
_HEADER = re.compile(
    r"\s*\**(?:from|sent|date|to|cc|subject|发件人|发送时间|发件时间|日期|时间|收件人|抄送|主题)\**\s?:"
    r".{0,1000}",
    re.IGNORECASE,
)
_FIRST_HEADER = re.compile(r"\s*\**(?:from|发件人)\**\s?:.{1,1000}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Parted:
    """What was written this time, and the history below or between it."""

    written: str
    quoted: str


def parted(text: str) -> Parted:
    """The text apart from quoted mails: `>` lines, and all below a reply's or forward's heading.

    An answer written below a `>` quotation is written this time. A mail that is nothing but
    history stays whole: then the history is the message.
    """
    lines = text.split("\n")
    kept: list[str] = []
    quoted: list[str] = []
    number = 0
    while number < len(lines):
        size = _heading(lines, number)
        if size and not _is_quote(_next_line(lines, number + size)):
            quoted += lines[number:]
            break
        if size:
            quoted += lines[number : number + size]
            number += size
            continue
        (quoted if _is_quote(lines[number]) else kept).append(lines[number])
        number += 1
    remaining = "\n".join(kept).strip()
    return Parted(remaining, "\n".join(quoted).strip()) if remaining else Parted(text, "")


def _heading(lines: Sequence[str], number: int) -> int:
    """How many lines from here head a quoted mail; 0 when they do not."""
    line = lines[number]
    # The cheap look first: few lines end in a colon.
    if _DIVIDER.fullmatch(line) or (line.rstrip().endswith(":") and _ATTRIBUTION.fullmatch(line)):
        return 1
    following = lines[number + 1 : number + 5]
    if (
        _ATTRIBUTION_BEGINS.fullmatch(line)
        and following
        and _ATTRIBUTION_ENDS.fullmatch(following[0])
    ):
        return 2
    headers = sum(1 for other in following if _HEADER.fullmatch(other))
    return 1 if _FIRST_HEADER.fullmatch(line) and headers else 0


def _next_line(lines: Sequence[str], number: int) -> str:
    """The next line that is not blank, within the few that mail programs put there."""
    return next((line for line in lines[number : number + 3] if line.strip()), "")


def _is_quote(line: str) -> bool:
    return line.lstrip().startswith(">")
