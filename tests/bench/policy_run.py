"""One run of the thresholds' learner against a simulated world."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np

from services.feedback.domain.evidence import TOP, Evidence, first_rung
from services.feedback.domain.policy import Policy, Promise
from services.feedback.domain.selection import select
from tests.bench.policy_world import (
    Wish,
    World,
    automation,
    best,
    truths,
    wrong_overall,
)

START = datetime(2026, 1, 1, tzinfo=UTC)
EXACTNESS = 1e-9


@dataclass(frozen=True)
class Run:
    """How one run went. Rates are true ones, not seen ones.

    `broken` are intents that at any look were beyond alpha after the learner had lowered them, and
    had not raised them since, though their truth never changed; `overall_broken` is whether all
    automatic replies together were, from the first lowering on. `unproven` has the rates of the
    intents that end beyond alpha where the start or a raise put them. `automation`, `at_start` and
    `best` are shares of messages by intent and over all; `raised` has the days on which thresholds
    were.
    """

    broken: frozenset[str]
    overall_broken: bool
    unproven: dict[str, float]
    automation: dict[str, float]
    at_start: dict[str, float]
    best: dict[str, float]
    wrong_at_end: float
    raised: dict[str, list[float]]


def run(world: World, promise: Promise, seed: int, *, days: int, looks: int) -> Run:
    """So many days with so many looks a day. The same seed gives the same run."""
    draw = np.random.default_rng(seed)
    desks = {
        wish.name: Desk(wish, world, promise.alpha_of(wish.name), draw) for wish in world.wishes
    }
    steady = {wish.name for wish in world.wishes if wish.later is None}
    policy = Policy(0, promise.default_threshold)
    start = dict.fromkeys(desks, first_rung(promise.default_threshold))
    rungs, lowered, broken, beyond = start, set[str](), set[str](), set[str]()
    raised: dict[str, list[float]] = {name: [] for name in desks}
    overall_broken = False
    for look in range(days * looks):
        day = look / looks
        for name, desk in desks.items():
            desk.work(policy.threshold(name), day, 1 / looks)
        evidence = {name: desk.evidence for name, desk in desks.items() if len(desk.evidence)}
        now = START + timedelta(days=(look + 1) / looks)
        policy = select(evidence, policy, promise, now).policy(policy.version + 1)
        before, rungs = rungs, {name: first_rung(policy.threshold(name)) for name in desks}
        for name in desks:
            if rungs[name] > before[name]:
                raised[name].append(day)
                lowered.discard(name)
            elif rungs[name] < before[name]:
                lowered.add(name)
        true = truths(world, day)
        beyond = {
            name
            for name in steady
            if true[name].wrong[rungs[name]] > promise.alpha_of(name) + EXACTNESS
        }
        broken |= beyond & lowered
        overall_broken |= bool(lowered) and wrong_overall(world, rungs, day) > promise.alpha
    return Run(
        frozenset(broken),
        overall_broken,
        {name: float(true[name].wrong[rungs[name]]) for name in sorted(beyond - lowered)},
        automation(world, rungs, days),
        automation(world, start, days),
        automation(world, best(world, promise, days), days),
        wrong_overall(world, rungs, days),
        raised,
    )


class Desk:
    """Where one intent's messages are replied to, and where it is heard what became of them."""

    def __init__(self, wish: Wish, world: World, alpha: float, draw: np.random.Generator) -> None:
        self._wish = wish
        self._world = world
        self._alpha = alpha
        self._draw = draw
        self._judged = Evidence.of((), alpha)
        self._replies = np.zeros(2, np.int64)
        self._heard = np.zeros(2, np.int64)

    @property
    def evidence(self) -> Evidence:
        """All that was judged, with weights as the counts so far tell them: all over judged."""
        weights = self._replies / np.maximum(1, self._heard)
        return replace(self._judged, weights=weights[self._judged.automatic.astype(np.int64)])

    def work(self, threshold: float, day: float, length: float) -> None:
        """What customers write, and what they and agents say of it, in a part of a day."""
        world, wish, draw = self._world, self._wish, self._draw
        count = int(draw.poisson(wish.a_day * length))
        confidences = draw.beta(*wish.shape, count)
        bad = draw.random(count) < wish.wrong_on(day)(confidences)
        automatic = confidences >= threshold
        replied = automatic | (confidences >= world.draft_from)
        chance = np.where(automatic, world.judged_automatic, world.judged_draft)
        judged = replied & (draw.random(count) < chance)
        self._replies += np.bincount(automatic[replied], minlength=2)
        self._heard += np.bincount(automatic[judged], minlength=2)
        number = int(judged.sum())
        moments = START.timestamp() + 86_400 * (
            day + length * (np.arange(number) + 1) / (number + 1)
        )
        new = Evidence(
            rungs=np.floor(confidences[judged] * TOP).astype(np.int64),
            bad=bad[judged],
            automatic=automatic[judged],
            weights=np.ones(number),
            moments=moments,
            alphas=np.full(number, self._alpha),
        )
        self._judged = Evidence.together([self._judged, new])
