"""The simulated days as one picture: SVG that a browser or a README shows as it is."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from deploy.simulation.truth import Case, mean, wrong

WIDTH, HEIGHT = 960, 400
LEFT, RIGHT, TOP, BOTTOM = 48, 150, 64, 36
COLOURS = {"automatic": "#2563eb", "wrong": "#dc2626", "read right": "#059669"}
FONT = 'font-family="system-ui, sans-serif" font-size="12"'


@dataclass(frozen=True, slots=True)
class Chapter:
    """A scenario's days, the last one included."""

    name: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened after a day."""

    day: int
    text: str


def series(cases: Sequence[Case]) -> Mapping[str, Mapping[int, float]]:
    """By day: how many were answered automatically, how many of those wrongly, and how many wishes
    were understood."""
    days: dict[int, list[Case]] = {}
    for case in cases:
        days.setdefault(case.day, []).append(case)
    figures: Mapping[str, Callable[[Sequence[Case]], float]] = {
        "automatic": lambda those: mean([case.reply.is_automatic for case in those]),
        "wrong": wrong,
        "read right": lambda those: mean([case.is_read for case in those]),
    }
    return {
        name: {day: figure(those) for day, those in days.items()}
        for name, figure in figures.items()
    }


def drawn(
    lines: Mapping[str, Mapping[int, float]],
    chapters: Sequence[Chapter],
    marks: Sequence[Mark],
    alpha: float,
) -> str:
    """The lines over the days, on a white ground so that it can be read in any page."""
    days = [day for values in lines.values() for day in values]
    paper = _Paper(min(days), max(days))
    parts = [f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>']
    parts += [paper.chapter(number, one) for number, one in enumerate(chapters)]
    parts += [paper.level(share, f"{share:.0%}") for share in (0.0, 0.25, 0.5, 0.75, 1.0)]
    parts.append(paper.promise(alpha))
    parts += [paper.mark(one) for one in marks]
    parts += [paper.line(values, COLOURS[name], name) for name, values in lines.items()]
    parts += [paper.day(day) for day in range(min(days), max(days) + 1) if day % 5 == 0]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" '
        f'role="img" aria-label="Simulated days: shares of messages" {FONT}>'
        f"{''.join(parts)}</svg>\n"
    )


@dataclass(frozen=True, slots=True)
class _Paper:
    """Where days and shares lie."""

    first: int
    last: int

    def x(self, day: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (day - self.first) / max(1, self.last - self.first)

    def y(self, share: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (1 - share)

    def chapter(self, number: int, one: Chapter) -> str:
        left, right = self.x(one.first - 0.5), self.x(one.last + 0.5)
        shade = "#f1f5f9" if number % 2 else "#e2e8f0"
        box = (
            f'<rect x="{left:.1f}" y="{TOP}" width="{right - left:.1f}"'
            f' height="{HEIGHT - TOP - BOTTOM}" fill="{shade}"/>'
        )
        # Short chapters' names would run into each other on one line.
        height = TOP - 8 - 16 * (number % 2)
        return box + _text((left + right) / 2, height, one.name, "middle", "#334155")

    def level(self, share: float, text: str) -> str:
        y = self.y(share)
        grid = f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"'
        return f'{grid} stroke="#ffffff"/>' + _text(LEFT - 6, y + 4, text, "end", "#334155")

    def promise(self, alpha: float) -> str:
        y = self.y(alpha)
        line = (
            f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"'
            f' stroke="{COLOURS["wrong"]}" stroke-dasharray="4 4"/>'
        )
        said = f"promise: {alpha:.0%} wrong at most"
        return line + _text(WIDTH - RIGHT - 4, y - 5, said, "end", COLOURS["wrong"])

    def mark(self, one: Mark) -> str:
        x = self.x(one.day + 0.5)
        line = (
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}"'
            ' stroke="#334155" stroke-dasharray="2 3"/>'
        )
        turned = f'<g transform="rotate(-90 {x - 4:.1f} {TOP + 6})">'
        return line + turned + _text(x - 4, TOP + 6, one.text, "end", "#334155") + "</g>"

    def line(self, values: Mapping[int, float], colour: str, name: str) -> str:
        known = sorted((day, value) for day, value in values.items() if not math.isnan(value))
        points = " ".join(f"{self.x(day):.1f},{self.y(value):.1f}" for day, value in known)
        line = f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>'
        day, value = known[-1]
        label = f"{name} {value:.0%}"
        return line + _text(self.x(day) + 8, self.y(value) + 4, label, "start", colour)

    def day(self, day: int) -> str:
        return _text(self.x(day), HEIGHT - BOTTOM + 18, f"day {day}", "middle", "#334155")


def _text(x: float, y: float, text: str, anchor: str, colour: str) -> str:
    where = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}"'
    return f"<text {where}>{escape(text)}</text>"
