"""Messages drawn by chance, where there are more than can be grouped.

Customers are drawn, with what they wrote: a finding counts customers, so that a count in the sample
times `weight` is an unbiased estimate of the count over all (Cochran, W. G. (1977), "Sampling
Techniques", 3rd edition, section 2.3). Messages drawn one by one would find whoever writes often
too often.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from services.feedback.domain.insight.message import Message, customers, in_order

Key = tuple[str, str]

MOST_OF_ONE = 20
"""Of one customer in a sample: who writes without end takes no more than that of its place."""


@dataclass(frozen=True, slots=True)
class Size:
    """So many messages of so many customers."""

    messages: int
    customers: int

    @classmethod
    def of(cls, messages: Sequence[Message]) -> "Size":
        return cls(len(messages), customers(messages))


@dataclass(frozen=True, slots=True)
class Sample:
    """Messages, the oldest first, of which `drawn` were drawn out of `every`."""

    messages: tuple[Message, ...]
    drawn: Size
    every: Size

    @property
    def is_whole(self) -> bool:
        """Whether nothing was left out."""
        return self.drawn == self.every

    @property
    def weight(self) -> float:
        """For how many customers each one drawn stands."""
        return self.every.customers / self.drawn.customers if self.drawn.customers else 1.0

    def only(self, wanted: Callable[[Message], bool]) -> "Sample":
        """Those of them that are wanted; each stands for as many as before."""
        return replace(self, messages=tuple(filter(wanted, self.messages)))

    def filled(self, contents: Mapping[Key, Message]) -> "Sample":
        """The same with what the messages say; one that is gone meanwhile is left out."""
        found = tuple(contents[one.key] for one in self.messages if one.key in contents)
        return replace(self, messages=found)


def drawn(messages: Iterable[Message], most: int) -> Sample:
    """All of them, or where they are more than `most`, those of customers drawn by chance.

    Chance is a hash of who they are: equal messages give an equal sample, in whatever order they
    come, and what they say has no part in it.
    """
    told = in_order(messages)
    chosen = told if len(told) <= most else in_order(_chosen(told, most))
    return Sample(chosen, Size.of(chosen), Size.of(told))


def _chosen(told: Sequence[Message], most: int) -> list[Message]:
    by_person: dict[tuple[str, str], list[Message]] = defaultdict(list)
    for message in told:
        by_person[message.person].append(message)
    chosen: list[Message] = []
    for person in sorted(by_person, key=_lot):
        own = sorted(by_person[person], key=lambda message: _lot(message.key))[:MOST_OF_ONE]
        if len(chosen) + len(own) > most:
            break
        chosen += own
    return chosen


def _lot(names: Sequence[str]) -> bytes:
    """A number that says nothing but who draws it."""
    return hashlib.blake2b(
        "\0".join(names).encode("utf-8", "surrogatepass"), digest_size=16
    ).digest()
