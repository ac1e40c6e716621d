"""Simulated customers, whose truth is known, write to the five real workers for some weeks.

Kafka, the database, the classifier and the workers are real; days pass in seconds. Six scenarios
are played one after the other; each is a row of the table at the end, and all days are one chart.
"""

import argparse
import asyncio
import shutil
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from deploy.demo.upstream import Upstream
from deploy.runtime import RuntimeUnavailable
from deploy.simulation.chart import Chapter, Mark, drawn, series
from deploy.simulation.models import Models
from deploy.simulation.population import FOR_PEOPLE, SERVED, Population
from deploy.simulation.scenarios import bad_model, drift, hostile, new_wish, outage, steady
from deploy.simulation.scenarios.stage import Row, Stage
from deploy.simulation.town import POLICY_INTERVAL_SECONDS, START, Town
from deploy.simulation.wishes import LEARNED_FROM, corpus
from deploy.system import System, WorkerFailed
from deploy.system.backlog import Backlog
from deploy.system.ending import orderly_on_sigterm
from services.feedback.domain.policy import Policy, Promise
from shared.clock import set_clock

NEW_WISH = "booking"
PROMISE = Promise(
    alpha=0.15,
    delta=0.1,
    default_threshold=0.9,
    alphas={},
    intents=len((*SERVED, *FOR_PEOPLE, NEW_WISH)),
)
MESSAGES = 260
WIDTH = 186

Play = Callable[[Stage], Awaitable[Row]]
SCENARIOS: dict[str, Play] = {
    "outage": outage.play,
    "steady": steady.play,
    "hostile": hostile.play,
    "new wish": new_wish.play,
    "drift": drift.play,
    "bad model": bad_model.play,
}
"""In the order in which they are played: each goes on where the one before ended."""


def main(arguments: Sequence[str] | None = None) -> int:
    given = parse(arguments)
    orderly_on_sigterm()
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    began = time.monotonic()

    def say(line: str) -> None:
        console.print(f"[dim]{time.monotonic() - began:5.1f} s[/dim]  {line}", highlight=False)

    folder = given.home / "simulation"
    shutil.rmtree(folder / "data", ignore_errors=True)
    wishes = corpus(NEW_WISH, given.learned)
    models = Models(folder, given.home / "cache", wishes.learned)
    clock = folder / "clock"
    set_clock(clock, START)
    try:
        say(f"training a classifier from {len(wishes.learned)} seed messages, none of {NEW_WISH}")
        say(f"classifier@{models.train_first()}")
        with System(folder / "data", folder, say, _environment(clock)) as system:
            population = Population(wishes, NEW_WISH, given.seed)
            rows = asyncio.run(_play(system, population, models, given, say))
    except (RuntimeUnavailable, WorkerFailed, RuntimeError) as error:
        console.print(str(error), style="red", highlight=False, markup=False)
        return 1
    console.print(_table(rows))
    console.print(f"Chart: {folder / 'chart.svg'}. {time.monotonic() - began:.0f} s in all.")
    return 0 if all(row.reached for row in rows) else 1


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m deploy.simulation", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="of customers; default: %(default)s")
    parser.add_argument(
        "--messages", type=int, default=MESSAGES, help="a day; default: %(default)s"
    )
    parser.add_argument(
        "--learned",
        type=float,
        default=LEARNED_FROM,
        metavar="SHARE",
        help="of the seed messages that the first classifier learns from; customers write the "
        "others; default: %(default)s",
    )
    parser.add_argument(
        "--only",
        nargs="+",
        choices=SCENARIOS,
        default=list(SCENARIOS),
        metavar="SCENARIO",
        help=f"some of: {', '.join(SCENARIOS)}; default: all",
    )
    parser.add_argument("--home", type=Path, default=Path(".careloop"), help="where all is kept")
    return parser.parse_args(arguments)


def _environment(clock: Path) -> dict[str, str]:
    return {
        "CLOCK_FILE": str(clock),
        "POLICY_INTERVAL_SECONDS": str(POLICY_INTERVAL_SECONDS),
        "POLICY_ALPHA": str(PROMISE.alpha),
        "POLICY_DELTA": str(PROMISE.delta),
        "POLICY_INTENTS": str(PROMISE.intents),
        "ANSWER_THRESHOLD": str(PROMISE.default_threshold),
    }


async def _play(
    system: System,
    population: Population,
    models: Models,
    given: argparse.Namespace,
    say: Callable[[str], None],
) -> list[Row]:
    kafka, folder = system.runtime.endpoints.kafka, given.home / "simulation"
    rows, chapters, marks = [], [], []
    async with Upstream(kafka) as upstream, Backlog(kafka) as backlog:
        start = Policy(0, PROMISE.default_threshold)
        town = Town(upstream, backlog, folder / "clock", population.intents, start)
        stage = Stage(system, town, population, models, PROMISE, given.messages, say)
        for name in (one for one in SCENARIOS if one in given.only):
            first, known = town.today + 1, len(town.promoted)
            row = await SCENARIOS[name](stage)
            rows.append(row)
            chapters.append(Chapter(row.name, first, town.today))
            say(f"{row.name}: {row.came}: {'reached' if row.reached else 'not reached'}")
            for told in town.promoted[known:]:
                day = (datetime.fromisoformat(told["promoted_at"]) - START).days
                rolled_back = told["reason"].startswith("rolled back")
                marks.append(Mark(day, "rolled back" if rolled_back else "promoted"))
    chart = drawn(series(town.cases), chapters, marks, PROMISE.alpha)
    (folder / "chart.svg").write_text(chart, "utf-8")
    return sorted(rows, key=lambda row: row.number)


def _table(rows: Sequence[Row]) -> Table:
    table = Table(title="Simulated customers whose truth is known", show_lines=True)
    for heading in ("", "scenario", "what happens", "wanted", "what came", ""):
        table.add_column(heading, overflow="fold")
    for row in rows:
        verdict = "[green]reached[/green]" if row.reached else "[red]not reached[/red]"
        table.add_row(str(row.number), row.name, row.happened, row.wanted, row.came, verdict)
    return table


if __name__ == "__main__":
    sys.exit(main())
