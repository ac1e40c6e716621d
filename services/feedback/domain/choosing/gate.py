"""Whether a new policy may be used: judged off-line, on choices it was not learned from."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from services.feedback.domain.choosing.doubly_robust import Comparison, compare
from services.feedback.domain.choosing.estimates import Estimate, effective_size
from services.feedback.domain.choosing.sample import Sample
from services.feedback.domain.choosing.weights import SlotPolicy


class Reason(StrEnum):
    """Why a policy was accepted or refused."""

    BETTER = "better"
    """The lower bound of its gain is above 0."""
    NOT_WORSE = "not_worse"
    """It tries more than the present policy, and costs no more than the margin for it."""

    NO_PROPENSITY = "no_propensity"
    """The log is wrong: choices were made that had no chance."""
    TOO_FEW = "too_few"
    """The effective sample size, or that of the change, is under the minimum."""
    NEVER_LOGGED = "never_logged"
    """Too many messages would move to options never seen where they would be used."""
    WEIGHTS_TOO_LARGE = "weights_too_large"
    """Single choices would speak for too many others."""
    NOT_PROVEN = "not_proven"
    """It may be better, and may not."""
    WORSE = "worse"
    """The upper bound of its gain is below 0."""


ACCEPTED = frozenset({Reason.BETTER, Reason.NOT_WORSE})
THIN = frozenset({Reason.TOO_FEW, Reason.NEVER_LOGGED, Reason.WEIGHTS_TOO_LARGE})
"""Too little is known of the target. Nothing was said of rewards: a target nearer to the present
policy may be tried on the same choices without testing twice."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What it takes to be judged, and accepted.

    `least_effective` is the minimum of both effective sample sizes. `largest_weight` fits a floor
    of 0.05: no honest log with it needs more. `moved_unlogged` is the share of messages that may
    move to options never logged in their context. `margin` is how much mean reward (0 to 1) may be
    at stake, by the lower bound, for trying more.
    """

    least_effective: float = 100.0
    largest_weight: float = 20.0
    moved_unlogged: float = 0.02
    margin: float = 0.02


@dataclass(frozen=True, slots=True)
class Support:
    """How much the choices can tell of a target.

    `effective` is Kish's size of the target's weights or of the present policy's, whichever is
    smaller; `effective_change` that of the gaps between them, which is what the comparison rests
    on: where the policies agree, a choice tells nothing of which is better. `unlogged` is the share
    of messages that the target would move to options never logged in their context. With an
    `impossible` choice, one of no propensity, the sizes are 0.
    """

    choices: int
    impossible: int
    effective: float = 0.0
    effective_change: float = 0.0
    largest_weight: float = 0.0
    unlogged: float = 0.0


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was found about a target. Without enough support nothing is estimated."""

    slot: str
    reason: Reason
    support: Support
    found: Comparison | None = None

    @property
    def accepted(self) -> bool:
        return self.reason in ACCEPTED

    @property
    def said(self) -> str:
        """The reason with its figures, in words for a log or a policy's reasons."""
        seen = self.support
        rests_on = (
            f"{seen.choices} choices (effective {seen.effective:.0f}, of the change "
            f"{seen.effective_change:.0f}), largest weight {seen.largest_weight:.1f}, "
            f"moved to options never logged {seen.unlogged:.1%}, "
            f"without propensity {seen.impossible}"
        )
        if self.found is None:
            return f"{self.reason}: {rests_on}"
        gain, present = self.found.gain, self.found.present
        low, high = gain.interval
        gained = f"gain {gain.value:+.3f} ({low:+.3f} to {high:+.3f}) on {present.value:.3f}"
        return f"{self.reason}: {gained}, {rests_on}"


def judge(
    sample: Sample, target: SlotPolicy, present: SlotPolicy, limits: Limits, *, explores: bool
) -> Judgement:
    """Whether the target may replace the present policy, by choices it was not learned from.

    Better is what the doubly robust interval of the paired difference says. A target that
    `explores` may also be not worse beyond the margin. One look takes a target that is no better
    for better in about 2.5 % of cases; over many looks this adds up, and so does the margin over
    many steps. Raises ValueError for a target with options that the sample does not know of.
    """
    support = supported(sample, target, present)
    refusal = _thin(support, limits)
    if refusal is not None:
        return Judgement(target.slot, refusal, support)
    found = compare(sample, target, present)
    return Judgement(target.slot, _reason(found.gain, limits, explores), support, found)


def supported(sample: Sample, target: SlotPolicy, present: SlotPolicy) -> Support:
    """How much the choices can tell of the target."""
    if sample.impossible or not len(sample):
        return Support(len(sample), sample.impossible)
    wanted, used = sample.importance(target), sample.importance(present)
    change = sample.probabilities(target) - sample.probabilities(present)
    into_unlogged = np.where(sample.counts > 0, 0.0, change.clip(min=0)).sum(axis=1)
    return Support(
        choices=len(sample),
        impossible=0,
        effective=min(effective_size(wanted), effective_size(used)),
        effective_change=effective_size(np.abs(wanted - used)),
        largest_weight=float(wanted.max()),
        unlogged=float(into_unlogged[sample.context].mean()),
    )


def explores_more(sample: Sample, target: SlotPolicy, present: SlotPolicy) -> bool:
    """Whether the target spreads its choices wider, by the mean entropy over the messages seen."""
    return _spread(sample, target) > _spread(sample, present)


def _thin(support: Support, limits: Limits) -> Reason | None:
    if support.impossible:
        return Reason.NO_PROPENSITY
    if support.choices and support.unlogged > limits.moved_unlogged:
        return Reason.NEVER_LOGGED
    if support.largest_weight > limits.largest_weight * (1 + 1e-9):
        return Reason.WEIGHTS_TOO_LARGE
    if min(support.effective, support.effective_change) < limits.least_effective:
        return Reason.TOO_FEW
    return None


def _reason(gain: Estimate, limits: Limits, explores: bool) -> Reason:
    low, high = gain.interval
    if low > 0:
        return Reason.BETTER
    if explores and low >= -limits.margin:
        return Reason.NOT_WORSE
    return Reason.WORSE if high < 0 else Reason.NOT_PROVEN


def _spread(sample: Sample, policy: SlotPolicy) -> float:
    shares = sample.probabilities(policy)
    logs = np.log(shares, out=np.zeros_like(shares), where=shares > 0)
    return float((-shares * logs).sum(axis=1)[sample.context].mean())
