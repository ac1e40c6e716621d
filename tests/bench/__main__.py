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
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from deploy.runtime import RuntimeUnavailable
from deploy.system import System, WorkerFailed
from deploy.system.ending import orderly_on_sigterm
from tests.bench import (
    at_rest,
    burst,
    classify,
    costs,
    delivery,
    generate,
    latency,
    learning,
    machine,
    memory,
    personalize,
    report,
    scaling,
    search,
    soak,
    strangers,
    throughput,
)
from tests.bench.figures import Result

Say = Callable[[str], None]
Measured = Callable[[Path, argparse.Namespace, Say], Result]
ALONE: dict[str, Measured] = {
    "delivery": lambda folder, _, say: delivery.measure(folder, say),
    "classify": lambda folder, told, say: classify.measure(folder, told.home, say),
    "personalize": lambda folder, _, say: personalize.measure(folder, say),
    "generate": lambda folder, told, say: generate.measure(folder, told.home, say),
    "search": lambda _, __, say: search.measure(say),
    "throughput": lambda folder, told, say: throughput.measure(
        folder, told.home, say, quick=told.quick
    ),
    "scaling": lambda folder, told, say: scaling.measure(folder, told.home, say, quick=told.quick),
    "learning": lambda folder, told, say: learning.measure(
        folder, told.data / "intents", told.home, told.finetune, say
    ),
    "strangers": lambda _, told, say: strangers.measure(told.data / "tickets", told.home, say),
}
"""Parts by name, each given a folder of its own, the arguments, and whom to tell how it goes."""
TOGETHER: dict[str, Callable[[System, argparse.Namespace, Say], Result]] = {
    "latency": lambda system, told, say: latency.measure(system, told.home, say),
    "at-rest": lambda system, told, say: at_rest.measure(system, say, quick=told.quick),
    "memory": lambda system, _, say: memory.measure(system, say),
    "costs": lambda system, told, say: costs.measure(system, say, quick=told.quick),
    "burst": lambda system, told, say: burst.measure(system, say, quick=told.quick),
    "soak": lambda system, told, say: soak.measure(
        system, say, soak.QUICK_MINUTES if told.quick else told.minutes
    ),
}
"""Parts that look at the whole system, the same one."""
PARTS = (*ALONE, *TOGETHER)
OF_DATA = ("learning", "strangers")
"""Those that judge by other people's data, which are not ours to commit."""
WIDTH = 170


def main() -> int:
    orderly_on_sigterm()
    arguments = parse()
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    began = time.monotonic()

    def say(line: str) -> None:
        console.print(f"{time.monotonic() - began:6.1f} s  {line}", highlight=False, markup=False)

    try:
        results = measured(arguments, say)
    except (RuntimeUnavailable, WorkerFailed, RuntimeError) as error:
        print(error, file=sys.stderr)
        return 1
    for result in results:
        result.show(console)
    if arguments.out:
        before = arguments.out.read_text("utf-8") if arguments.out.exists() else ""
        page = markdown(results)
        if arguments.part and before:
            page = report.renewed(before, [result.markdown() for result in results])
        arguments.out.write_text(page, encoding="utf-8")
        say(f"written to {arguments.out}")
    return 0


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("part", nargs="?", choices=PARTS, help="one of them (default: all)")
    parser.add_argument(
        "--out",
        type=Path,
        help="write the results there, as Markdown; of one part, put them in their place there",
    )
    parser.add_argument(
        "--data", type=Path, help="folder with public data, for learning and strangers"
    )
    parser.add_argument(
        "--finetune",
        nargs="+",
        choices=learning.TUNED,
        default=(),
        help="with learning: encoders too, on few examples or all; hours on two cores",
    )
    parser.add_argument(
        "--quick",
        action="store_true",
        help="short forms of throughput, scaling, at-rest, costs, burst and soak: do they work?",
    )
    parser.add_argument(
        "--minutes", type=float, default=soak.MINUTES, help="how long soak takes (default: 30)"
    )
    parser.add_argument("--home", type=Path, default=Path(".careloop"), help="where models are")
    arguments = parser.parse_args()
    if arguments.part in OF_DATA and not arguments.data:
        parser.error(f"{arguments.part} needs --data FOLDER with intents/ and tickets/")
    return arguments


def measured(arguments: argparse.Namespace, say: Say) -> list[Result]:
    """What the chosen parts came to, in their order."""
    chosen = (arguments.part,) if arguments.part else PARTS
    with tempfile.TemporaryDirectory(prefix="careloop-bench-") as folder:
        results = [
            ALONE[part](Path(folder), arguments, say)
            for part in chosen
            if part in ALONE and (arguments.data or part not in OF_DATA)
        ]
        together = [part for part in chosen if part in TOGETHER]
        if together:
            with System(Path(folder) / "system", arguments.home, say) as system:
                results += [TOGETHER[part](system, arguments, say) for part in together]
    return results


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
