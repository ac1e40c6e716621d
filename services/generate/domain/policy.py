"""What is allowed without a person, in numbers."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Policy:
    """The confidence an automatic reply needs, by intent; version 0 is the one set at start.

    `choices` has by slot and context how likely each option is, for what may be left to chance.
    """

    version: int
    default_threshold: float
    thresholds: Mapping[str, float] = field(default_factory=dict)
    choices: Mapping[tuple[str, str], Mapping[str, float]] = field(default_factory=dict)

    def threshold(self, intent: str) -> float:
        return self.thresholds.get(intent, self.default_threshold)

    def weights(self, slot: str, context: str) -> Mapping[str, float] | None:
        """Those of the context, or of the slot in any context (the empty one)."""
        return self.choices.get((slot, context)) or self.choices.get((slot, ""))


@dataclass(frozen=True, slots=True)
class Margins:
    """What policies do not say.

    From `draft` on an entry that may not be sent is worth a person's look as a finished reply.
    `exploration` is the share of answers that are drafted instead where the policy does not say
    otherwise, so that what it does can be compared with something: both are safe.
    """

    draft: float = 0.3
    exploration: float = 0.0
