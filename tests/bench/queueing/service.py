"""How long a worker takes for a batch: as measured, or a fixed part and one for each message."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
from scipy.optimize import nnls


class Service(Protocol):
    """What the simulation asks of a service time."""

    def of(self, messages: int, waves: int = 1) -> float:
        """Seconds of a batch of so many messages, of which the most frequent key has `waves`."""


@dataclass(frozen=True, slots=True)
class ServiceCurve:
    """Seconds of a batch by its messages, ascending: of texts that are padded to the longest of a
    batch, neither few nor many cost the same each. Between what was measured lie straight lines;
    beyond the last, in proportion to it."""

    messages: Sequence[float]
    seconds: Sequence[float]

    @classmethod
    def observed(cls, sums: Iterable[tuple[float, float, float]]) -> Self:
        """From batches, messages and seconds, together for each size."""
        means = sorted(
            (messages / batches, seconds / batches) for batches, messages, seconds in sums
        )
        return cls(*zip(*means, strict=True))

    def of(self, messages: int, waves: int = 1) -> float:
        each = messages / waves
        if each > self.messages[-1]:
            return waves * self.seconds[-1] * each / self.messages[-1]
        return waves * float(np.interp(each, self.messages, self.seconds))

    def most_per_second(self, batch: int) -> float:
        """Messages a second of one process that always finds `batch` of them."""
        return batch / self.of(batch)

    def stretched(self, factor: float) -> Self:
        """The same on a processor that is so many times slower."""
        return type(self)(self.messages, [factor * seconds for seconds in self.seconds])


@dataclass(frozen=True, slots=True)
class ServiceTime:
    """Seconds of a batch: `per_wave` for each wave of distinct keys, `per_message` for each
    message."""

    per_wave: float
    per_message: float

    def of(self, messages: int, waves: int = 1) -> float:
        """Seconds of a batch of so many messages, of which the most frequent key has `waves`."""
        return self.per_wave * waves + self.per_message * messages

    def most_per_second(self, batch: int) -> float:
        """Messages a second of one process that always finds `batch` of them."""
        return batch / self.of(batch)


def fitted(
    batches: Sequence[float], messages: Sequence[float], seconds: Sequence[float]
) -> ServiceTime:
    """The service time behind observations, each of so many batches that held so many messages
    and took so many seconds together.

    Least squares of the relative errors (each row divided by its seconds), neither part below 0
    (Lawson and Hanson, Solving Least Squares Problems, 1974, chapter 23): so a single message
    counts as much as a full batch.
    """
    took = np.asarray(seconds, float)
    rows = np.column_stack([batches, messages]) / took[:, None]
    (per_wave, per_message), _ = nnls(rows, np.ones(len(took)))
    return ServiceTime(float(per_wave), float(per_message))
