"""The thresholds' learner alone, against simulated customers whose truth is known.

`python -m tests.bench.policy_learner` prints in how many of 100 seeded runs the promise was kept,
and how much of the best possible automation was reached. A run is some days of messages; at each of
a day's looks the learner is given all that was judged so far and sets the thresholds for what comes
next, exactly as the tuner does.
"""

import argparse
import math
import sys
from collections.abc import Sequence

import numpy as np
from rich.console import Console

from services.feedback.domain.policy import Promise
from tests.bench.figures import Figure, Result
from tests.bench.policy_run import Run, run
from tests.bench.policy_world import ALL, CHANGE_DAY, DRIFTING, STEADY, World

PROMISE = Promise(alpha=0.1, delta=0.1, default_threshold=0.55)
RUNS, DAYS, LOOKS = 100, 90, 2
WITHIN = 0.05
"""The goal: as near to the best possible automation."""


def measure(runs: int = RUNS, days: int = DAYS, looks: int = LOOKS) -> Result:
    """A steady world, and one where an intent suddenly gets worse."""
    steady = [run(STEADY, PROMISE, seed, days=days, looks=looks) for seed in range(runs)]
    figures = [*_promise(steady), *_automation(steady)]
    if days > CHANGE_DAY:
        drifting = [run(DRIFTING, PROMISE, seed, days=days, looks=looks) for seed in range(runs)]
        figures += _drift(drifting)
    return Result("Thresholds with a promise", figures, _notes(STEADY, runs, days, looks))


def _promise(runs: Sequence[Run]) -> list[Figure]:
    most = math.floor(PROMISE.delta * len(runs))
    broken = sum(bool(one.broken) for one in runs)
    overall = sum(one.overall_broken for one in runs)
    wrong = [one.wrong_at_end for one in runs]
    unproven = [len(one.unproven) for one in runs]
    goal = f"at most {most}"
    return [
        Figure(
            "runs in which an intent ever was beyond alpha after it was lowered",
            f"{broken} of {len(runs)}",
            goal=goal,
            reached=broken <= most,
        ),
        Figure(
            "runs in which all automatic replies together ever were, after the first lowering",
            f"{overall} of {len(runs)}",
            goal=goal,
            reached=overall <= most,
        ),
        Figure(
            "true share of automatic replies wrong at the end",
            f"{np.mean(wrong):.3f} ({min(wrong):.3f} to {max(wrong):.3f})",
            goal=f"at most {PROMISE.alpha:g}",
            reached=max(wrong) <= PROMISE.alpha,
        ),
        Figure(
            "intents that end beyond alpha where the start or a raise put them, never lowered",
            f"{np.mean(unproven):.1f} of {len(STEADY.wishes)}, "
            f"wrong in {_middle(runs):.0%} (median)",
        ),
    ]


def _middle(runs: Sequence[Run]) -> float:
    """The median of the rates that no proof stands behind."""
    return float(np.median([rate for one in runs for rate in one.unproven.values()] or [math.nan]))


def _automation(runs: Sequence[Run]) -> list[Figure]:
    figures = []
    for name, best in runs[0].best.items():
        reached = [one.automation[name] for one in runs]
        mean = float(np.mean(reached))
        overall = name == ALL
        figures.append(
            Figure(
                f"automation at the end: {name}",
                f"{mean:.3f} ({min(reached):.3f} to {max(reached):.3f})",
                yardstick=f"best possible {best:.3f}; at the start {runs[0].at_start[name]:.3f}",
                goal=f"within {WITHIN:.0%}" if overall else "",
                reached=mean >= best - WITHIN if overall else None,
            )
        )
    return figures


def _drift(runs: Sequence[Run]) -> list[Figure]:
    """How soon it is noticed that replies to an intent have become worse."""
    (name,) = [wish.name for wish in DRIFTING.wishes if wish.later is not None]
    noticed = [
        next((day - CHANGE_DAY for day in one.raised[name] if day >= CHANGE_DAY), math.nan)
        for one in runs
    ]
    before = sum(any(day < CHANGE_DAY for day in one.raised[name]) for one in runs)
    missed = int(np.isnan(noticed).sum())
    return [
        Figure(
            f"an intent gets worse on day {CHANGE_DAY}: days until its threshold is raised",
            f"median {np.nanmedian(noticed):.1f}, longest {np.nanmax(noticed):.1f}"
            + (f", never in {missed}" if missed else ""),
        ),
        Figure(
            "runs in which it was raised before, for nothing",
            f"{before} of {len(runs)}",
            goal=f"at most {PROMISE.delta * len(runs):g}",
            reached=before <= PROMISE.delta * len(runs),
        ),
    ]


def _notes(world: World, runs: int, days: int, looks: int) -> list[str]:
    sizes = ", ".join(f"{wish.name} {wish.a_day:g}" for wish in world.wishes)
    return [
        f"{runs} runs of {days} days with {looks} looks a day; messages a day: {sizes}.",
        f"Judged: {world.judged_automatic:.0%} of automatic replies, {world.judged_draft:.0%} of "
        f"drafts, none below {world.draft_from:.2f}, where nothing is drafted.",
        f"alpha {PROMISE.alpha:g}, delta {PROMISE.delta:g} shared by {PROMISE.intents} intents, "
        f"start at {PROMISE.default_threshold:g}. Best possible: the loosest thresholds at which "
        "no intent is truly beyond alpha.",
    ]


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench.policy_learner", description=__doc__
    )
    parser.add_argument("--runs", type=int, default=RUNS, help=f"seeds from 0 on ({RUNS})")
    parser.add_argument("--days", type=int, default=DAYS, help=f"of each run ({DAYS})")
    parser.add_argument("--looks", type=int, default=LOOKS, help=f"a day ({LOOKS})")
    given = parser.parse_args()
    result = measure(given.runs, given.days, given.looks)
    result.show(Console(width=None if sys.stdout.isatty() else 170))
    return int(any(figure.reached is False for figure in result.figures))


if __name__ == "__main__":
    sys.exit(main())
