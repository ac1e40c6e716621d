"""Events of feedback, a history across tickets, and its stores in memory."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from services.feedback.domain.contacts import Contact, contacts_of
from services.feedback.domain.definitions import SATISFIED
from services.feedback.domain.history import TicketHistory
from services.feedback.domain.quality import Contacts, Dimension, Group, bucket_of
from services.feedback.domain.verdicts import JudgedResponse, Waiting
from services.feedback.handlers import FeedbackHandler
from services.feedback.quality.ports import ALL, Period
from shared.envelope import Event, new_event
from shared.events import (
    Decision,
    FeedbackRated,
    LabelCorrected,
    Payload,
    ResponseGenerated,
    ResponseReviewed,
    TicketReopened,
    TicketResolved,
)

NOON = datetime(2026, 11, 23, 12, 0, 0, 123456, tzinfo=UTC)
HOUR = 60


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def told(data: Payload, cause: str = "") -> Event[Any]:
    moment = getattr(data, "occurred_at", None) or NOON
    return new_event(data, cause=cause or repr(data), source="/careloop/test", now=moment)


def response(
    number: int,
    ticket: str = "T-1",
    confidence: float = 0.8,
    intent: str = "refund",
    decision: Decision = "answer",
    **more: Any,
) -> Event[ResponseGenerated]:
    """The reply at minute `number`, to a message that came half a minute before."""
    facts = {
        "ticket_id": ticket,
        "response_id": f"{ticket}/r{number}",
        "message_id": f"m{number}",
        "decision": decision,
        "text": "您好,退款已办理。",
        "language": "zh",
        "confidence": confidence,
        "intent": intent,
        "sentiment": "neutral",
        "priority": "normal",
        "model_version": "1",
        "policy_version": "0",
        "disclosure": "AI",
        "timings": {"total": 30_000.0},
        "created_at": at(number),
    }
    return told(ResponseGenerated.model_validate(facts | more))


def sent(draft: Event[ResponseGenerated], minutes: float, text: str) -> Event[ResponseGenerated]:
    """The response that goes out once an agent finished the draft."""
    changes = {
        "response_id": f"{draft.data.response_id}/final",
        "reviewed": draft.data.response_id,
        "decision": "answer",
        "text": text,
        "created_at": at(minutes),
    }
    return told(draft.data.model_copy(update=changes))


A: dict[str, Any] = {"customer_key": "customer a"}
B: dict[str, Any] = {"customer_key": "customer b"}
DRAFT = response(130, "A-3", intent="invoice", decision="draft", text="Your invoice is here.", **A)
HISTORY: list[Event[Any]] = [
    # Answered, then rated high: but the same wish comes back in another ticket within three days.
    response(1, "A-1", cost={"encoder_passes": 1, "llm_tokens": 100}, **A),
    told(FeedbackRated(ticket_id="A-1", response_id="A-1/r1", rating=5, occurred_at=at(2))),
    response(60, "A-2", channel="chat", **A),
    # Four days later it is another story, and this one ends well.
    response(101 * HOUR, "A-4", cost={"llm_tokens": 40}, **A),
    told(TicketResolved(ticket_id="A-4", resolved_by="customer", occurred_at=at(102 * HOUR))),
    # A question, its answer, and a ticket that an agent closes.
    response(10, "B-1", decision="ask", **B),
    response(20, "B-1", decision="act", policy_version="1", cost={"llm_tokens": 10}, **B),
    told(TicketResolved(ticket_id="B-1", resolved_by="agent", occurred_at=at(30))),
    # A draft, edited, sent, and rated by the name of what was sent.
    DRAFT,
    told(
        ResponseReviewed(
            ticket_id="A-3",
            response_id="A-3/r130",
            verdict="edited",
            final_text="Your invoice is there.",
            occurred_at=at(139),
        )
    ),
    sent(DRAFT, 140, "Your invoice is there."),
    told(FeedbackRated(ticket_id="A-3", response_id="A-3/r130/final", rating=4)),
    # Handed over, and rejected.
    response(150, "B-2", intent="complaint", decision="escalate", reasons=("upset", "unsure"), **B),
    response(160, "B-3", intent="invoice", decision="draft", language="en", **B),
    told(ResponseReviewed(ticket_id="B-3", response_id="B-3/r160", verdict="rejected")),
    # Nobody's customer: further turns on the same wish, a reopening, a correction.
    response(170, "C-1", intent="transfer"),
    told(TicketResolved(ticket_id="C-1", resolved_by="customer", occurred_at=at(171))),
    response(180, "C-1", intent="transfer"),
    told(TicketReopened(ticket_id="C-1", occurred_at=at(190))),
    told(LabelCorrected(ticket_id="C-1", message_id="m180", intent="refund", occurred_at=at(191))),
    # Closed by the system alone, and silence.
    response(200, "C-2", intent="transfer"),
    told(TicketResolved(ticket_id="C-2", occurred_at=at(210))),
    # Of what nobody knows.
    told(FeedbackRated(ticket_id="C-1", response_id="nobody's.$one", thumbs="up")),
    told(TicketResolved(ticket_id="unknown", occurred_at=at(100 * HOUR))),
]
VERDICTS = {
    "A-1/r1": ("bad", ["repeated"]),
    "A-2/r60": ("unknown", []),
    f"A-4/r{101 * HOUR}": ("good", ["resolved"]),
    "B-1/r10": ("unknown", []),
    "B-1/r20": ("good", ["resolved"]),
    "A-3/r130": ("unknown", []),
    "B-2/r150": ("unknown", []),
    "B-3/r160": ("bad", ["rejected"]),
    "C-1/r170": ("bad", ["repeated"]),
    "C-1/r180": ("bad", ["intent_corrected", "reopened"]),
    "C-2/r200": ("unknown", []),
}


class Memory:
    """Histories, Judgements and Figures without a database: all is counted in Python."""

    def __init__(self) -> None:
        self.tickets: dict[str, TicketHistory] = {}
        self.outcomes: dict[str, JudgedResponse] = {}
        self.waits: dict[str, Waiting] = {}

    @property
    def handler(self) -> FeedbackHandler:
        return FeedbackHandler(self, self, self)

    async def keep(self, events: Sequence[Event[Any]]) -> None:
        """Messages are looked at elsewhere."""

    async def add(self, told: Sequence[TicketHistory]) -> None:
        for one in told:
            if one.facts:
                known = self.tickets.get(one.ticket_id, TicketHistory(one.ticket_id))
                self.tickets[one.ticket_id] = replace(
                    known,
                    responses={**known.responses, **one.responses},
                    signals={**known.signals, **one.signals},
                )

    async def load(self, ticket_ids: Iterable[str]) -> Sequence[TicketHistory]:
        return [self.tickets[key] for key in ticket_ids if key in self.tickets]

    async def save(self, judged: Sequence[JudgedResponse], waiting: Sequence[Waiting] = ()) -> None:
        self.outcomes |= {one.response.key: one for one in judged}
        self.waits |= {one.ticket_id: one for one in waiting}

    async def contacts(self, near: Collection[Contact]) -> Sequence[Contact]:
        customers = {one.customer_key for one in near}
        known = (one for history in self.tickets.values() for one in contacts_of(history))
        return [one for one in known if one.customer_key in customers]

    async def counted(self, period: Period, by: Dimension) -> Sequence[Group]:
        return [_alone(one, period, by) for one in self._within(period)]

    async def contact_rates(self, period: Period, by: Dimension | None) -> Mapping[str, Contacts]:
        written = Counter(
            (_value(one, by), one.response.customer_key)
            for one in self._within(period)
            if one.is_contact and one.response.customer_key
        )
        return {
            value: Contacts(
                sum(of == value for of, _ in written),
                sum(count for (of, _), count in written.items() if of == value),
                sum(count > 1 for (of, _), count in written.items() if of == value),
            )
            for value, _ in written
        }

    async def escalation_reasons(
        self, period: Period, by: Dimension
    ) -> Mapping[str, Mapping[str, int]]:
        found: dict[str, Counter[str]] = {}
        for one in self._within(period):
            if one.response.decision == "escalate":
                found.setdefault(_value(one, by), Counter()).update(one.response.reasons)
        return found

    async def waiting(self, since: datetime) -> Sequence[datetime]:
        said = (moment for one in self.waits.values() for moment in one.signals.values())
        return [moment for moment in said if moment >= since]

    def _within(self, period: Period) -> list[JudgedResponse]:
        return [one for one in self.outcomes.values() if one.response.created_at >= period.since]


def _value(one: JudgedResponse, by: Dimension | None) -> str:
    response = one.response
    values = {
        None: ALL,
        "day": f"{response.created_at:%Y-%m-%d}",
        "intent": response.intent,
        "language": response.language,
        "channel": response.channel,
        "decision": response.decision,
        "model": response.model_version,
        "policy": response.policy_version,
    }
    return values[by]


def _alone(one: JudgedResponse, period: Period, by: Dimension) -> Group:
    """A group of its own for each response."""
    first, stars = one.first_response_ms, one.rating
    return Group(
        value=_value(one, by),
        decision=one.response.decision,
        verdict=one.verdict,
        responses=1,
        settled=one.response.created_at <= period.settled,
        bucket=None if first is None else bucket_of(first),
        ratings=int(stars is not None),
        stars=stars or 0,
        satisfied=int((stars or 0) >= SATISFIED),
        reviews=int(one.review is not None),
        approved=int(one.review == "approved"),
        compared=int(one.edit_distance is not None),
        edit_distance=one.edit_distance or 0.0,
        resolved=int(one.resolved),
        encoder_passes=one.response.cost.get("encoder_passes", 0.0),
        llm_tokens=one.response.cost.get("llm_tokens", 0.0),
    )
