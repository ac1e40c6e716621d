"""Drawings as SVG; colours come from the page's style. What is drawn links to its tickets."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

_WIDTH = 360
_ROW = 46
_BAR = 11
_SPARK = (240, 44)


@dataclass(frozen=True, slots=True)
class Pair:
    """A wish with its customers in this period and those expected."""

    label: str
    now: float
    expected: float
    href: str


@dataclass(frozen=True, slots=True)
class Interval:
    """A share with its interval, and the share of all others."""

    label: str
    value: float
    low: float
    high: float
    others: float
    href: str


def pairs(title: str, rows: Sequence[Pair]) -> str:
    """Two bars each, one below the other: now, and expected."""
    most = max([1.0, *(max(row.now, row.expected) for row in rows)])
    parts = []
    for place, row in enumerate(rows):
        top = place * _ROW
        body = _text(0, top + 13, row.label, "start")
        body += _bar("now", top + 18, (_WIDTH - 40) * row.now / most, f"{row.now:.0f}")
        body += _bar(
            "then", top + 18 + _BAR + 1, (_WIDTH - 40) * row.expected / most, f"{row.expected:.0f}"
        )
        parts.append(_link(row.href, body))
    return _svg(title, parts, _WIDTH, _ROW * len(rows) + 4)


def intervals(title: str, rows: Sequence[Interval]) -> str:
    """A dot on its interval each; a short line marks the share of all others."""
    most = max([0.1, *(row.high for row in rows)])

    def x(share: float) -> float:
        return 4 + (_WIDTH - 60) * share / most

    parts = []
    for place, row in enumerate(rows):
        top, middle = place * _ROW, place * _ROW + 28
        body = _text(0, top + 13, row.label, "start")
        body += (
            f'<line class="range" x1="{x(row.low):.1f}" x2="{x(row.high):.1f}"'
            f' y1="{middle}" y2="{middle}"/>'
            f'<line class="others" x1="{x(row.others):.1f}" x2="{x(row.others):.1f}"'
            f' y1="{middle - 9}" y2="{middle + 9}"/>'
            f'<circle class="dot" cx="{x(row.value):.1f}" cy="{middle}" r="5"/>'
        )
        body += _text(x(row.high) + 8, middle + 4, f"{row.value:.0%}", "start")
        parts.append(_link(row.href, body))
    return _svg(title, parts, _WIDTH, _ROW * len(rows) + 4)


def daily(title: str, counts: Sequence[int], href: str) -> str:
    """A bar a day; the first half is the period before."""
    width, height = _SPARK
    step, most = width / len(counts), max(1, *counts)
    bars = "".join(
        f'<rect class="{"then" if 2 * place < len(counts) else "now"}" x="{place * step:.1f}"'
        f' y="{height - (height - 12) * count / most:.1f}" width="{max(0.5, step - 0.6):.1f}"'
        f' height="{(height - 12) * count / most:.1f}"><title>{count}</title></rect>'
        for place, count in enumerate(counts)
    )
    base = f'<line class="axis" x1="0" x2="{width}" y1="{height}" y2="{height}"/>'
    return _svg(title, [_link(href, bars + base)], width, height + 1)


def _bar(kind: str, y: float, length: float, value: str) -> str:
    rect = f'<rect class="{kind}" x="0" y="{y}" width="{max(1, length):.1f}" height="{_BAR}"/>'
    return rect + _text(length + 5, y + _BAR - 1, value, "start")


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _link(href: str, body: str) -> str:
    return f'<a href="{escape(href)}">{body}</a>'


def _svg(title: str, parts: Sequence[str], width: int, height: int) -> str:
    return (
        f'<svg role="img" aria-label="{escape(title)}" viewBox="0 0 {width} {height}"'
        f' width="{width}">{"".join(parts)}</svg>'
    )
