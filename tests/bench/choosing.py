"""Choosing among safe options, against simulated customers whose true rewards are known.

Three tables: what the estimators say of a policy of known value; how often the gate is right about
policies known to be better, equal or worse; and what is earned when the periodic step runs every
few days, against uniform choice, the usual option, the best fixed one and the best possible.
Earnings are reckoned with the true means, so they hold no luck of the customers. Seeds are fixed.
"""

import asyncio
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from rich.console import Console
from rich.table import Table

from services.feedback.domain.choosing.bandit import Bandit
from services.feedback.domain.choosing.doubly_robust import doubly_robust
from services.feedback.domain.choosing.estimates import inverse_propensity, self_normalised
from services.feedback.domain.choosing.gate import Limits, explores_more, judge
from services.feedback.domain.choosing.sample import Floats, Logged, Sample, sample_of
from services.feedback.domain.choosing.weights import (
    ANY,
    Slot,
    SlotPolicy,
    Weights,
    floored,
    starting,
)
from services.feedback.policy.choices import Choosing, Learning

SLOT = Slot("passage", ("best", "second", "third"))
CONTEXTS = ("refund/en", "refund/zh", "delivery/en", "delivery/zh", "invoice/en", "invoice/zh")
SHARES = np.array([0.3, 0.2, 0.2, 0.15, 0.1, 0.05])
TRUTH = np.array(
    [
        [0.60, 0.45, 0.40],
        [0.45, 0.62, 0.40],
        [0.80, 0.75, 0.70],
        [0.50, 0.50, 0.65],
        [0.30, 0.45, 0.30],
        [0.70, 0.60, 0.72],
    ]
)
"""Mean rewards [contexts, options]: the usual option is the best in half of the messages."""
FLOOR = 0.05
DAYS, MESSAGES, EVERY, RUNS = 60, 200, 2, 4
SIMULATIONS, JUDGED = 300, 200
SIZES = (500, 2000, 5000)

_ONE_HOT = np.eye(len(SLOT.options))
UNIFORM = np.full(TRUTH.shape, 1 / len(SLOT.options))
USUAL = np.tile(_ONE_HOT[0], (len(CONTEXTS), 1))
BEST = _ONE_HOT[TRUTH.argmax(axis=1)]
WORST = _ONE_HOT[TRUTH.argmin(axis=1)]
FIXED = np.tile(_ONE_HOT[(SHARES @ TRUTH).argmax()], (len(CONTEXTS), 1))


def main() -> int:
    console = Console(width=None if sys.stdout.isatty() else 120)
    for table in (estimators(), gate(), days()):
        console.print(table)
    return 0


def policy(shares: Floats) -> SlotPolicy:
    """Shares [contexts, options] as a policy, floored; elsewhere their mean holds."""
    rows = dict(zip((*CONTEXTS, ANY), [*shares, shares.mean(axis=0)], strict=True))
    named = {name: dict(zip(SLOT.options, row.tolist(), strict=True)) for name, row in rows.items()}
    return SlotPolicy(
        SLOT.name,
        {name: Weights(SLOT.name, name, floored(row, FLOOR)) for name, row in named.items()},
    )


def matrix(one: SlotPolicy) -> Floats:
    """Its probabilities [contexts, options]."""
    rows = [one.at(context).probabilities for context in CONTEXTS]
    return np.array([[row[option] for option in SLOT.options] for row in rows])


def value(shares: Floats) -> float:
    """The true mean reward of probabilities [contexts, options]."""
    return float(SHARES @ (shares * TRUTH).sum(axis=1))


def worth(one: SlotPolicy) -> float:
    """The true mean reward of a policy."""
    return value(matrix(one))


