"""Messages that are about the same, whatever the language, by their sentence vectors.

The vectors of each language are centred on the mean of all its messages before: what all messages
of a language share says nothing of their subject, and hides that a Chinese and an English one ask
for the same.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.feedback.domain.insight.background import Background
from services.feedback.domain.insight.message import Message, customers
from services.feedback.domain.insight.naming import Name, names_of
from services.feedback.domain.insight.sample import Sample

Vectors = NDArray[np.float32]
Clustering = Callable[[Vectors], Sequence[int]]
"""A label for each row of unit vectors [n, width]; rows with equal labels are a group."""

_TINY = 1e-6


@dataclass(frozen=True, slots=True)
class Group:
    """Messages about the same, the most central first.

    Where they are of a sample, each customer stands for `weight` customers. `density` is the mean
    cosine of their centred vectors to the centre's. `names` has one for each language in it.
    """

    messages: tuple[Message, ...]
    density: float
    names: Mapping[str, Name]
    weight: float = 1.0

    @property
    def key(self) -> str:
        """Tells this group from others: its most central message."""
        return "/".join(self.messages[0].key)

    @property
    def customers(self) -> int:
        """How many wrote these messages, or where they are of a sample, an estimate of how many
        wrote such messages."""
        return round(self.weight * self.counted)

    @property
    def counted(self) -> int:
        """Those whose messages these are."""
        return customers(self.messages)

    @property
    def language(self) -> str:
        """The one of most messages."""
        return next(iter(self.names))

    def name(self, language: str) -> Name:
        """Its name in this language, or else in the one of most messages."""
        return self.names.get(language, self.names[self.language])


class Grouping:
    """Groups messages, seen before all others of the same weeks."""

    def __init__(self, background: Background, cluster: Clustering) -> None:
        self._cluster = cluster
        self._vocabularies = background.vocabularies
        self._means = background.means

    def groups(self, sample: Sample, least: int) -> tuple[Group, ...]:
        """The groups of at least so many customers in the sample, the largest first.

        Messages without a vector, or in a language too rare to be centred, are in none.
        """
        usable = [m for m in sample.messages if m.vector is not None and m.language in self._means]
        if len(usable) < max(2, least):
            return ()
        vectors = self._centred(usable)
        members: dict[int, list[int]] = defaultdict(list)
        for place, label in enumerate(self._cluster(vectors)):
            members[label].append(place)
        found = [
            self._group([usable[i] for i in places], vectors[places], sample.weight)
            for places in members.values()
            if customers(usable[i] for i in places) >= least
        ]
        found.sort(key=lambda group: (-group.counted, -len(group.messages), group.key))
        return tuple(found)

    def part(self, group: Group, messages: Sequence[Message]) -> Group:
        """Of a group these messages, named after them alone, in the group's order."""
        wanted = {message.key for message in messages}
        kept = tuple(message for message in group.messages if message.key in wanted)
        return Group(kept, group.density, names_of(kept, self._vocabularies), group.weight)

    def _centred(self, messages: Sequence[Message]) -> Vectors:
        """Unit vectors, float32 [messages, width], each less the mean of its language."""
        vectors = np.stack(
            [m.vector - self._means[m.language] for m in messages if m.vector is not None]
        ).astype(np.float32)
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        units: Vectors = (vectors / np.maximum(norms, _TINY)).astype(np.float32)
        return units

    def _group(self, messages: Sequence[Message], vectors: Vectors, weight: float) -> Group:
        centre = vectors.mean(axis=0)
        closeness = vectors @ (centre / max(float(np.linalg.norm(centre)), _TINY))
        # Rounded, so that equal texts keep the order they came in on every machine.
        order = np.argsort(-np.round(closeness, 5), kind="stable")
        central = tuple(messages[place] for place in order.tolist())
        density = float(closeness.mean())
        return Group(central, density, names_of(central, self._vocabularies), weight)
