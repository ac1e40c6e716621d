"""How fast, how quick and how big careloop is, each against a yardstick measured in the same run.

Timings of one machine tell little and vary with whatever else it does; the ratios are what counts.
Kafka and the database are taken as everywhere: those that KAFKA_BOOTSTRAP_SERVERS and MONGO_URL
name, else containers, else processes of this machine. Name none that others use: topics are filled
with made-up messages.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from deploy.runtime import RuntimeUnavailable
from deploy.system import System, WorkerFailed
from tests.bench import (
    classify,
    delivery,
    latency,
    learning,
    machine,
    memory,
    search,
    strangers,
)
from tests.bench.figures import Result

PARTS = ("delivery", "classify", "search", "learning", "strangers", "latency", "memory")
OF_DATA = ("learning", "strangers")
"""Those that judge by other people's data, which are not ours to commit."""
WIDTH = 170


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("part", nargs="?", choices=PARTS, help="one of them (default: all)")
    parser.add_argument("--out", type=Path, help="write the results there, as Markdown")
    parser.add_argument(
        "--data", type=Path, help="folder with public data, for learning and strangers"
    )
    parser.add_argument(
        "--finetune",
        nargs="+",
        choices=learning.TUNED,
        default=(),
        help="with learning: encoders too, on few examples or all; an hour or so each",
    )
    parser.add_argument("--home", type=Path, default=Path(".careloop"), help="where models are")
    arguments = parser.parse_args()
    if arguments.part in OF_DATA and not arguments.data:
        parser.error(f"{arguments.part} needs --data FOLDER with intents/ and tickets/")
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    began = time.monotonic()

    def say(line: str) -> None:
        console.print(f"{time.monotonic() - began:6.1f} s  {line}", highlight=False, markup=False)

    chosen = (arguments.part,) if arguments.part else PARTS
    try:
        with tempfile.TemporaryDirectory(prefix="careloop-bench-") as folder:
            results = []
            if "delivery" in chosen:
                results.append(delivery.measure(Path(folder), say))
            if "classify" in chosen:
                results.append(classify.measure(Path(folder), arguments.home, say))
            if "search" in chosen:
                results.append(search.measure(say))
            if "learning" in chosen and arguments.data:
                results.append(
                    learning.measure(
                        Path(folder),
                        arguments.data / "intents",
                        arguments.home,
                        arguments.finetune,
                        say,
                    )
                )
            if "strangers" in chosen and arguments.data:
                tickets = arguments.data / "tickets"
                results.append(strangers.measure(tickets, arguments.home, say))
            if {"latency", "memory"} & set(chosen):
                with System(Path(folder) / "system", arguments.home, say) as system:
                    if "latency" in chosen:
                        results.append(latency.measure(system, arguments.home, say))
                    if "memory" in chosen:
                        results.append(memory.measure(system, say))
    except (RuntimeUnavailable, WorkerFailed, RuntimeError) as error:
        print(error, file=sys.stderr)
        return 1
    for result in results:
        result.show(console)
    if arguments.out:
        arguments.out.write_text(markdown(results), encoding="utf-8")
        say(f"written to {arguments.out}")
    return 0


def markdown(results: Sequence[Result]) -> str:
    """The results as a page, with what they were measured on."""
    today = datetime.now(UTC).date().isoformat()
    about = "\n".join(f"- {line}" for line in machine.description())
    head = (
        f"# Benchmarks\n\nMeasured on {today} by `python -m tests.bench --out FILE`.\n\n{about}\n"
    )
    return "\n".join([head, *(result.markdown() for result in results)])


if __name__ == "__main__":
    sys.exit(main())
