"""Which messages' words are worth reading, decided from all messages without them.

What is counted is counted over all; only what is grouped by meaning needs words and vectors, which
are most of a message, and of those no more are grouped than can be.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from services.feedback.domain.insight.limits import Limits
from services.feedback.domain.insight.message import Message, in_order
from services.feedback.domain.insight.periods import Periods
from services.feedback.domain.insight.sample import Key, Sample, drawn
from services.feedback.domain.insight.unanswered import is_unanswered


@dataclass(frozen=True, slots=True)
class Samples:
    """What is grouped for each kind of finding."""

    troubles: Sample
    gaps: Sample
    new_intents: Sample

    @property
    def keys(self) -> frozenset[Key]:
        """Of all messages in them."""
        samples = (self.troubles, self.gaps, self.new_intents)
        return frozenset(message.key for one in samples for message in one.messages)

    def filled(self, contents: Mapping[Key, Message]) -> "Samples":
        """With what the messages say."""
        return Samples(
            self.troubles.filled(contents),
            self.gaps.filled(contents),
            self.new_intents.filled(contents),
        )


@dataclass(frozen=True, slots=True)
class Survey:
    """All messages, the oldest first, whose contents may be missing, and what is grouped."""

    periods: Periods
    limits: Limits
    everything: tuple[Message, ...]
    samples: Samples


def survey(messages: Iterable[Message], end: datetime, days: float, limits: Limits) -> Survey:
    """Of the `days` before `end` and as many before them. Raises ValueError unless `days` is
    positive."""
    periods = Periods.until(end, days)
    everything = in_order(messages)
    now = periods.now(everything)
    samples = Samples(
        drawn((m for m in periods.both(everything) if m.is_unhappy), limits.most_grouped),
        drawn((m for m in now if is_unanswered(m, limits)), limits.most_grouped),
        drawn((m for m in now if m.is_out_of_scope), limits.most_grouped),
    )
    return Survey(periods, limits, everything, samples)
