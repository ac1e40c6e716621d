"""Which option to take how often: what did well more often, what is unknown often enough.

Thompson, W. R. (1933), "On the likelihood that one unknown probability exceeds another in view of
the evidence of two samples", Biometrika 25(3/4), 285-294: an option is taken as often as it is
probably the best.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from services.feedback.domain.choosing.sample import Floats, Logged, sample_of
from services.feedback.domain.choosing.weights import ANY, Slot, SlotPolicy, Weights, floored


@dataclass(frozen=True, slots=True)
class Bandit:
    """How weights are learned.

    `floor` is the least probability of every option, so that all stay judgeable. `pooling` is how
    many choices the other contexts count for at most in a context. Probabilities are counted over
    `draws` draws, so they are out by about 0.5 / sqrt(draws) at most (one standard error).
    """

    floor: float = 0.05
    pooling: float = 20.0
    draws: int = 4096

    def propose(self, slot: Slot, logs: Sequence[Logged], rng: np.random.Generator) -> SlotPolicy:
        """Weights for every context in the logs and for any other.

        The same logs and the same state of the generator give the same weights. Raises ValueError
        where a propensity is 0.
        """
        own, pooled = _evidence(slot, logs)
        contexts = (*own, ANY)
        posteriors = {
            context: _posterior(own.get(context), pooled[context], self.pooling)
            for context in contexts
        }
        found = {
            context: Weights(slot.name, context, self._weights(slot, posterior, rng))
            for context, posterior in posteriors.items()
        }
        return SlotPolicy(slot.name, found)

    def _weights(
        self, slot: Slot, posterior: tuple[Floats, Floats], rng: np.random.Generator
    ) -> dict[str, float]:
        successes, failures = posterior
        drawn = rng.beta(successes, failures, size=(self.draws, len(slot.options)))
        wins = np.bincount(drawn.argmax(axis=1), minlength=len(slot.options)) / self.draws
        return floored(dict(zip(slot.options, wins.tolist(), strict=True)), self.floor)


@dataclass(frozen=True, slots=True)
class _Counts:
    """Of every option, float64 [options]: how many choices, and their mean reward (0 of none)."""

    choices: Floats
    mean: Floats


def _evidence(slot: Slot, logs: Sequence[Logged]) -> tuple[dict[str, _Counts], dict[str, _Counts]]:
    """Of each context its own choices, and those of all others pooled; under `ANY` all are pooled.

    Contexts differ in how well anything does there, and in what was mostly taken. Weighted by one
    over its propensity every choice stands for those that fell on another option, so the pooled
    means of all options are over the same mix of contexts (Horvitz and Thompson 1952, as in
    `estimates`) and none is flattered by easy ones. They count for as many choices as Kish's
    effective sample size says.
    """
    known = [one for one in logs if one.option in slot.options]
    sample = sample_of(known, slot.options)
    if sample.impossible:
        raise ValueError(f"{sample.impossible} choices with a propensity of 0")
    order = [sample.options.index(option) for option in slot.options]
    once = 1 / sample.propensity
    sums = [
        sample.sums(values)[:, order]
        for values in (sample.reward, once, once * sample.reward, once * once)
    ]
    counts = sample.counts[:, order]
    own, pooled = {}, {ANY: _pooled(*(one.sum(axis=0) for one in sums[1:]))}
    for row, context in enumerate(sample.contexts):
        own[context] = _Counts(counts[row], _ratio(sums[0][row], counts[row]))
        pooled[context] = _pooled(*(np.delete(one, row, axis=0).sum(axis=0) for one in sums[1:]))
    return own, pooled


def _pooled(weights: Floats, rewards: Floats, squares: Floats) -> _Counts:
    return _Counts(_ratio(weights * weights, squares), _ratio(rewards, weights))


def _posterior(own: _Counts | None, pooled: _Counts, most: float) -> tuple[Floats, Floats]:
    """The two parameters of each option's Beta posterior.

    It starts from the uniform one; the other contexts are discounted to `most` choices (a power
    prior: Ibrahim and Chen 2000, "Power prior distributions for regression models", Statistical
    Science 15(1), 46-60), the own ones count in full. A reward between 0 and 1 counts as so much of
    a success: its variance is at most that of a success as frequent, so the posterior is no
    narrower than it should be.
    """
    borrowed = np.minimum(pooled.choices, most)
    successes = 1 + borrowed * pooled.mean
    failures = 1 + borrowed * (1 - pooled.mean)
    if own is not None:
        successes = successes + own.choices * own.mean
        failures = failures + own.choices * (1 - own.mean)
    return successes, failures


def _ratio(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.zeros_like(whole), where=whole > 0)
