"""What unhappy customers talk about."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.feedback.domain.insight.groups import Group, Grouping
from services.feedback.domain.insight.limits import Limits
from services.feedback.domain.insight.message import Cited, Message, customers
from services.feedback.domain.insight.periods import Periods
from services.feedback.domain.insight.rates import Change, adjusted
from services.feedback.domain.insight.sample import Sample


@dataclass(frozen=True, slots=True)
class Trouble:
    """A group of unhappy messages of this period.

    `change` compares customers with the period before, None when too little of it was seen;
    `q_value` is its p-value after all troubles were tested. `earlier` are the messages of the
    period before. `bad` is how many of the replies turned out bad, `cited` what most of those cite.
    """

    group: Group
    change: Change | None
    q_value: float
    earlier: tuple[Message, ...]
    bad: int
    cited: Cited | None

    @property
    def customers(self) -> int:
        return self.group.customers

    @property
    def messages(self) -> tuple[Message, ...]:
        return self.group.messages

    def changed(self, limits: Limits) -> bool:
        """Whether it became more or less frequent by more than chance."""
        return self.change is not None and self.q_value <= limits.false_discoveries


def troubles(
    unhappy: Sample, first: datetime | None, periods: Periods, grouping: Grouping, limits: Limits
) -> tuple[Trouble, ...]:
    """Groups of unhappy messages, those with most customers in this period first; `first` is when
    the first of all messages came.

    Both periods are grouped together, so that a trouble is compared with itself: a sample has the
    same share of either, which leaves a ratio as it is.
    """
    days_before = periods.days_before(first)
    found: list[tuple[Group, tuple[Message, ...], Change | None]] = []
    for group in grouping.groups(unhappy, limits.least_unhappy):
        now = periods.now(group.messages)
        if customers(now) < limits.least_unhappy:
            continue
        earlier = periods.before(group.messages)
        change = (
            Change(customers(now), customers(earlier), periods.days, days_before)
            if days_before
            else None
        )
        found.append((grouping.part(group, now), earlier, change))
    q_values = adjusted([1.0 if change is None else change.p_value for _, _, change in found])
    made = [
        Trouble(group, change, q_value, earlier, *_blame(group.messages))
        for (group, earlier, change), q_value in zip(found, q_values, strict=True)
    ]
    made.sort(key=lambda trouble: (-trouble.customers, trouble.group.key))
    return tuple(made[: limits.most])


def _blame(messages: Sequence[Message]) -> tuple[int, Cited | None]:
    """How many replies turned out bad, and the section that most of them cite."""
    bad = [message for message in messages if message.verdict == "bad"]
    cited = Counter(message.cited for message in bad if message.cited is not None)
    most = min(
        cited,
        key=lambda place: (-cited[place], place.document, place.section),
        default=None,
    )
    return len(bad), most
