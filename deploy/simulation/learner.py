"""The thresholds' learner alone, many times, on tickets drawn from those of the simulation."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from deploy.simulation.people import CLOSES, PRAISES, REVIEWED, heard, reactions
from deploy.simulation.town import START
from deploy.simulation.truth import Case, by_intent
from services.feedback.domain.evidence import TOP, Evidence, at_or_above, first_rung, rung_of
from services.feedback.domain.policy import Observation, Policy, Promise
from services.feedback.domain.selection import select

EXACTNESS = 1e-9


@dataclass(frozen=True)
class Pool:
    """One intent's replies as they truly are: confidences as rungs, whether wrong, and how likely a
    wrong automatic reply is complained of. Each (replies,). `a_day` is how many there are.

    `wrong_from` is, of each rung, the share of wrong ones at or above it: (TOP + 1,).
    """

    rungs: NDArray[np.int64]
    wrong: NDArray[np.bool_]
    spoken: NDArray[np.float64]
    a_day: float
    wrong_from: NDArray[np.float64]

    @classmethod
    def of(cls, cases: Sequence[Case], days: int) -> "Pool":
        """From what happened in so many days."""
        rungs = np.array([rung_of(case.reply.confidence) for case in cases], np.int64)
        wrong = np.array([not case.is_right for case in cases], np.bool_)
        every = at_or_above(np.bincount(rungs, minlength=TOP + 1))
        bad = at_or_above(np.bincount(rungs, wrong, TOP + 1))
        return cls(
            rungs,
            wrong,
            np.array([1 - case.ticket.customer.patience for case in cases]),
            len(cases) / days,
            bad / np.maximum(every, 1),
        )


@dataclass(frozen=True, slots=True)
class Runs:
    """In how many of all runs any intent was ever lowered to where more than alpha is wrong, and
    the share of wrong automatic replies over all runs and days."""

    runs: int
    broken: int
    wrong: float


def runs(cases: Sequence[Case], promise: Promise, *, seeds: int, days: int) -> Runs:
    """So many runs of so many days; every day the learner looks at all that was said so far."""
    span = len({case.day for case in cases})
    pools = {intent: Pool.of(those, span) for intent, those in by_intent(cases).items()}
    found = [_run(pools, promise, np.random.default_rng(seed), days) for seed in range(seeds)]
    sent, wrong = np.array([counts for _, counts in found]).sum(axis=0)
    return Runs(seeds, sum(broken for broken, _ in found), float(wrong / max(sent, 1)))


def replayed(cases: Sequence[Case], promise: Promise, labels: Sequence[str]) -> Policy:
    """The thresholds that the learner comes to, looking at the end of each day at what was said
    until then; decisions stay as they were."""
    policy = Policy(0, promise.default_threshold)
    told: dict[str, list[tuple[Case, bool]]] = defaultdict(list)
    replies: Counter[tuple[str, bool]] = Counter()
    for day in sorted({case.day for case in cases}):
        for case in cases:
            if case.day == day and case.depends_on_threshold:
                reply = case.reply
                replies[reply.intent, reply.is_automatic] += 1
                bad = heard(reactions(case.ticket, reply, labels))
                if bad is not None:
                    told[reply.intent].append((case, bad))
        seen = {
            intent: Evidence.of(_observed(those, replies), promise.alpha_of(intent))
            for intent, those in told.items()
        }
        policy = select(seen, policy, promise, START + timedelta(days=day + 1)).policy(day)
    return policy


def _observed(
    told: Sequence[tuple[Case, bool]], replies: Mapping[tuple[str, bool], int]
) -> list[Observation]:
    """As the worker's database gives them."""
    judged = Counter((case.reply.intent, case.reply.is_automatic) for case, _ in told)
    return [
        Observation(
            confidence=case.reply.confidence,
            bad=bad,
            at=START + timedelta(days=case.day),
            kind="automatic" if case.reply.is_automatic else "draft",
            weight=replies[kind] / judged[kind],
        )
        for case, bad in told
        for kind in ((case.reply.intent, case.reply.is_automatic),)
    ]


def _run(
    pools: Mapping[str, Pool], promise: Promise, draw: np.random.Generator, days: int
) -> tuple[bool, tuple[int, int]]:
    policy = Policy(0, promise.default_threshold)
    desks = {intent: _Desk(pool, promise.alpha_of(intent)) for intent, pool in pools.items()}
    lowered: set[str] = set()
    broken = False
    for day in range(days):
        for intent, desk in desks.items():
            desk.work(first_rung(policy.threshold(intent)), day, draw)
        seen = {intent: desk.evidence for intent, desk in desks.items() if len(desk.evidence)}
        now = START + timedelta(days=day + 1)
        before, policy = policy, select(seen, policy, promise, now).policy(day + 1)
        for intent, pool in pools.items():
            old, new = before.threshold(intent), policy.threshold(intent)
            if new > old:
                lowered.discard(intent)
            elif new < old:
                lowered.add(intent)
            beyond = pool.wrong_from[first_rung(new)] > promise.alpha_of(intent) + EXACTNESS
            broken |= intent in lowered and bool(beyond)
    sent = sum(desk.sent for desk in desks.values())
    return broken, (sent, sum(desk.wrong for desk in desks.values()))


class _Desk:
    """Where one intent's messages are replied to, and where it is heard what became of them."""

    def __init__(self, pool: Pool, alpha: float) -> None:
        self._pool = pool
        self._judged = Evidence.of((), alpha)
        self._alpha = alpha
        self._replies = np.zeros(2, np.int64)
        self._heard = np.zeros(2, np.int64)
        self.sent = 0
        self.wrong = 0

    @property
    def evidence(self) -> Evidence:
        """All that was judged; what each stands for is all of its kind over the judged ones."""
        weights = self._replies / np.maximum(1, self._heard)
        return replace(self._judged, weights=weights[self._judged.automatic.astype(np.int64)])

    def work(self, rung: int, day: int, draw: np.random.Generator) -> None:
        """A day's messages, and what is said of the replies."""
        pool = self._pool
        chosen = draw.integers(len(pool.rungs), size=draw.poisson(pool.a_day))
        rungs, bad = pool.rungs[chosen], pool.wrong[chosen]
        automatic = rungs >= rung
        spoken = np.where(bad, pool.spoken[chosen], PRAISES + CLOSES)
        judged = draw.random(len(chosen)) < np.where(automatic, spoken, REVIEWED)
        self._replies += np.bincount(automatic.astype(np.int64), minlength=2)
        self._heard += np.bincount(automatic[judged].astype(np.int64), minlength=2)
        self.sent += int(automatic.sum())
        self.wrong += int((automatic & bad).sum())
        heard = int(judged.sum())
        new = Evidence(
            rungs[judged],
            bad[judged],
            automatic[judged],
            np.ones(heard),
            START.timestamp() + 86_400 * (day + (np.arange(heard) + 1) / (heard + 1)),
            np.full(heard, self._alpha),
        )
        self._judged = Evidence.together([self._judged, new])
