"""Event in, verdicts stored: joins what was replied with what happened next."""

import asyncio
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from services.feedback.domain.contacts import Repeat, contacts_of, repeats_across
from services.feedback.domain.history import (
    STEPS,
    Response,
    Signal,
    SignalKind,
    TicketHistory,
)
from services.feedback.domain.verdicts import judge, waiting
from services.feedback.ports import Histories, Messages
from services.feedback.quality.ports import Judgements
from shared import ids
from shared.envelope import Event
from shared.events import (
    FeedbackRated,
    LabelCorrected,
    ResponseGenerated,
    ResponseReviewed,
    TicketReopened,
    TicketResolved,
)
from shared.outcome import DONE, Outcome

Told = (
    ResponseGenerated
    | FeedbackRated
    | ResponseReviewed
    | TicketResolved
    | TicketReopened
    | LabelCorrected
)


class FeedbackHandler:
    """Facts are set by their ids and verdicts made from all facts of a ticket.

    So however events come, late, early, twice or out of order, they end in the same state.
    """

    def __init__(self, histories: Histories, outcomes: Judgements, messages: Messages) -> None:
        self._histories = histories
        self._outcomes = outcomes
        self._messages = messages

    async def record(self, events: Sequence[Event[Told]]) -> Sequence[Outcome]:
        """Store what the events tell, and what became of their tickets' responses."""
        told = [_told(event) for event in events]
        await asyncio.gather(self._messages.keep(events), self._judge(told))
        await self._judge(await self._repeats(told))
        return [DONE] * len(events)

    async def _judge(self, told: Collection[TicketHistory]) -> None:
        """Add to what is known of these tickets and judge all of their responses by it."""
        if not told:
            return
        await self._histories.add(list(told))
        histories = await self._histories.load({one.ticket_id for one in told})
        await self._outcomes.save(
            [one for history in histories for one in judge(history)],
            [waiting(history) for history in histories if history.signals],
        )

    async def _repeats(self, told: Sequence[TicketHistory]) -> Collection[TicketHistory]:
        """What the new responses tell of the customers' other tickets, and those of them.

        They are stored by now: of two that are told at once, one at least sees the other.
        """
        new = [contact for one in told for contact in contacts_of(one)]
        if not new:
            return []
        return [_repeat(one) for one in repeats_across(new, await self._outcomes.contacts(new))]


def _told(event: Event[Told]) -> TicketHistory:
    """The one or two facts of an event, or none if it tells nothing of how good a reply was."""
    told = event.data
    if isinstance(told, ResponseGenerated) and told.reviewed is None:
        response = _response(told)
        return TicketHistory(told.ticket_id, responses={response.key: response})
    signals = [_sent(told)] if isinstance(told, ResponseGenerated) else _signals(event)
    return TicketHistory(told.ticket_id, signals={signal.key: signal for signal in signals})


def _repeat(found: Repeat) -> TicketHistory:
    reply, contact = found.reply, found.contact
    key = ids.derived("repeated", reply.key, contact.key)
    signal = Signal(key, "repeated", contact.contacted_at, contact.ticket_id, reply.key)
    return TicketHistory(reply.ticket_id, signals={key: signal})


def _sent(told: ResponseGenerated) -> Signal:
    """That a draft went out, by the key of what was sent: a rating may name that."""
    draft = _response_key(told.reviewed or "")
    return Signal(_response_key(told.response_id), "sent", _instant(told.created_at), None, draft)


def _response(told: ResponseGenerated) -> Response:
    created_at, total = _instant(told.created_at), told.timings.get("total")
    asked_at = _instant(told.asked.received_at) if told.asked else None
    if asked_at is None and total is not None:
        asked_at = _instant(created_at - timedelta(milliseconds=total))
    return Response(
        key=_response_key(told.response_id),
        response_id=told.response_id,
        message_id=told.message_id,
        intent=told.intent,
        confidence=told.confidence,
        decision=told.decision,
        language=told.language,
        channel=told.channel,
        model_version=told.model_version,
        policy_version=told.policy_version,
        created_at=created_at,
        customer_key=told.customer_key,
        sentiment=told.sentiment,
        priority=told.priority,
        reasons=told.reasons,
        queue=told.handoff.queue if told.handoff else None,
        asked_at=asked_at,
        total_ms=total,
        steps={name: told.timings[name] for name in STEPS if name in told.timings},
        cost=told.cost,
        written_by=told.written_by,
        turn=told.asked.turn if told.asked else None,
        length=len(told.text),
        text=told.text if told.decision == "draft" else None,
    )


def _signals(event: Event[Any]) -> list[Signal]:
    match event.data:
        case FeedbackRated(response_id=response_id) as rated:
            about = _response_key(response_id) if response_id else None
            values: dict[SignalKind, Any] = {"rating": rated.rating, "thumbs": rated.thumbs}
            return [
                _signal(event, kind, value, response=about)
                for kind, value in values.items()
                if value is not None
            ]
        case ResponseReviewed(response_id=response_id, verdict=verdict) as review:
            about = _response_key(response_id)
            text = review.final_text if verdict == "edited" else None
            return [_signal(event, "reviewed", verdict, response=about, text=text)]
        case TicketResolved(resolved_by=who):
            return [_signal(event, "resolved", who)]
        case TicketReopened():
            return [_signal(event, "reopened")]
        case LabelCorrected(intent=str(intent), message_id=message_id):
            return [_signal(event, "intent_corrected", intent, message_id=message_id)]
    return []


def _signal(
    event: Event[Any],
    kind: SignalKind,
    value: str | int | None = None,
    *,
    response: str | None = None,
    message_id: str | None = None,
    text: str | None = None,
) -> Signal:
    occurred_at = _instant(event.data.occurred_at or event.time)
    return Signal(ids.derived(event.id, kind), kind, occurred_at, value, response, message_id, text)


def _response_key(response_id: str) -> str:
    """Outsiders name responses in whatever characters they like: derived, the id is a safe key."""
    return ids.derived("response", response_id)


def _instant(moment: datetime) -> datetime:
    """In UTC and to the millisecond, as the database keeps it."""
    utc = moment.astimezone(UTC)
    return utc.replace(microsecond=utc.microsecond // 1000 * 1000)
