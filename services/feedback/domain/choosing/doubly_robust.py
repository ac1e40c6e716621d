"""The doubly robust estimate: a model of the reward, corrected by the choices that were made.

Dudik, M., Langford, J. and Li, L. (2011), "Doubly robust policy evaluation and learning", ICML,
arXiv 1103.4601. With the propensities known it is unbiased however poor the model; the better the
model, the less variance.
"""

from dataclasses import dataclass

import numpy as np

from services.feedback.domain.choosing.estimates import Estimate, mean_of
from services.feedback.domain.choosing.sample import Floats, Sample
from services.feedback.domain.choosing.weights import SlotPolicy

FOLDS = 5
SMOOTHING = 10.0
"""As many choices of the mean above count in every mean of the model."""
UNKNOWN = 0.5
"""The mean reward where nothing is known."""


def doubly_robust(sample: Sample, policy: SlotPolicy) -> Estimate:
    """DR: what the policy would have earned. Raises ValueError as `inverse_propensity` does."""
    return mean_of("dr", _values(sample, policy, cross_fitted(sample)))


@dataclass(frozen=True, slots=True)
class Comparison:
    """What two policies would have earned on the same choices, and how much more the target."""

    target: Estimate
    present: Estimate
    gain: Estimate


def compare(sample: Sample, target: SlotPolicy, present: SlotPolicy) -> Comparison:
    """DR of both policies and of their difference. Raises ValueError as `inverse_propensity` does.

    The difference is paired: what both have in common cancels out choice by choice, so it is surer
    than two values one by one.
    """
    predicted = cross_fitted(sample)
    wanted, used = (_values(sample, policy, predicted) for policy in (target, present))
    return Comparison(mean_of("dr", wanted), mean_of("dr", used), mean_of("dr", wanted - used))


def cross_fitted(sample: Sample) -> Floats:
    """The reward of every option for every choice, float64 [n, options], by a model that has not
    seen the choice: the choices are dealt into folds in turn, and each fold is predicted from the
    others.

    Chernozhukov, V. and others (2018), "Double/debiased machine learning for treatment and
    structural parameters", The Econometrics Journal 21(1), C1-C68.
    """
    fold = np.arange(len(sample)) % FOLDS
    predicted = np.empty((len(sample), len(sample.options)))
    for one in range(FOLDS):
        here = fold == one
        others = (~here).astype(np.float64)
        model = _smoothed(sample.sums(others * sample.reward), sample.sums(others))
        predicted[here] = model[sample.context[here]]
    return predicted


def _values(sample: Sample, policy: SlotPolicy, predicted: Floats) -> Floats:
    """The values [n] whose mean the estimate is: what the model expects under the policy, and the
    weighted error of the model on the choice that was made."""
    expected = (sample.probabilities(policy)[sample.context] * predicted).sum(axis=1)
    error = sample.reward - predicted[np.arange(len(sample)), sample.option]
    values: Floats = expected + sample.importance(policy) * error
    return values


def _smoothed(rewards: Floats, counts: Floats) -> Floats:
    """Mean rewards from sums and counts, all [contexts, options]: each context's and option's drawn
    towards the option's own, that towards the slot's, that towards the unknown."""
    slot = _drawn(rewards.sum(keepdims=True), counts.sum(keepdims=True), np.array(UNKNOWN))
    option = _drawn(rewards.sum(axis=0), counts.sum(axis=0), slot)
    return _drawn(rewards, counts, option)


def _drawn(rewards: Floats, counts: Floats, towards: Floats) -> Floats:
    means: Floats = (rewards + SMOOTHING * towards) / (counts + SMOOTHING)
    return means
