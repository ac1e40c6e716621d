"""What each fault came to, on the terminal and as a page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from rich.console import Console
from rich.table import Table

from tests.bench import machine

Verdict = Literal["held", "FAILED", "skipped"]
HEADINGS = ("fault", "what happens", "what came of it", "seconds", "")


@dataclass(frozen=True, slots=True)
class Row:
    """One fault; `came` is what was found, or what did not hold, or why it was left out."""

    name: str
    happens: str
    came: str
    seconds: float
    verdict: Verdict

    @property
    def cells(self) -> tuple[str, ...]:
        return (self.name, self.happens, self.came, f"{self.seconds:.0f}", self.verdict)


def show(rows: Sequence[Row], seed: int, console: Console) -> None:
    table = Table(title=f"Faults, seed {seed}", title_justify="left", show_lines=True)
    for heading in HEADINGS:
        table.add_column(heading, overflow="fold", justify="left")
    for row in rows:
        table.add_row(*row.cells, style="red" if row.verdict == "FAILED" else None)
    console.print(table, markup=False)


def markdown(rows: Sequence[Row], seed: int, command: str) -> str:
    """The table as a page, with what it was made on."""
    today = datetime.now(UTC).date().isoformat()
    about = "\n".join(f"- {line}" for line in machine.description())
    lines = [_line(HEADINGS), _line(["---"] * len(HEADINGS))]
    lines += [_line(row.cells) for row in rows]
    held = sum(row.verdict == "held" for row in rows)
    head = (
        f"# Faults\n\nPlayed on {today} by `{command}`, seed {seed}: {held} of {len(rows)} held.\n"
        "\nA fault holds when every message in has one terminal state and one reply, and those of "
        "a ticket came in order. All but disk-full, poison-deploy, poison-classify, hostile, "
        "back-office and language-model also compare the five databases with those after the same "
        "messages without a fault; times, seals, vectors and counts of tries are left out. The "
        "workers' clock stands still for that, but in the fault of that name.\n"
    )
    return "\n".join([head, about, "", *lines, ""])


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"
