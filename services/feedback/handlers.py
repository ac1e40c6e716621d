"""Event in, verdicts stored: joins what was replied with what happened next."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from services.feedback.domain.history import Response, Signal, SignalKind, TicketHistory
from services.feedback.domain.verdicts import judge
from services.feedback.ports import Histories, Outcomes
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

    def __init__(self, histories: Histories, outcomes: Outcomes) -> None:
        self._histories = histories
        self._outcomes = outcomes

    async def record(self, events: Sequence[Event[Told]]) -> Sequence[Outcome]:
        """Store what the events tell, and what became of their tickets' responses."""
        await self._histories.add([_told(event) for event in events])
        histories = await self._histories.load({event.data.ticket_id for event in events})
        await self._outcomes.save([one for history in histories for one in judge(history)])
        return [DONE] * len(events)


def _told(event: Event[Told]) -> TicketHistory:
    """The one or two facts of an event, or none if it tells nothing of how good a reply was."""
    told = event.data
    if isinstance(told, ResponseGenerated):
        if told.reviewed is not None:
            # Its draft counts, and the verdict on that.
            return TicketHistory(told.ticket_id)
        response = _response(told)
        return TicketHistory(told.ticket_id, responses={response.key: response})
    signals = _signals(event)
    return TicketHistory(told.ticket_id, signals={signal.key: signal for signal in signals})


def _response(told: ResponseGenerated) -> Response:
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
        created_at=_instant(told.created_at),
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
        case ResponseReviewed(response_id=response_id, verdict=verdict):
            return [_signal(event, "reviewed", verdict, response=_response_key(response_id))]
        case TicketResolved():
            return [_signal(event, "resolved")]
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
) -> Signal:
    occurred_at = _instant(event.data.occurred_at or event.time)
    return Signal(ids.derived(event.id, kind), kind, occurred_at, value, response, message_id)


def _response_key(response_id: str) -> str:
    """Outsiders name responses in whatever characters they like: derived, the id is a safe key."""
    return ids.derived("response", response_id)


def _instant(moment: datetime) -> datetime:
    """In UTC and to the millisecond, as the database keeps it."""
    utc = moment.astimezone(UTC)
    return utc.replace(microsecond=utc.microsecond // 1000 * 1000)
