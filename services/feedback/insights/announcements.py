"""Findings as events: what `insight.reported` says to whoever listens."""

from services.feedback.domain.insight.findings import Finding, Findings
from services.feedback.domain.insight.message import tickets
from services.feedback.domain.insight.new_intents import NewIntent
from services.feedback.domain.insight.repeats import Cause
from services.feedback.domain.insight.unanswered import Gap
from services.feedback.domain.insight.unhappy import Trouble
from services.feedback.domain.insight.wishes import Wish
from services.feedback.insights.wording import Wording, kind_of, kinds
from shared import ids
from shared.envelope import Event, new_event
from shared.events import InsightReported, Payload

SOURCE = "/careloop/feedback"
MOST_OF_KIND = 3

_KINDS = {
    "trouble": "unhappy_customers",
    "gap": "unanswered_question",
    "new_intent": "new_intent",
    "product": "repeated_contact",
    "queue": "repeated_contact",
}


def announcements(findings: Findings, wording: Wording) -> tuple[Event[Payload], ...]:
    """At most three findings of each kind, in the order of the page.

    The id of each follows from the day of the report and what it is about: a report made again on
    the same day says nothing new.
    """
    return tuple(
        _event(finding, findings, wording)
        for found in kinds(findings).values()
        for finding in found[:MOST_OF_KIND]
    )


def _event(finding: Finding, findings: Findings, wording: Wording) -> Event[Payload]:
    end = findings.periods.end
    data = InsightReported(
        kind=_kind(finding),
        title=wording.sentence(finding, findings.limits),
        figures=_figures(finding),
        reported_at=end,
    )
    cause = ids.derived("insight", f"{end:%Y-%m-%d}", data.kind, _subject(finding))
    return new_event(data, cause=cause, source=SOURCE, now=end)


def _kind(finding: Finding) -> str:
    if isinstance(finding, Wish):
        return "growing_wish" if finding.change.grew else "shrinking_wish"
    return _KINDS[kind_of(finding)]


def _subject(finding: Finding) -> str:
    """What it is about, apart from all else of its kind."""
    match finding:
        case Wish():
            return finding.intent
        case Cause():
            return f"{finding.kind} {finding.name}"
        case _:
            return finding.group.key


def _figures(finding: Finding) -> dict[str, float]:
    """The numbers of the finding; each is defined on the page. What is infinite is left out."""
    counts = {"tickets": float(len(tickets(finding.messages)))}
    match finding:
        case Wish():
            change = finding.change
            counts |= {"customers": change.count, "expected": change.expected}
            counts["by_chance"] = finding.q_value
            if change.count_before:
                counts["ratio"] = change.ratio
        case Trouble():
            counts |= {"customers": finding.customers, "bad_replies": finding.bad}
            if finding.change is not None and finding.change.count_before:
                counts["ratio"] = finding.change.ratio
        case Gap():
            counts |= {"customers": finding.customers, "drafts": len(finding.drafts)}
        case NewIntent():
            counts |= {"customers": finding.customers, "density": finding.group.density}
        case Cause():
            counts |= {"customers": finding.customers, "repeats": finding.share.part}
            counts |= {"share": finding.share.value, "others": finding.others.value}
            counts["by_chance"] = finding.q_value
    return counts
