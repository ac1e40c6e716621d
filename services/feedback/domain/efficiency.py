"""What tickets took: time, by step, and what was used. `definitions` says what that means."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from services.feedback.domain.history import STEPS
from services.feedback.domain.intervals import Pairs, Sample, mean_of, ratio_of
from services.feedback.domain.quality import Estimate

NO_PAIRS = Pairs()


@dataclass(frozen=True, slots=True)
class Effort:
    """What the replies of some tickets took, summed up over the tickets.

    `time` are milliseconds, of the tickets whose every reply's time is known. `steps` pairs those
    of a step with those of all steps, by the name of the step. `passes`, `tokens` and `price` are
    what was used. `passes_resolved` and `tokens_resolved` pair it with whether the ticket is
    resolved.
    """

    tickets: int = 0
    replies: int = 0
    time: Sample = field(default_factory=Sample)
    passes: Sample = field(default_factory=Sample)
    tokens: Sample = field(default_factory=Sample)
    price: Sample = field(default_factory=Sample)
    steps: Mapping[str, Pairs] = field(default_factory=dict)
    passes_resolved: Pairs = NO_PAIRS
    tokens_resolved: Pairs = NO_PAIRS

    @property
    def time_per_ticket(self) -> Estimate:
        """In milliseconds."""
        return mean_of(self.time, low=0.0)

    @property
    def passes_per_ticket(self) -> Estimate:
        """Encoder passes."""
        return mean_of(self.passes, low=0.0)

    @property
    def tokens_per_ticket(self) -> Estimate:
        """Tokens of language models, read and written."""
        return mean_of(self.tokens, low=0.0)

    @property
    def price_per_ticket(self) -> Estimate:
        """What the language models cost, in the company's currency."""
        return mean_of(self.price, low=0.0)

    @property
    def tokens_per_resolved(self) -> Estimate:
        """The cost per resolved ticket of `definitions`, with an interval."""
        return ratio_of(self.tokens_resolved)

    @property
    def passes_per_resolved(self) -> Estimate:
        """The same in encoder passes."""
        return ratio_of(self.passes_resolved)

    def share(self, step: str) -> Estimate:
        """Of the time of all steps, that of one; NaN where no step's time is known."""
        return ratio_of(self.steps.get(step, NO_PAIRS), high=1.0)

    @property
    def told_steps(self) -> tuple[str, ...]:
        """The steps that took any time, in their order."""
        return tuple(step for step in STEPS if self.steps.get(step, NO_PAIRS).top)
