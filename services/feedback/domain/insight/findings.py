"""All that is found in some weeks' messages, and what of it matters most."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.feedback.domain.insight.groups import Clustering, Grouping
from services.feedback.domain.insight.limits import Limits
from services.feedback.domain.insight.message import Message, customers, in_order, tickets
from services.feedback.domain.insight.new_intents import NewIntent, new_intents
from services.feedback.domain.insight.periods import Periods
from services.feedback.domain.insight.rates import Change
from services.feedback.domain.insight.repeats import Cause, causes, excess
from services.feedback.domain.insight.unanswered import Gap, gaps
from services.feedback.domain.insight.unhappy import Trouble, troubles
from services.feedback.domain.insight.wishes import Wish, changed_wishes, overall

Finding = Wish | Trouble | Gap | NewIntent | Cause
SENTENCES = 3


@dataclass(frozen=True, slots=True)
class Findings:
    """The findings of this period; `messages`, `tickets` and `customers` count what it had.

    `overall` is the change of all customers, None when too little was seen before to compare.
    """

    periods: Periods
    limits: Limits
    messages: int
    tickets: tuple[str, ...]
    customers: int
    overall: Change | None
    wishes: tuple[Wish, ...]
    troubles: tuple[Trouble, ...]
    gaps: tuple[Gap, ...]
    new_intents: tuple[NewIntent, ...]
    causes: tuple[Cause, ...]


def find(
    messages: Sequence[Message],
    *,
    end: datetime,
    days: float,
    cluster: Clustering,
    limits: Limits | None = None,
) -> Findings:
    """What the `days` before `end` tell, against as many before them.

    Equal messages give equal findings, in whatever order and however often they are given. Raises
    ValueError unless `days` is positive.
    """
    limits = limits or Limits()
    periods = Periods.until(end, days)
    everything = in_order(messages)
    told = periods.both(everything)
    grouping = Grouping(told, cluster)
    now = periods.now(told)
    return Findings(
        periods,
        limits,
        len(now),
        tickets(now),
        customers(now),
        overall(told, periods),
        changed_wishes(told, periods, limits),
        troubles(told, periods, grouping, limits),
        gaps(told, periods, grouping, limits),
        new_intents(told, periods, grouping, limits),
        causes(everything, periods, limits),
    )


def needed_since(end: datetime, days: float, limits: Limits) -> datetime:
    """From when on messages are needed for a report: both periods, and all of the contacts that
    had their time to be repeated by its end."""
    periods = Periods.until(end, days)
    return min(periods.start_before, periods.start - timedelta(hours=limits.repeat_hours))


def headlines(findings: Findings) -> tuple[Finding, ...]:
    """The findings to begin with, at most three and one of each kind: those that concern most
    customers, which for a changed wish are those more or fewer than before, and for repeat
    contacts those beyond the others' share."""
    first: list[Finding] = [
        kind[0]
        for kind in (
            findings.wishes,
            findings.troubles,
            findings.gaps,
            findings.new_intents,
            findings.causes,
        )
        if kind
    ]
    return tuple(sorted(first, key=_weight, reverse=True)[:SENTENCES])


def _weight(finding: Finding) -> float:
    match finding:
        case Wish():
            return abs(finding.extra)
        case Cause():
            return excess(finding)
        case _:
            return float(finding.customers)
