"""What is allowed without a person, in numbers."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Policy:
    """The confidence an automatic reply needs, by intent; version 0 is the one set at start."""

    version: int
    default_threshold: float
    thresholds: Mapping[str, float] = field(default_factory=dict)

    def threshold(self, intent: str) -> float:
        return self.thresholds.get(intent, self.default_threshold)


@dataclass(frozen=True, slots=True)
class Margins:
    """What policies do not say.

    From `draft` on an entry that may not be sent is worth a person's look as a finished reply.
    `exploration` is the share of answers that are drafted instead, so that what the policy does can
    be compared with something: both are safe.
    """

    draft: float = 0.3
    exploration: float = 0.0
