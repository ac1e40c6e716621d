"""The periodic step that learns which safe option to choose, and lets nothing through unjudged."""

import asyncio
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from services.feedback.domain.choosing.bandit import Bandit
from services.feedback.domain.choosing.gate import (
    THIN,
    Judgement,
    Limits,
    Reason,
    Support,
    explores_more,
    judge,
)
from services.feedback.domain.choosing.sample import Logged, Sample, sample_of
from services.feedback.domain.choosing.weights import (
    Slot,
    SlotPolicy,
    Weights,
    allowed,
    furthest,
    policy_of,
    starting,
    towards,
)
from services.feedback.policy.ports import ChoiceLogs, WeightsInForce

PARTS = (1.0, 0.5, 0.25, 0.125)
"""Of the way from the present weights to what was learned: tried in turn while evidence is thin."""
Change = Literal["started", "options", "learned", "kept"]


@dataclass(frozen=True, slots=True)
class Learning:
    """How it is learned and judged.

    `judged` is the share of choices, the newest, that targets are judged on and not learned from.
    A target that would change less than `least_change` of the messages of any context is none.
    Raises ValueError if `judged` leaves nothing for one of both.
    """

    bandit: Bandit = field(default_factory=Bandit)
    limits: Limits = field(default_factory=Limits)
    judged: float = 1 / 3
    least_change: float = 0.02

    def __post_init__(self) -> None:
        if not 0 < self.judged < 1:
            raise ValueError(f"the share to judge by is between 0 and 1: {self.judged}")


@dataclass(frozen=True, slots=True)
class SlotDecision:
    """What holds in a slot from now on, and why.

    `started`: nothing held before. `options`: those the slot has are others now; new ones start at
    the floor, for nothing off-line can tell of them. `learned`: new weights, or a part of the way
    to them, were judged and accepted. `kept`: all is as it was. Where something was `proposed`,
    the judgement of it tells why it was taken or not.
    """

    policy: SlotPolicy
    change: Change
    judgement: Judgement | None = None
    proposed: SlotPolicy | None = None


@dataclass(frozen=True, slots=True)
class Publication:
    """All weights to publish, and how each slot came by its own."""

    decisions: tuple[SlotDecision, ...]

    @property
    def changed(self) -> bool:
        """Whether there is anything new to publish."""
        return any(one.change != "kept" for one in self.decisions)

    @property
    def weights(self) -> tuple[Weights, ...]:
        """Of all slots and contexts, changed or not."""
        return tuple(weights for one in self.decisions for weights in one.policy.weights)


class Choosing:
    """Works from what its ports deliver alone: the same choices give the same publication, and once
    that is in force, nothing new."""

    def __init__(
        self,
        logs: ChoiceLogs,
        in_force: WeightsInForce,
        slots: Sequence[Slot],
        learning: Learning,
        *,
        seed: int = 0,
    ) -> None:
        self._logs = logs
        self._in_force = in_force
        self._slots = slots
        self._learning = learning
        self._seed = seed

    async def run_once(self) -> Publication:
        """What is to hold from now on. Raises TemporaryError."""
        present = await self._in_force.weights()
        decisions = [
            await self._decide(slot, policy_of(present, slot.name)) for slot in self._slots
        ]
        return Publication(tuple(decisions))

    async def _decide(self, slot: Slot, present: SlotPolicy | None) -> SlotDecision:
        logs = await self._logs.logged(slot.name)
        # A generator of its own for each slot: what one draws moves no other.
        rng = np.random.default_rng([self._seed, zlib.crc32(slot.name.encode())])
        return await asyncio.to_thread(decide, slot, present, logs, self._learning, rng)


def decide(
    slot: Slot,
    present: SlotPolicy | None,
    logs: Sequence[Logged],
    learning: Learning,
    rng: np.random.Generator,
) -> SlotDecision:
    """What is to hold in the slot, from its choices with the oldest first."""
    floor = learning.bandit.floor
    if present is None:
        return SlotDecision(starting(slot, floor), "started")
    fitting = allowed(present, slot, floor)
    if fitting != present:
        return SlotDecision(fitting, "options")
    impossible = [one for one in logs if one.propensity <= 0]
    if impossible:
        support = Support(len(logs), len(impossible))
        return SlotDecision(present, "kept", Judgement(slot.name, Reason.NO_PROPENSITY, support))
    older, newer = _parted(_comparable(logs, slot), learning.judged)
    if not older or not newer:
        return SlotDecision(present, "kept")
    target = learning.bandit.propose(slot, older, rng)
    return _judged(target, present, sample_of(newer, slot.options), learning)


def _judged(
    target: SlotPolicy, present: SlotPolicy, sample: Sample, learning: Learning
) -> SlotDecision:
    """The target judged, or as much of the way there as the evidence reaches."""
    thin: SlotDecision | None = None
    for part in PARTS:
        proposed = towards(present, target, part)
        if furthest(proposed, present) < learning.least_change:
            break
        explores = explores_more(sample, proposed, present)
        judgement = judge(sample, proposed, present, learning.limits, explores=explores)
        if judgement.accepted:
            return SlotDecision(proposed, "learned", judgement, proposed)
        kept = SlotDecision(present, "kept", judgement, proposed)
        if judgement.reason not in THIN:
            return kept
        thin = thin or kept
    return thin or SlotDecision(present, "kept")


def _comparable(logs: Sequence[Logged], slot: Slot) -> Sequence[Logged]:
    """The choices after the day by which every option of the slot had been taken once.

    Before, the newest option may have had no chance, and such a choice tells nothing of a policy
    that gives it one. That day itself is left out as well: it is the last one because of what was
    taken on it, so the option would be seen too often.
    """
    first: dict[str, int] = {}
    for one in logs:
        first.setdefault(one.option, one.day)
    if any(option not in first for option in slot.options):
        return logs  # nothing to leave out; the gate refuses to move messages there
    complete = max(first[option] for option in slot.options)
    return [one for one in logs if one.day > complete]


def _parted(logs: Sequence[Logged], share: float) -> tuple[Sequence[Logged], Sequence[Logged]]:
    """The older choices to learn from and the newer ones to judge by, parted between two days.

    A day is all on one side: its choices were made under the same weights, and which of them came
    first does not matter.
    """
    if not logs:
        return (), ()
    border = logs[int(len(logs) * (1 - share))].day
    return [one for one in logs if one.day < border], [one for one in logs if one.day >= border]
