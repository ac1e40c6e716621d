"""What may be chosen, and with which probability."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

ANY = ""
"""The context whose weights hold wherever a context has none of its own; so in `policy.updated`."""
TOLERANCE = 1e-6
"""Probabilities add up to one but for rounding."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A place where one of several `options` is put, all of them safe; the first is the usual one.

    Raises ValueError without options or with one twice.
    """

    name: str
    options: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.options or len(set(self.options)) < len(self.options):
            raise ValueError(f"{self.name}: options must be there, each once")


@dataclass(frozen=True, slots=True)
class Weights:
    """The probability of every option in one context of a slot.

    Raises ValueError if they are no probabilities that add up to one.
    """

    slot: str
    context: str
    probabilities: Mapping[str, float]

    def __post_init__(self) -> None:
        values = self.probabilities.values()
        # Written so that NaN fails, too.
        sound = all(0 <= p <= 1 for p in values) and abs(math.fsum(values) - 1) <= TOLERANCE
        if not sound:
            raise ValueError(f"{self.slot} in {self.context}: {dict(self.probabilities)}")


@dataclass(frozen=True, slots=True)
class SlotPolicy:
    """The weights of a slot by context; those of `ANY` hold in every other context.

    Raises ValueError without weights for `ANY`.
    """

    slot: str
    by_context: Mapping[str, Weights]

    def __post_init__(self) -> None:
        if ANY not in self.by_context:
            raise ValueError(f"{self.slot}: no weights for other contexts")

    @property
    def weights(self) -> tuple[Weights, ...]:
        """All of them, by context."""
        return tuple(self.by_context[context] for context in sorted(self.by_context))

    def at(self, context: str) -> Weights:
        """What holds in this context."""
        return self.by_context.get(context, self.by_context[ANY])


def policy_of(weights: Iterable[Weights], slot: str) -> SlotPolicy | None:
    """The policy of a slot in the weights of all; None if it has none yet."""
    found = {one.context: one for one in weights if one.slot == slot}
    return SlotPolicy(slot, found) if ANY in found else None


def chosen(weights: Weights, draw: float) -> tuple[str, float]:
    """The option that a draw, uniform in [0, 1), falls on, and the probability it had.

    Options lie side by side in the order of their names, each as wide as its probability, so the
    same draw falls on the same option however the weights came. Raises ValueError for another draw.
    """
    if not 0 <= draw < 1:
        raise ValueError(f"a draw is in [0, 1): {draw}")
    possible = [(option, p) for option, p in sorted(weights.probabilities.items()) if p > 0]
    passed = 0.0
    for option, probability in possible:
        passed += probability
        if draw < passed:
            return option, probability
    # Rounding may leave a sliver below one.
    return possible[-1]


def starting(slot: Slot, floor: float) -> SlotPolicy:
    """Nothing is known yet: the usual option, and as little as is allowed of every other."""
    usual = {option: float(option == slot.options[0]) for option in slot.options}
    return SlotPolicy(slot.name, {ANY: Weights(slot.name, ANY, floored(usual, floor))})


def allowed(policy: SlotPolicy, slot: Slot, floor: float) -> SlotPolicy:
    """The policy with the options that the slot has now: others are gone, new ones at the floor.

    Weights that fit already stay as they are.
    """
    fitted = {
        context: _fitted(weights, slot, floor) for context, weights in policy.by_context.items()
    }
    return SlotPolicy(policy.slot, fitted)


def floored(shares: Mapping[str, float], floor: float) -> dict[str, float]:
    """Shares that add up to one, with at least `floor` for every option.

    Every option gets the floor first and its share of what is left. Raises ValueError where there
    is not enough for all.
    """
    left = 1 - floor * len(shares)
    if left < 0:
        raise ValueError(f"{len(shares)} options cannot have {floor} each")
    return {option: floor + left * share for option, share in shares.items()}


def towards(one: SlotPolicy, other: SlotPolicy, part: float) -> SlotPolicy:
    """A part of the way, from 0 to 1, from one policy to another of the same options."""
    found = {}
    for context in sorted({*one.by_context, *other.by_context}):
        start, end = one.at(context).probabilities, other.at(context).probabilities
        between = {option: p + part * (end[option] - p) for option, p in start.items()}
        found[context] = Weights(one.slot, context, between)
    return SlotPolicy(one.slot, found)


def furthest(one: SlotPolicy, other: SlotPolicy) -> float:
    """The largest difference between two policies over all contexts: the share of messages there
    that would get another option (total variation distance)."""
    contexts = {*one.by_context, *other.by_context}
    return max(_distance(one.at(context), other.at(context)) for context in contexts)


def _distance(one: Weights, other: Weights) -> float:
    options = {*one.probabilities, *other.probabilities}
    gaps = (
        abs(one.probabilities.get(option, 0.0) - other.probabilities.get(option, 0.0))
        for option in options
    )
    return math.fsum(gaps) / 2


def _fitted(weights: Weights, slot: Slot, floor: float) -> Weights:
    before = weights.probabilities
    kept = {option: before.get(option, 0.0) for option in slot.options}
    least = min(kept.values())
    if set(before) == set(kept) and least >= floor - TOLERANCE:
        return weights
    total = math.fsum(kept.values())
    if total <= 0:
        return Weights(weights.slot, weights.context, starting(slot, floor).at(ANY).probabilities)
    shares = {option: p / total for option, p in kept.items()}
    return Weights(weights.slot, weights.context, floored(shares, floor))
