"""The runbook beside the dashboards: a panel for each of its sections."""

import re
from collections.abc import Mapping
from pathlib import Path

from deploy.monitoring.board import RUNBOOK, Board, Row
from deploy.monitoring.panels import text

FILE = Path(__file__).parents[2] / "runbook.md"
HEADING = re.compile(r"^## (.+)$", re.MULTILINE)
LINES_A_ROW = 1.4
"""Lines of Markdown that one row of Grafana's grid holds."""


def sections() -> Mapping[str, str]:
    """What stands under each heading of the second level."""
    _, *parts = HEADING.split(FILE.read_text("utf-8"))
    return dict(zip(parts[::2], map(str.strip, parts[1::2]), strict=True))


def runbook() -> Board:
    """The dashboard made of deploy/runbook.md."""
    panels = tuple(
        text(content, title=title, height=max(4, round(content.count("\n") / LINES_A_ROW) + 3))
        for title, content in sections().items()
    )
    return Board(
        RUNBOOK,
        "careloop / Runbook",
        "What every alert means, where to look first, and what to do: deploy/runbook.md.",
        (Row("One section for every alert", panels),),
    )