def drawn(logging: Sequence[SlotPolicy], count: int, rng: np.random.Generator) -> Sample:
    """So many choices, as many under each of the policies."""
    shares = np.repeat([matrix(one) for one in logging], count // len(logging), axis=0)
    each, context = np.arange(len(shares)), rng.choice(len(CONTEXTS), len(shares), p=SHARES)
    shares = shares[each, context]
    option = (rng.random((len(shares), 1)) >= shares.cumsum(axis=1)[:, :-1]).sum(axis=1)
    reward = (rng.random(len(shares)) < TRUTH[context, option]).astype(np.float64)
    return Sample(CONTEXTS, SLOT.options, context, option, shares[each, option], reward)


def estimators() -> Table:
    """Bias, error and coverage of the three, by choices of two policies and of one that learns."""
    columns = ("chosen by", "choices", "estimator", "bias (s.e.)", "error (RMSE)", "95 % covers")
    table = titled(f"Estimators: {SIMULATIONS} simulations each", columns)
    target = policy(0.3 * UNIFORM + 0.7 * BEST)
    fixed, truth = (policy(0.7 * USUAL + 0.3 * UNIFORM), policy(UNIFORM)), worth(target)
    methods = {
        "IPS": inverse_propensity,
        "SNIPS": self_normalised,
        "doubly robust": doubly_robust,
    }
    runs: dict[tuple[str, int], Callable[[int], Sample]] = {
        ("two policies", 500): lambda run: drawn(fixed, 500, np.random.default_rng([1, run])),
        ("two policies", 2000): lambda run: drawn(fixed, 2000, np.random.default_rng([1, run])),
        ("a bandit, daily", 1000): adapted,
    }
    for (who, size), sampled in runs.items():
        samples = [sampled(run) for run in range(SIMULATIONS)]
        for name, method in methods.items():
            found = [method(sample, target) for sample in samples]
            errors = np.array([one.value - truth for one in found])
            covers = np.mean([one.interval[0] <= truth <= one.interval[1] for one in found])
            bias = f"{errors.mean():+.4f} ({errors.std(ddof=1) / np.sqrt(len(errors)):.4f})"
            rmse = np.sqrt(np.square(errors).mean())
            table.add_row(who, str(size), name, bias, f"{rmse:.4f}", f"{covers:.3f}")
    return table


def adapted(run: int) -> Sample:
    """Choices of a bandit that learns from them every day, five days of 200."""
    world, bandit = World(run), Bandit(draws=256)
    for day in range(5):
        if world.logs:
            world.policy = bandit.propose(SLOT, world.logs, np.random.default_rng([5, run, day]))
        world.live(day)
    return sample_of(world.logs, SLOT.options)


def gate() -> Table:
    """How often targets of known worth are accepted."""
    title = f"Gate: share accepted of {JUDGED} judgements each (share refused as thin)"
    table = titled(title, ("target", "true gain", *(f"{size} choices" for size in SIZES)))
    present = policy(0.6 * USUAL + 0.4 * UNIFORM)
    best, worst = worth(policy(BEST)), worth(policy(WORST))
    even = (worth(present) - worst) / (best - worst)
    targets = {
        "much better": BEST,
        "better": 0.6 * USUAL + 0.4 * BEST,
        "equal, doing other things": even * BEST + (1 - even) * WORST,
        "worse": 0.6 * USUAL + 0.4 * WORST,
        "much worse": WORST,
        "explores more": 0.3 * USUAL + 0.7 * UNIFORM,
    }
    for name, shares in targets.items():
        target = policy(shares)
        cells = [_accepted(target, present, size) for size in SIZES]
        table.add_row(name, f"{worth(target) - worth(present):+.3f}", *cells)
    chance = np.sqrt(0.025 * 0.975 / JUDGED)
    table.caption = f"Equal ones should be accepted in 0.025, give or take {chance:.3f} (s.e.)"
    return table


def _accepted(target: SlotPolicy, present: SlotPolicy, size: int) -> str:
    found = []
    for run in range(JUDGED):
        sample = drawn([present], size, np.random.default_rng([2, size, run]))
        explores = explores_more(sample, target, present)
        found.append(judge(sample, target, present, Limits(), explores=explores))
    accepted = np.mean([one.accepted for one in found])
    return f"{accepted:.3f} ({np.mean([one.found is None for one in found]):.2f})"


@dataclass
class World:
    """Delivers what the periodic step asks for, and takes what it publishes."""

    run: int
    logs: list[Logged] = field(default_factory=list)
    policy: SlotPolicy = field(default_factory=lambda: starting(SLOT, FLOOR))

    async def logged(self, slot: str) -> Sequence[Logged]:
        return self.logs

    async def weights(self) -> Sequence[Weights]:
        return self.policy.weights

    def live(self, day: int) -> float:
        """A day's messages under the policy in force; what one of them earns on average."""
        rng = np.random.default_rng([3, self.run, day])
        sample = drawn([self.policy], MESSAGES, rng)
        rows = zip(sample.context, sample.option, sample.propensity, sample.reward, strict=True)
        self.logs += [
            Logged(SLOT.name, CONTEXTS[context], SLOT.options[option], float(p), float(r), day)
            for context, option, p, r in rows
        ]
        return worth(self.policy)


def judged(run: int, learning: Learning, seen: Counter[tuple[str, bool]]) -> list[float]:
    """What every day earns with the periodic step. Of each proposal `seen` counts what was found,
    and whether it was truly better than what was in force."""
    world, earned = World(run), []
    for day in range(DAYS):
        if day % EVERY == 0:
            step = Choosing(world, world, [SLOT], learning, seed=run)
            (decision,) = asyncio.run(step.run_once()).decisions
            if decision.judgement is not None and decision.proposed is not None:
                better = worth(decision.proposed) > worth(world.policy)
                seen[decision.judgement.reason.value, better] += 1
            world.policy = decision.policy
        earned.append(world.live(day))
    return earned


def unjudged(run: int, learning: Learning) -> list[float]:
    """What every day earns when every proposal is used as it is, learned from all there is."""
    world, earned = World(run), []
    for day in range(DAYS):
        if day % EVERY == 0 and world.logs:
            rng = np.random.default_rng([4, run, day])
            world.policy = learning.bandit.propose(SLOT, world.logs, rng)
        earned.append(world.live(day))
    return earned


def days() -> Table:
    """Earnings and regret of the loop."""
    seen: Counter[tuple[str, bool]] = Counter()
    learning = Learning()
    constant = {
        "best possible": BEST,
        "best possible, floored": matrix(policy(BEST)),
        "best fixed option": FIXED,
        "usual option, floored": matrix(policy(USUAL)),
        "uniform": UNIFORM,
    }
    earned = {name: np.full(DAYS, value(shares)) for name, shares in constant.items()}
    earned["bandit, unjudged"] = np.mean([unjudged(run, learning) for run in range(RUNS)], axis=0)
    earned["bandit, judged first"] = np.mean(
        [judged(run, learning, seen) for run in range(RUNS)], axis=0
    )
    title = f"{DAYS} days of {MESSAGES} messages, a step every {EVERY}, mean of {RUNS} runs"
    marks = (DAYS // 4, DAYS // 2, DAYS)
    columns = ("policy", "reward", *(f"regret, day {day}" for day in marks), "last day a message")
    table = titled(title, columns)
    for name, by_day in earned.items():
        regret = np.cumsum(value(BEST) - by_day) * MESSAGES
        cells = [f"{regret[day - 1]:.0f}" for day in marks]
        table.add_row(name, f"{by_day.sum() * MESSAGES:.0f}", *cells, f"{by_day[-1]:.3f}")
    found = [
        f"{reason}: {seen[reason, True]} truly better, {seen[reason, False]} not"
        for reason in sorted({reason for reason, _ in seen})
    ]
    table.caption = "Proposals judged: " + "; ".join(found)
    return table


def titled(title: str, columns: Sequence[str]) -> Table:
    table = Table(title=title, title_justify="left", caption_justify="left")
    for column in columns:
        table.add_column(column, justify="left" if column in ("target", "policy") else "right")
    return table


if __name__ == "__main__":
    sys.exit(main())
