"""What a benchmark found, and how it is shown."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Figure:
    """One measured thing. `goal` is in words; `reached` is None where there is none."""

    what: str
    measured: str
    yardstick: str = ""
    ratio: str = ""
    goal: str = ""
    reached: bool | None = None

    @property
    def verdict(self) -> str:
        return {None: "", True: "reached", False: "missed"}[self.reached]

    @property
    def cells(self) -> tuple[str, ...]:
        return (self.what, self.measured, self.yardstick, self.ratio, self.goal, self.verdict)


COLUMNS = ("what", "measured", "yardstick, same run", "ratio", "goal", "")


@dataclass(frozen=True)
class Result:
    """The figures of one benchmark; `notes` say what they were measured on and what is the same."""

    title: str
    figures: Sequence[Figure]
    notes: Sequence[str] = field(default=())

    def show(self, console: Console) -> None:
        table = Table(title=self.title, title_justify="left")
        for column in COLUMNS:
            table.add_column(column, overflow="fold")
        for figure in self.figures:
            table.add_row(*figure.cells)
        console.print(table)
        for note in self.notes:
            console.print(f"- {note}", highlight=False)

    def markdown(self) -> str:
        rows = [COLUMNS, ("---",) * len(COLUMNS), *(figure.cells for figure in self.figures)]
        lines = [f"| {' | '.join(cells)} |" for cells in rows]
        notes = [f"- {note}" for note in self.notes]
        return "\n".join([f"## {self.title}", "", *lines, "", *notes, ""])


def ratios(ours: Sequence[float], yardstick: Sequence[float]) -> list[float]:
    """Round by round, so that whatever else the machine does weighs on both sides alike."""
    return [one / other for one, other in zip(ours, yardstick, strict=True)]


def spread(values: Sequence[float], digits: int = 2) -> str:
    """The median, with the smallest and largest of the rounds."""
    low, middle, high = min(values), statistics.median(values), max(values)
    return f"{middle:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"


def over(
    what: str, unit: str, ours: Sequence[float], yardstick: Sequence[float], goal: float
) -> Figure:
    """Speeds of both sides by round, in `unit` such as `tickets/s`, and their ratio against the
    least it is to be."""
    found = ratios(ours, yardstick)
    return Figure(
        what,
        f"{statistics.median(ours):.0f} {unit}",
        f"{statistics.median(yardstick):.0f} {unit}",
        spread(found),
        f"at least {goal:g}",
        statistics.median(found) >= goal,
    )


def memory_of_worker(megabytes: float, most: float) -> Figure:
    """What a worker holds when it has done its work."""
    return Figure(
        "worker, resident after it",
        f"{megabytes:.0f} MB",
        goal=f"at most {most:g} MB",
        reached=megabytes <= most,
    )
