"""Event in, events out: joins tickets with their customer, and learns from what customers do."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Protocol

from services.personalize.domain.consent import Consent
from services.personalize.domain.facts import (
    Erasure,
    Fact,
    Interaction,
    Message,
    Rating,
    TicketClosed,
    TicketOpenedAgain,
)
from services.personalize.domain.ledger import Moment
from services.personalize.domain.preferences import Preferences
from services.personalize.domain.profile import Profile
from services.personalize.domain.view import View
from services.personalize.ports import ProfileStore
from services.personalize.recorder import Recorder
from shared import topics
from shared.envelope import Event
from shared.events import (
    CustomerErased,
    CustomerView,
    FeedbackRated,
    InteractionRecorded,
    Sentiment,
    TicketClassified,
    TicketPersonalized,
    TicketReopened,
    TicketResolved,
)
from shared.outcome import DONE, Outcome, Outgoing

SOURCE = "/careloop/personalize"
SCORES: dict[Sentiment, float] = {
    "very_negative": -1.0,
    "negative": -0.5,
    "neutral": 0.0,
    "positive": 0.5,
    "very_positive": 1.0,
}
THUMBS = {"up": 5, "down": 1}
"""The stars of a thumb, where no rating says more."""
Told = InteractionRecorded | FeedbackRated | TicketResolved | TicketReopened | CustomerErased


class Summaries(Protocol):
    """Makes views of what needs no model and no other customers."""

    def summary(self, moment: Moment) -> View: ...


class PersonalizeHandler:
    """`now` gives the time, with its zone."""

    def __init__(
        self,
        recorder: Recorder,
        profiles: ProfileStore,
        summaries: Summaries,
        now: Callable[[], datetime],
    ) -> None:
        self._recorder = recorder
        self._profiles = profiles
        self._summaries = summaries
        self._now = now

    async def personalize(self, events: Sequence[Event[TicketClassified]]) -> Sequence[Outcome]:
        """Give each message what was known of its customer before it."""
        messages = {event.id: _message(event) for event in events}
        facts = [message for message in messages.values() if message.customer_key]
        views = await self._recorder.record(facts, _instant(self._now()))
        return [
            _personalized(event, views.get(event.id) or self._of_nobody(event, messages[event.id]))
            for event in events
        ]

    async def learn(self, events: Sequence[Event[Told]]) -> Sequence[Outcome]:
        """Take interactions, ratings, ends of tickets and erasures into the profiles."""
        customers = await self._customers(events)
        facts = [fact for event in events if (fact := _fact(event, customers)) is not None]
        await self._recorder.record(facts, _instant(self._now()))
        return [DONE] * len(events)

    async def _customers(self, events: Sequence[Event[Told]]) -> dict[str, str]:
        """Who the events are about that name only a ticket: whose that is stands in profiles."""
        unnamed = {
            event.data.ticket_id
            for event in events
            if isinstance(event.data, FeedbackRated | TicketResolved | TicketReopened)
            and not event.data.customer_key
        }
        return dict(await self._profiles.customers_of(unnamed)) if unnamed else {}

    def _of_nobody(self, event: Event[TicketClassified], message: Message) -> View:
        """Of somebody without an id, or erased meanwhile, nothing is stored: all that is told is
        what follows from the message itself, for only that stays the same at a redelivery."""
        view = self._summaries.summary(Moment(message, Profile(message.customer_key)))
        return View(
            event.time,
            consent=view.consent,
            preferences=view.preferences,
            manner=view.manner,
        )


def _message(event: Event[TicketClassified]) -> Message:
    ticket, understood = event.data.ticket, event.data.understanding
    return Message(
        event_id=event.id,
        customer_key=ticket.customer_key or "",
        # A ticket system's clock may run ahead: nobody was in contact in the future.
        at=_instant(min(ticket.created_at, ticket.received_at)),
        received_at=_instant(ticket.received_at),
        ticket_id=ticket.ticket_id,
        intent=understood.intent,
        language=ticket.language,
        channel=ticket.channel,
        sentiment=SCORES[understood.sentiment],
        consent=Consent(ticket.consent.personalization, ticket.consent.recommendations),
        preferences=Preferences(ticket.preferences.tone, ticket.preferences.length),
        attributes=ticket.attributes,
    )


def _fact(event: Event[Told], customers: dict[str, str]) -> Fact | None:
    """What the event tells of a customer, if it can be told of whom."""
    told, received = event.data, _instant(event.time)
    if isinstance(told, CustomerErased):
        return Erasure(event.id, told.customer_key, _instant(told.requested_at))
    happened = _instant(told.occurred_at) if told.occurred_at else received
    if isinstance(told, InteractionRecorded):
        return _interaction(event.id, told, received, happened) if told.customer_key else None
    customer = told.customer_key or customers.get(told.ticket_id)
    if customer is None:
        return None
    match told:
        case FeedbackRated():
            stars = told.rating or THUMBS.get(told.thumbs or "")
            return Rating(event.id, customer, received, stars) if stars else None
        case TicketResolved():
            return TicketClosed(event.id, customer, received, happened, told.ticket_id)
        case TicketReopened():
            return TicketOpenedAgain(event.id, customer, received, happened, told.ticket_id)


def _interaction(
    event_id: str, told: InteractionRecorded, received: datetime, happened: datetime
) -> Interaction:
    start, end = told.period_start, told.period_end
    return Interaction(
        event_id,
        told.customer_key or "",
        received,
        told.kind,
        happened,
        told.item_id,
        told.value,
        told.order_id,
        told.allowance,
        (_instant(start), _instant(end)) if start and end else None,
    )


def _personalized(event: Event[TicketClassified], view: View) -> Outcome:
    """The next event, the same however often this one comes."""
    data = TicketPersonalized(
        ticket=event.data.ticket,
        understanding=event.data.understanding,
        # A view is called part by part as the contract has it.
        customer=CustomerView.model_validate(view, from_attributes=True),
    )
    outgoing = event.derive(data, source=SOURCE, now=view.personalized_at)
    return Outcome((Outgoing(topics.GENERATE, outgoing),))


def _instant(moment: datetime) -> datetime:
    """In UTC and to the millisecond: what the database gives back is then what was put in."""
    utc = moment.astimezone(UTC)
    return utc.replace(microsecond=utc.microsecond // 1000 * 1000)
