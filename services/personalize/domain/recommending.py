"""Choosing what to offer: blended scores, what is left out, and why each item is there.

Every part of the blend is linear in what the customer did, so the score of an item is a sum over
their history, and the entry that gave most of it is the honest reason for the item.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, Protocol

import numpy as np

from services.personalize.domain.histories import (
    Flags,
    Floats,
    Histories,
    Indices,
    Past,
    newest,
    owned,
)
from services.personalize.domain.ranking import best, levelled, spreads

Code = Literal["bought_together", "similar_content", "popular"]

_TOGETHER: Code = "bought_together"
_ALIKE: Code = "similar_content"


class Scorer(Protocol):
    """How well items go with histories. `strengths` [entries] are those of the entries.

    No entry adds to its own item: that somebody looked at something is no reason to offer it.
    """

    def scores(self, histories: Histories, strengths: Floats) -> Floats:
        """float32 [customers, items]; all 0 where nothing is known."""

    def contributions(self, past: Indices, strengths: Floats, items: Indices) -> Floats:
        """float32 [past, items]: what each entry of one history adds to the items' scores."""


@dataclass(frozen=True)
class Part:
    """A scorer in the blend: `weight` is its share, `code` the reason it gives."""

    name: str
    code: Code
    scorer: Scorer
    recency: float
    weight: float


Scored = Callable[[Part, Histories], Floats]


def served(part: Part, histories: Histories) -> Floats:
    """float32 [customers, items]: what a part makes of the histories."""
    return part.scorer.scores(histories, histories.strengths(part.recency))


@dataclass(frozen=True)
class Catalogue:
    """The items that can be offered. available, repeatable: bool [items]; what is repeatable, such
    as a refill, is offered to its owners too."""

    items: tuple[str, ...]
    titles: tuple[str, ...]
    available: Flags
    repeatable: Flags

    @cached_property
    def numbers(self) -> Mapping[str, int]:
        return {item: number for number, item in enumerate(self.items)}


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an item is offered; `because` is the item of the history that contributed most."""

    code: Code
    because: str | None = None


@dataclass(frozen=True, slots=True)
class Recommended:
    """`contribution` is the part of the score, from 0 to 1, that the reason stands for."""

    item: str
    title: str
    score: float
    reason: Reason
    contribution: float


@dataclass(frozen=True)
class Recommender:
    """The blend. popularity: float32 [items], levelled; it alone decides for whoever has no
    history, and `popularity_weight` is its share otherwise."""

    catalogue: Catalogue
    popularity: Floats
    popularity_weight: float
    parts: tuple[Part, ...]

    def recommend(
        self, customers: Sequence[Sequence[Past]], most: int
    ) -> list[tuple[Recommended, ...]]:
        """For each history, oldest entry first, at most so many items, the best first.

        Items the model does not know are passed over. An item may occur once in a history.
        """
        every = self.histories(customers)
        histories, left_out = newest(every), self.left_out(every)
        parts = [(part, served(part, histories)) for part in self.parts if part.weight]
        scores = self._blended(parts, len(histories))
        shares = [(part, _shares(part, spreads(scored))) for part, scored in parts]
        return [
            self._explained(
                histories.of(np.array([row])),
                scores[row],
                items[items >= 0],
                [(part, share[row]) for part, share in shares],
            )
            for row, items in enumerate(best(scores, left_out, most))
        ]

    def histories(self, customers: Sequence[Sequence[Past]]) -> Histories:
        """The customers' entries, as far as their items are known."""
        numbers = self.catalogue.numbers
        known = [[past for past in one if past.item in numbers] for one in customers]
        entries = [past for one in known for past in one]
        return Histories(
            np.concatenate([[0], np.cumsum([len(one) for one in known], dtype=np.int64)]),
            np.array([numbers[past.item] for past in entries], np.int64),
            np.array([past.weight for past in entries], np.float32),
            np.array([past.owned for past in entries], np.bool_),
        )

    def scores(self, histories: Histories, scored: Scored = served) -> Floats:
        """float32 [customers, items], before anything is left out.

        `scored` gives a part's scores, equal to those served whatever way it takes.
        """
        parts = [(part, scored(part, histories)) for part in self.parts if part.weight]
        return self._blended(parts, len(histories))

    def left_out(self, histories: Histories) -> Flags:
        """bool [customers, items]: unavailable, or owned and not repeatable."""
        left_out = owned(histories, self.catalogue.repeatable)
        left_out |= ~self.catalogue.available
        return left_out

    def _blended(self, parts: Sequence[tuple[Part, Floats]], customers: int) -> Floats:
        total = np.tile(self.popularity * np.float32(self.popularity_weight), (customers, 1))
        for part, scored in parts:
            total += np.float32(part.weight) * levelled(scored)
        return total

    def _explained(
        self,
        history: Histories,
        scores: Floats,
        items: Indices,
        shares: Sequence[tuple[Part, float]],
    ) -> tuple[Recommended, ...]:
        """The chosen items with their reasons. `scores` [items of the catalogue]; `shares` are what
        one unit of each part's scores is worth in the blend."""
        by_code = _contributions(history, items, shares)
        popular = self.popularity[items] * self.popularity_weight
        told = []
        for place, item in enumerate(items.tolist()):
            amounts = {code: float(c[:, place].sum()) for code, c in by_code.items()}
            amounts["popular"] = float(popular[place])
            code = max(amounts, key=lambda name: amounts[name])
            positive = sum(max(0.0, amount) for amount in amounts.values())
            because = None
            if code in by_code:
                entry = history.items[int(by_code[code][:, place].argmax())]
                because = self.catalogue.items[int(entry)]
            told.append(
                Recommended(
                    self.catalogue.items[item],
                    self.catalogue.titles[item],
                    float(scores[item]),
                    Reason(code, because),
                    amounts[code] / positive if positive else 0.0,
                )
            )
        return tuple(told)


def _shares(part: Part, spread: Floats) -> list[float]:
    """For each customer what one unit of the part's scores is worth in the blend."""
    return [part.weight / one if one else 0.0 for one in spread.tolist()]


def _contributions(
    history: Histories, items: Indices, shares: Sequence[tuple[Part, float]]
) -> dict[Code, Floats]:
    """float32 [entries, items] for each code that this history gives a reason by."""
    found: dict[Code, Floats] = {}
    for part, share in shares:
        if share:
            strengths = history.strengths(part.recency)
            added = part.scorer.contributions(history.items, strengths, items) * np.float32(share)
            found[part.code] = found[part.code] + added if part.code in found else added
    return found
