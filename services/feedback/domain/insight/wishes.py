"""Which wishes grow or shrink, this period against the one before."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from services.feedback.domain.insight.limits import Limits
from services.feedback.domain.insight.message import Message, customers
from services.feedback.domain.insight.periods import Periods
from services.feedback.domain.insight.rates import Change, adjusted


@dataclass(frozen=True, slots=True)
class Wish:
    """An intent whose rate changed by more than chance.

    `change` counts customers, not messages: customers come independently, as the test supposes,
    and one who writes a hundred times is one. `q_value` is the p-value after all intents were
    tested. `messages` are those of this period, `earlier` those of the one before.
    """

    intent: str
    change: Change
    q_value: float
    messages: tuple[Message, ...]
    earlier: tuple[Message, ...]

    @property
    def extra(self) -> float:
        """Customers beyond those expected at the rate before; negative when it shrinks."""
        return self.change.count - self.change.expected


def overall(messages: Sequence[Message], periods: Periods) -> Change | None:
    """All customers who wrote, against before; None when too little was seen before."""
    days_before = periods.days_before(min((m.at for m in messages), default=None))
    return _change(messages, periods, days_before) if days_before else None


def changed_wishes(
    messages: Sequence[Message], periods: Periods, limits: Limits
) -> tuple[Wish, ...]:
    """The significant changes of intents with enough customers, the largest first."""
    days_before = periods.days_before(min((m.at for m in messages), default=None))
    if not days_before:
        return ()
    by_intent: dict[str, list[Message]] = defaultdict(list)
    for message in periods.both(messages):
        if not message.is_out_of_scope:
            by_intent[message.intent].append(message)
    changes = {
        intent: change
        for intent, told in sorted(by_intent.items())
        if max((change := _change(told, periods, days_before)).count, change.count_before)
        >= limits.least_wish
    }
    q_values = adjusted([change.p_value for change in changes.values()])
    found = [
        Wish(
            intent,
            change,
            q_value,
            periods.now(by_intent[intent]),
            periods.before(by_intent[intent]),
        )
        for (intent, change), q_value in zip(changes.items(), q_values, strict=True)
        if q_value <= limits.false_discoveries
    ]
    found.sort(key=lambda wish: (-abs(wish.extra), wish.intent))
    return tuple(found[: limits.most])


def _change(messages: Sequence[Message], periods: Periods, days_before: float) -> Change:
    return Change(
        customers(periods.now(messages)),
        customers(periods.before(messages)),
        periods.days,
        days_before,
    )
