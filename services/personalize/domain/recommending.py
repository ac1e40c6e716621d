"""Choosing what to offer: blended scores, what is left out, and why each item is there.

Every part of the blend is linear in what the customer did, so the score of an item is a sum over
their history, and the entry that gave most of it is the honest reason for the item.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Indices = NDArray[np.int64]
Flags = NDArray[np.bool_]
Code = Literal["bought_together", "similar_content", "popular"]

MOST_PAST = 500
"""Entries of a history that speak for items, the newest: bounds the work for one customer."""

_TOGETHER: Code = "bought_together"
_ALIKE: Code = "similar_content"


@dataclass(frozen=True, slots=True)
class Past:
    """One item a customer had to do with. `weight` from 0 to 1 says how much it speaks for them
    liking it; one that is `owned` is not offered again."""

    item: str
    weight: float
    owned: bool = True


@dataclass(frozen=True)
class Histories:
    """What customers did: entries starts[c] to starts[c + 1] are customer c's, oldest first, each
    item once.

    starts: int64 [customers + 1]; items: int64 [entries], numbers of items; weights: float32
    [entries]; owned: bool [entries].
    """

    starts: Indices
    items: Indices
    weights: Floats
    owned: Flags

    def __len__(self) -> int:
        return len(self.starts) - 1

    @cached_property
    def customers(self) -> Indices:
        """int64 [entries]: whose each entry is."""
        return np.repeat(np.arange(len(self)), np.diff(self.starts))

    def strengths(self, recency: float) -> Floats:
        """float32 [entries]: weight * (1 + newer entries) ** -recency; 0 leaves the weights."""
        newer = self.starts[1:][self.customers] - 1 - np.arange(len(self.items))
        faded: Floats = self.weights * (1.0 + newer).astype(np.float32) ** np.float32(-recency)
        return faded

    def of(self, customers: Indices) -> "Histories":
        """Those of some customers, in the order given."""
        counts = np.diff(self.starts)[customers]
        starts = np.concatenate([[0], np.cumsum(counts)])
        rows = np.repeat(self.starts[customers] - starts[:-1], counts) + np.arange(starts[-1])
        return Histories(starts, self.items[rows], self.weights[rows], self.owned[rows])


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


def newest(histories: Histories) -> Histories:
    """The newest `MOST_PAST` entries of each."""
    counts = np.diff(histories.starts)
    if not len(counts) or counts.max() <= MOST_PAST:
        return histories
    place = np.arange(len(histories.items)) - histories.starts[histories.customers]
    kept = place >= (counts - MOST_PAST)[histories.customers]
    starts = np.concatenate([[0], np.cumsum(np.minimum(counts, MOST_PAST))])
    return Histories(starts, histories.items[kept], histories.weights[kept], histories.owned[kept])


def spreads(scores: Floats) -> Floats:
    """float32 [customers]: standard deviations over the items of scores [customers, items]."""
    found: Floats = scores.std(axis=1)
    return found


def levelled(scores: Floats) -> Floats:
    """Scores [customers, items] of a part over their spread, so that parts can be added; without
    an offset, so that what each entry of a history adds stays a sum."""
    spread = spreads(scores)[:, None]
    level: Floats = np.divide(scores, spread, out=np.zeros_like(scores), where=spread > 0)
    return level


def owned(histories: Histories, repeatable: Flags) -> Flags:
    """bool [customers, items]: what is not to be offered again. repeatable: bool [items]."""
    flags = np.zeros((len(histories), len(repeatable)), np.bool_)
    final = histories.owned & ~repeatable[histories.items]
    flags[histories.customers[final], histories.items[final]] = True
    return flags


def best(scores: Floats, left_out: Flags, most: int) -> Indices:
    """int64 [customers, most]: items by falling score, equal ones in their order; -1 where nothing
    is left."""
    most = min(most, scores.shape[1])
    open_scores = np.where(left_out, -np.inf, scores)
    if most < scores.shape[1]:
        # Of equal scores at the border the first ones count, as in a full sort.
        border = np.partition(open_scores, -most, axis=1)[:, -most, None]
        rows, items = np.nonzero(open_scores >= border)
    else:
        rows, items = np.nonzero(np.ones_like(left_out))
    order = np.lexsort((items, -open_scores[rows, items], rows))
    rows, items = rows[order], items[order]
    starts = np.searchsorted(rows, np.arange(len(scores)))
    chosen = items[starts[:, None] + np.arange(most)]
    allowed = np.isfinite(np.take_along_axis(open_scores, chosen, axis=1))
    return np.where(allowed, chosen, -1)
