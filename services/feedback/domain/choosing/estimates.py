"""What a policy would have earned, from choices that other policies made.

No weight is clipped: clipping narrows the interval by a bias nobody sees. Where weights are too
large to go by, the gate refuses instead. Every interval is a normal one of 95 %, from the standard
deviation of the values whose mean the estimate is. The choices may come from policies that learned
from the ones before: each choice's own propensity keeps the estimates unbiased, and the floor under
propensities keeps the intervals near 95 %, which is measured in `tests/bench/choosing.py`.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from services.feedback.domain.choosing.sample import Floats, Sample
from services.feedback.domain.choosing.weights import SlotPolicy
from services.feedback.domain.quality import Z_95

Method = Literal["ips", "snips", "dr"]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean reward, or the difference of two, with its standard error, from so many choices."""

    method: Method
    value: float
    standard_error: float
    choices: int

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval."""
        half = Z_95 * self.standard_error
        return self.value - half, self.value + half


def inverse_propensity(sample: Sample, policy: SlotPolicy) -> Estimate:
    """IPS: the mean of weight times reward, unbiased.

    Horvitz, D. G. and Thompson, D. J. (1952), "A generalization of sampling without replacement
    from a finite universe", Journal of the American Statistical Association 47(260), 663-685.
    Raises ValueError without two choices or where a propensity is 0.
    """
    return mean_of("ips", sample.importance(policy) * sample.reward)


def self_normalised(sample: Sample, policy: SlotPolicy) -> Estimate:
    """SNIPS: weighted rewards over the sum of weights; less variance for a bias that fades as 1/n.

    Swaminathan, A. and Joachims, T. (2015), "The self-normalized estimator for counterfactual
    learning", NIPS 28. The standard error is the delta method's for a ratio of means. Raises
    ValueError as `inverse_propensity` does, and if the policy would never have made any of the
    choices.
    """
    weights = sample.importance(policy)
    if not weights.sum() > 0:
        raise ValueError(f"{policy.slot}: the policy would have made none of the choices")
    value = float((weights * sample.reward).sum() / weights.sum())
    influence = weights * (sample.reward - value) / weights.mean()
    return Estimate("snips", value, mean_of("snips", influence).standard_error, len(sample))


def mean_of(method: Method, values: Floats) -> Estimate:
    """The mean of values [n] with its standard error. Raises ValueError without two of them."""
    if len(values) < 2:
        raise ValueError(f"{len(values)} choices tell nothing of how sure they are")
    error = float(values.std(ddof=1)) / math.sqrt(len(values))
    return Estimate(method, float(values.mean()), error, len(values))


def effective_size(weights: Floats) -> float:
    """How many equally weighted choices tell as much as these, n / (1 + variance of the weights
    over their squared mean); 0 if all weights are 0.

    Kish, L. (1965), "Survey Sampling", Wiley, section 11.7.
    """
    squares = float(np.square(weights).sum())
    return float(weights.sum()) ** 2 / squares if squares else 0.0
