"""Which traces are recorded: decided by the trace's id, so that all workers agree.

What upstream decided travels in the traceparent's flags. What is decided here cannot: events are
published again to the byte, whatever the settings are by then. So every worker decides for itself,
and by something that is the same for all of them.
"""

from dataclasses import dataclass
from typing import Literal

Sampler = Literal[
    "always_on", "always_off", "traceidratio", "parentbased_always_on", "parentbased_traceidratio"
]
"""OpenTelemetry's names. `parentbased_always_off` is not among them: after ingest, nobody can tell
upstream's traces from ours."""

RANDOM_BITS = 56
"""The last bits of a trace id are random (W3C Trace Context, level 2, and in every UUID); those
before are not: OpenTelemetry's own ratio takes 64 bits, the first of which are the same in every
UUID, and so takes none of our traces at 50 % and all of them at 75 %."""
SAMPLED = 0x01
"""The flag by which whoever began a trace says that they record it."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """`ratio` of all traces, from 0 to 1; `heeds_upstream` leaves out what upstream leaves out."""

    ratio: float
    heeds_upstream: bool

    @classmethod
    def of(cls, sampler: Sampler, ratio: float) -> "Sampling":
        """As the settings say; samplers without a ratio in their name know none."""
        if sampler == "always_off":
            return cls(0.0, heeds_upstream=False)
        heeds = sampler.startswith("parentbased_")
        return cls(ratio if sampler.endswith("traceidratio") else 1.0, heeds)

    def takes(self, traceparent: str) -> bool:
        """Whether spans of this trace are recorded.

        By the threshold of OpenTelemetry's consistent probability sampling (R >= T), so that
        whoever else samples by it at the same ratio keeps the same traces.
        """
        if self.heeds_upstream and not int(traceparent[53:55], 16) & SAMPLED:
            return False
        randomness = int(traceparent[3:35], 16) & ((1 << RANDOM_BITS) - 1)
        return randomness >= (1.0 - self.ratio) * (1 << RANDOM_BITS)
