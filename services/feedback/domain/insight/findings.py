"""All that is found in some weeks' messages, and what of it matters most."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.feedback.domain.insight.background import Background
from services.feedback.domain.insight.groups import Clustering, Grouping
from services.feedback.domain.insight.limits import Limits
from services.feedback.domain.insight.message import Message, customers, tickets
from services.feedback.domain.insight.new_intents import NewIntent, new_intents
from services.feedback.domain.insight.periods import Periods
from services.feedback.domain.insight.rates import Change
from services.feedback.domain.insight.repeats import Cause, causes, excess
from services.feedback.domain.insight.survey import Samples, Survey, survey
from services.feedback.domain.insight.unanswered import Gap, gaps
from services.feedback.domain.insight.unhappy import Trouble, troubles
from services.feedback.domain.insight.wishes import Wish, changed_wishes, overall

Finding = Wish | Trouble | Gap | NewIntent | Cause
SENTENCES = 3


# Without a repr: asyncio.run makes one of what it returns (of the handler it restores, which holds
# the task), and that of all messages takes longer than finding what they tell.
@dataclass(frozen=True, slots=True, repr=False)
class Findings:
    """The findings of this period; `messages`, `tickets` and `customers` count what it had.

    `samples` are what troubles, gaps and new intents were found in; all else is of all messages.
    `overall` is the change of all customers, None when too little was seen before to compare.
    """

    periods: Periods
    limits: Limits
    samples: Samples
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
    messages: Iterable[Message],
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
    told = survey(messages, end, days, limits or Limits())
    return findings(told, Background.of(told.periods.both(told.everything)), cluster)


def findings(told: Survey, background: Background, cluster: Clustering) -> Findings:
    """What was surveyed tells, when the samples have their contents; `background` is of all."""
    periods, limits, samples = told.periods, told.limits, told.samples
    both, now = periods.both(told.everything), periods.now(told.everything)
    grouping = Grouping(background, cluster)
    first = both[0].at if both else None
    return Findings(
        periods,
        limits,
        samples,
        len(now),
        tickets(now),
        customers(now),
        overall(both, periods),
        changed_wishes(both, periods, limits),
        troubles(samples.troubles, first, periods, grouping, limits),
        gaps(samples.gaps, grouping, limits),
        new_intents(samples.new_intents, grouping, limits),
        causes(told.everything, periods, limits),
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
