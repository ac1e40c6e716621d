"""Faults, one after the other, against the five real workers on a real broker and database.

After each fault the books must balance: as many terminal states as messages, one reply each, in
order, and databases as a run without the fault leaves them. Half an hour on two idle cores.
"""

import argparse
import signal
import sys
import time
from pathlib import Path

from rich.console import Console

from deploy.runtime import RuntimeUnavailable
from deploy.system import WorkerFailed, artifacts
from deploy.system.ending import orderly_on_sigterm
from tests.chaos import table
from tests.chaos.runner import FAULTS, play

WIDTH = 180
NAMES = [fault.name for fault in FAULTS]


def main() -> int:
    given = _parse()
    orderly_on_sigterm()
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    began = time.monotonic()

    def say(line: str) -> None:
        console.print(f"{time.monotonic() - began:7.1f} s  {line}", highlight=False, markup=False)

    # Told to stop, as by Ctrl-C: what was started is stopped, too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    known = {fault.name: fault for fault in FAULTS}
    chosen = [known[name] for name in given.only or known]
    say(f"seed {given.seed}; {len(chosen)} faults")
    rows: list[table.Row] = []
    command = "python -m tests.chaos" + (" --quick" if given.quick else "")
    try:
        artifacts.ensure(str(given.home / "models"), given.home / "cache", say)
        for row in play(
            chosen, given.home, say, seed=given.seed, quick=given.quick, patience=given.patience
        ):
            rows.append(row)
            # After each: who stops before the end keeps what was found until then.
            if given.out:
                given.out.write_text(table.markdown(rows, given.seed, command), "utf-8")
    except (RuntimeUnavailable, WorkerFailed, RuntimeError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        table.show(rows, given.seed, console)
    return 1 if any(row.verdict == "FAILED" for row in rows) else 0


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument(
        "--only",
        nargs="+",
        choices=NAMES,
        metavar="NAME",
        help=f"some of, in this order: {', '.join(NAMES)}; default: all",
    )
    parser.add_argument("--seed", type=int, default=1, help="of all draws; default: %(default)s")
    parser.add_argument("--quick", action="store_true", help="fewer messages, shorter outages")
    parser.add_argument(
        "--patience",
        type=float,
        default=1.0,
        help="multiplies the seconds a fault may take, for a busy machine; default: %(default)s",
    )
    parser.add_argument("--home", type=Path, default=Path(".careloop"), help="where models are")
    parser.add_argument("--out", type=Path, help="write the table there, as Markdown")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
