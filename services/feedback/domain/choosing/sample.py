"""What was chosen by chance and what came of it: as records, and as arrays to reckon with."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from services.feedback.domain.choosing.weights import TOLERANCE, SlotPolicy

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Logged:
    """One choice: the option taken, the probability it had then, and the reward from 0 to 1.

    `day` numbers days, later ones higher. A propensity of 0 can be held, as it may stand in a log,
    but nothing can be learned from it. Raises ValueError for other values out of range.
    """

    slot: str
    context: str
    option: str
    propensity: float
    reward: float
    day: int

    def __post_init__(self) -> None:
        if not (0 <= self.propensity <= 1 and 0 <= self.reward <= 1):
            raise ValueError(f"propensity {self.propensity}, reward {self.reward}: not in [0, 1]")


@dataclass(frozen=True)
class Sample:
    """Choices of one slot: n of them, over the `contexts` they came from and all `options`.

    `context` and `option` are indices [n] into these, `propensity` and `reward` float64 [n].
    """

    contexts: tuple[str, ...]
    options: tuple[str, ...]
    context: Indices
    option: Indices
    propensity: Floats
    reward: Floats

    def __len__(self) -> int:
        return len(self.reward)

    @property
    def impossible(self) -> int:
        """How many were logged as chosen with no chance of it: their log is wrong."""
        return int((self.propensity <= 0).sum())

    @cached_property
    def cells(self) -> Indices:
        """int64 [n]: the number of each one's pair of context and option, row by row."""
        return self.context * len(self.options) + self.option

    def sums(self, values: Floats) -> Floats:
        """Values [n] summed over each context and option: float64 [contexts, options]."""
        shape = len(self.contexts), len(self.options)
        summed = np.bincount(self.cells, weights=values, minlength=shape[0] * shape[1])
        return summed.astype(np.float64).reshape(shape)

    @cached_property
    def counts(self) -> Floats:
        """How often each option was taken in each context: float64 [contexts, options]."""
        return self.sums(np.ones(len(self)))

    def probabilities(self, policy: SlotPolicy) -> Floats:
        """What the policy would do: float64 [contexts, options].

        Raises ValueError if it has options that the sample does not know of.
        """
        by_context = [policy.at(context).probabilities for context in self.contexts]
        rows = [[one.get(option, 0.0) for option in self.options] for one in by_context]
        found = np.array(rows, dtype=np.float64).reshape(len(self.contexts), len(self.options))
        if (np.abs(found.sum(axis=1) - 1) > TOLERANCE).any():
            raise ValueError(f"{policy.slot}: options beyond {self.options}")
        return found

    def importance(self, policy: SlotPolicy) -> Floats:
        """Importance weights, float64 [n]: how many times as probable each choice is under the
        policy as it was when it was made. Each has its own propensity, so the choices may come from
        several policies. Raises ValueError where a propensity is 0."""
        if self.impossible:
            raise ValueError(f"{self.impossible} choices with a propensity of 0")
        weights: Floats = self.probabilities(policy)[self.context, self.option] / self.propensity
        return weights


def sample_of(logs: Sequence[Logged], options: Iterable[str] = ()) -> Sample:
    """Choices of one slot as arrays, over the options that were taken and those named.

    Raises ValueError if they are of several slots.
    """
    if len({one.slot for one in logs}) > 1:
        raise ValueError("choices of several slots")
    contexts = tuple(sorted({one.context for one in logs}))
    known = tuple(sorted({*(one.option for one in logs), *options}))
    of_context = {context: i for i, context in enumerate(contexts)}
    of_option = {option: i for i, option in enumerate(known)}
    return Sample(
        contexts,
        known,
        np.array([of_context[one.context] for one in logs], dtype=np.int64),
        np.array([of_option[one.option] for one in logs], dtype=np.int64),
        np.array([one.propensity for one in logs], dtype=np.float64),
        np.array([one.reward for one in logs], dtype=np.float64),
    )
