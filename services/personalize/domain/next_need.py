"""What a customer will probably ask for next, from what they and others asked for before.

Which intent follows which is counted over many customers' tickets; somebody's own last tickets then
say where they stand. What was counted seldom falls back to how often an intent occurs at all.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from services.personalize.domain.counts import LONGEST_NAME, MOST_NAMES, OTHER, Counts, counted

FADE = 0.2
"""Weight of a ticket against the next newer one."""
MOST_TICKETS = 4
"""Newest tickets looked at; the fourth weighs less than a hundredth of the newest."""
HALF_LIFE = timedelta(days=180)
"""After this time without a ticket the last ones say half as much."""
_UNSEEN = 0.5
"""Tickets that every permitted intent is given in advance (Jeffreys' prior)."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One ticket: when it was opened and what it was about."""

    at: datetime
    intent: str


@dataclass(frozen=True, slots=True)
class Transitions:
    """How often an intent came at all, and how often after which other: tickets of all customers.

    Bounded: past `MOST_NAMES` intents new ones count as `other`, before and after alike.
    """

    overall: Counts = field(default_factory=dict)
    after: Mapping[str, Counts] = field(default_factory=dict)


class Need(NamedTuple):
    """An intent with the probability that the next ticket is about it."""

    intent: str
    probability: float


@dataclass(frozen=True, slots=True)
class NextNeeds:
    """The intents that may come next, the likeliest first; their probabilities add up to 1.

    `cold` says that nothing is known of what this customer asks for: it is then everybody's
    distribution. `known` counts the tickets of others that followed on what this one asked last.
    Nothing at all is ranked while no ticket was ever counted and no intent is permitted.
    """

    ranked: tuple[Need, ...]
    cold: bool
    known: int


def with_transition(table: Transitions, previous: str | None, following: str) -> Transitions:
    """One more ticket; `previous` is the intent of the customer's ticket before, if there was one.

    The order in which tickets are counted changes nothing while there are few enough intents.
    """
    following = _place(table.overall, following)
    overall = counted(table.overall, following)
    if previous is None:
        return Transitions(overall, table.after)
    name = _place(table.after, previous)
    row = counted(table.after.get(name, {}), following)
    return Transitions(overall, {**table.after, name: row})


def merged(first: Transitions, second: Transitions) -> Transitions:
    """What both counted, of different tickets."""
    overall = _sum(first.overall, second.overall)
    after: dict[str, Counts] = {}
    for table in (first, second):
        for previous, row in table.after.items():
            name = _place(after, previous)
            after[name] = _within(overall, _sum(after.get(name, {}), row))
    return Transitions(overall, after)


def next_needs(
    table: Transitions, history: Sequence[Asked], now: datetime, permitted: Collection[str] = ()
) -> NextNeeds:
    """What comes next for a customer with this history, in any order, as of `now`.

    `permitted` intents are ranked even when no ticket was about them yet. The newest tickets each
    say what follows on them, mixed by age in the sequence (the mixture transition distribution,
    Raftery 1985), and are mixed with everybody's distribution by the time since the last one.
    """
    prior = _prior(table.overall, permitted)
    newest = sorted(history, key=lambda asked: (asked.at, asked.intent))[-MOST_TICKETS:][::-1]
    rows = [table.after.get(_place(table.after, asked.intent), {}) for asked in newest]
    cold = not any(rows)
    if cold or not prior:
        return NextNeeds(_ranked(prior), True, 0)
    weights = [FADE**place for place in range(len(rows))]
    freshness = 0.5 ** (max(now - newest[0].at, timedelta()) / HALF_LIFE)
    mixed = {intent: (1 - freshness) * p for intent, p in prior.items()}
    for weight, row in zip(weights, rows, strict=True):
        for intent, probability in _following(row, prior).items():
            mixed[intent] += freshness * probability * weight / sum(weights)
    return NextNeeds(_ranked(mixed), False, sum(rows[0].values()))


def _prior(overall: Counts, permitted: Collection[str]) -> dict[str, float]:
    """Everybody's distribution, smoothed so that what never came is not impossible."""
    names = {*overall, *(intent[:LONGEST_NAME] for intent in permitted)}
    total = sum(overall.values()) + _UNSEEN * len(names)
    return {name: (overall.get(name, 0) + _UNSEEN) / total for name in sorted(names)}


def _following(row: Counts, prior: Mapping[str, float]) -> dict[str, float]:
    """The distribution after one intent, interpolated with the prior.

    The prior weighs as many tickets as there are different followers: what was followed by many
    things may be followed by new ones (Witten and Bell 1991, their method C).
    """
    different, total = len(row), sum(row.values())
    if not total:
        return dict(prior)
    return {
        name: (row.get(name, 0) + different * p) / (total + different) for name, p in prior.items()
    }


def _ranked(probabilities: Mapping[str, float]) -> tuple[Need, ...]:
    total = sum(probabilities.values())
    needs = [Need(intent, p / total) for intent, p in probabilities.items()]
    return tuple(sorted(needs, key=lambda need: (-need.probability, need.intent)))


def _place(bounded: Mapping[str, object], name: str) -> str:
    """The name under which an intent counts."""
    name = name[:LONGEST_NAME]
    return OTHER if name not in bounded and len(bounded) >= MOST_NAMES else name


def _within(overall: Counts, row: Counts) -> Counts:
    """The row with the names that count overall: others have no probability to start from."""
    named: dict[str, int] = {}
    for name, count in row.items():
        place = name if name in overall else OTHER
        named[place] = named.get(place, 0) + count
    return named


def _sum(first: Counts, second: Counts) -> Counts:
    total = dict(first)
    for name, count in second.items():
        place = _place(total, name)
        total[place] = total.get(place, 0) + count
    return total
