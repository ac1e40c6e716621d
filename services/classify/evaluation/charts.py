"""Drawings as SVG and HTML, without any library; colours come from the page's style."""

from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any

_SIZE = 300
_MARGIN = 60
_PALEST = 12
_TICKS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


def reliability_diagram(bins: Sequence[Mapping[str, Any]]) -> str:
    """Accuracy of each confidence bin as a bar, against the diagonal; below, the messages in it."""
    most = max(told["rows"] for told in bins)
    bars = [_bar("bar", told, _y(0), _SIZE * told["accuracy"]) for told in bins]
    bars += [_bar("count", told, _HISTOGRAM + 40, 40 * told["rows"] / most) for told in bins]
    diagonal = f'<line class="guide" x1="{_x(0)}" y1="{_y(0)}" x2="{_x(1)}" y2="{_y(1)}"/>'
    caption = _text(_x(0), _HISTOGRAM + 56, "messages in each bin", "start")
    return _svg(
        "Reliability diagram: accuracy by confidence",
        [*bars, diagonal, caption, _axes("confidence", "accuracy")],
        _HISTOGRAM + 62,
    )


def risk_coverage_curve(curve: Sequence[Sequence[float]], risk: float, coverage: float) -> str:
    """The share wrong among the surest, by the share answered; the limit of `risk` is marked."""
    highest = max(risk * 2, *(wrong for _, wrong in curve))

    def y(wrong: float) -> float:
        return _y(wrong / highest)

    points = " ".join(f"{_x(share):.1f},{y(wrong):.1f}" for share, wrong in curve)
    limit = f'<line class="guide" x1="{_x(0)}" y1="{y(risk):.1f}" x2="{_x(1)}" y2="{y(risk):.1f}"/>'
    mark = (
        f'<line class="mark" x1="{_x(coverage):.1f}" y1="{_y(0)}" x2="{_x(coverage):.1f}"'
        f' y2="{y(risk):.1f}"><title>{coverage:.1%} answered</title></line>'
    )
    line = f'<polyline class="curve" points="{points}"/>'
    label = _text(_x(1), y(risk) - 5, f"{risk:.0%} wrong", "end")
    return _svg(
        "Risk-coverage curve: share wrong by share answered",
        [limit, line, mark, label, _axes("share answered", "share wrong", highest)],
        _SIZE + 52,
    )


def heat_map(labels: Sequence[str], counts: Sequence[Sequence[int]]) -> str:
    """A confusion matrix as a table: labels down, guesses across, darker for larger shares."""
    head = "".join(f"<th><span>{escape(label)}</span></th>" for label in labels)
    lines = [f'<tr><th class="corner">label \\ predicted</th>{head}</tr>']
    for row, (label, told) in enumerate(zip(labels, counts, strict=True)):
        total = sum(told)
        cells = "".join(
            _cell(count, total, row == column, f"{label} as {labels[column]}")
            for column, count in enumerate(told)
        )
        lines.append(f"<tr><th>{escape(label)}</th>{cells}</tr>")
    return f'<div class="scroll"><table class="matrix">{"".join(lines)}</table></div>'


def _cell(count: int, total: int, is_right: bool, hint: str) -> str:
    if not count:
        return "<td></td>"
    colour = "--good" if is_right else "--bad"
    share = max(_PALEST, round(100 * count / total))
    kind = ' class="strong"' if share > 50 else ""
    return (
        f'<td{kind} style="background:color-mix(in srgb,var({colour}) {share}%,transparent)"'
        f' title="{escape(hint)}: {count}">{count}</td>'
    )


_HISTOGRAM = _SIZE + 60


def _x(share: float) -> float:
    return _MARGIN + share * _SIZE


def _y(share: float) -> float:
    return 10 + (1 - share) * _SIZE


def _bar(kind: str, told: Mapping[str, Any], bottom: float, height: float) -> str:
    left, right = _x(told["lower"]), _x(told["upper"])
    return (
        f'<rect class="{kind}" x="{left + 1:.1f}" y="{bottom - height:.1f}"'
        f' width="{right - left - 2:.1f}" height="{height:.1f}">'
        f"<title>{told['rows']} messages, confidence {told['confidence']:.3f},"
        f" accuracy {told['accuracy']:.3f}</title></rect>"
    )


def _axes(across: str, up: str, highest: float = 1.0) -> str:
    frame = f'<path class="axis" d="M{_x(0)} {_y(1)}V{_y(0)}H{_x(1)}"/>'
    shown: Callable[[float], str] = "{:.1f}".format if highest == 1 else "{:.1%}".format
    marks = [_text(_x(tick), _y(0) + 16, f"{tick:.1f}", "middle") for tick in _TICKS]
    marks += [_text(_x(0) - 6, _y(tick) + 4, shown(tick * highest), "end") for tick in _TICKS]
    below = _text(_x(0.5), _y(0) + 34, across, "middle")
    middle = _y(0.5)
    beside = f'<text transform="rotate(-90)" x="{-middle}" y="12" text-anchor="middle">{up}</text>'
    return "".join([frame, *marks, below, beside])


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _svg(label: str, parts: Sequence[str], height: int) -> str:
    width = _SIZE + _MARGIN + 20
    return (
        f'<svg role="img" aria-label="{label}" viewBox="0 0 {width} {height}" width="{width}"'
        f' height="{height}">{"".join(parts)}</svg>'
    )
