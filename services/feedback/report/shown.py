"""How a figure is shown to people, and told to programs."""

import math
from collections.abc import Callable, Sequence
from typing import Any

from services.feedback.domain.quality import Estimate, Share


def share_of(share: Share) -> str:
    """A share with its interval and its count."""
    low, high = share.interval
    return estimate(Estimate(share.value, low, high, share.whole), percent)


def estimate(found: Estimate, shown: Callable[[float], str]) -> str:
    """A figure with its interval, if that can be told, and its count."""
    if math.isnan(found.value):
        return "-"
    if math.isnan(found.low):
        return f"{shown(found.value)} ({found.count})"
    return f"{shown(found.value)} ({shown(found.low)} to {shown(found.high)}; {found.count})"


def duration(milliseconds: float) -> str:
    """In the unit that people would say it in."""
    seconds = milliseconds / 1000
    if seconds < 100:
        return f"{seconds:.1f} s" if seconds >= 1 else f"{milliseconds:.0f} ms"
    return f"{seconds / 60:.1f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"


def number(value: float) -> str:
    """With two decimals."""
    return f"{value:.2f}"


def percent(value: float) -> str:
    """In whole per cent."""
    return f"{value:.0%}"


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """The rows as lines of columns, the first to the left and the others to the right."""
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    return [_line(row, widths) for row in rows]


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = zip(cells, widths, strict=True)
    return "  ".join([first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)])


def share_data(share: Share) -> dict[str, Any]:
    """With its interval and counts; what is not known is null."""
    low, high = share.interval
    known = {"value": _known(share.value), "low": low, "high": high}
    return {**known, "part": share.part, "count": share.whole}


def estimate_data(found: Estimate) -> dict[str, Any]:
    """The same of a figure that is no share."""
    ends = {"low": _known(found.low), "high": _known(found.high)}
    return {"value": _known(found.value), **ends, "count": found.count}


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value
