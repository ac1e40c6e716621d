"""Event in, events out: joins tickets with their customer, and learns from what customers do."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from services.personalize.domain.facts import Erasure, Fact, Interaction, Message, Rating
from services.personalize.domain.profile import View
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
Told = InteractionRecorded | FeedbackRated | CustomerErased


class PersonalizeHandler:
    """`now` gives the time, with its zone."""

    def __init__(
        self, recorder: Recorder, profiles: ProfileStore, now: Callable[[], datetime]
    ) -> None:
        self._recorder = recorder
        self._profiles = profiles
        self._now = now

    async def personalize(self, events: Sequence[Event[TicketClassified]]) -> Sequence[Outcome]:
        """Give each message what was known of its customer before it."""
        facts = [_message(event) for event in events if event.data.ticket.customer_key]
        views = await self._recorder.record(facts, _instant(self._now()))
        return [_personalized(event, views.get(event.id)) for event in events]

    async def learn(self, events: Sequence[Event[Told]]) -> Sequence[Outcome]:
        """Take interactions, ratings and erasures into the profiles."""
        customers = await self._customers_of_ratings(events)
        facts = [fact for event in events if (fact := _fact(event, customers)) is not None]
        await self._recorder.record(facts, _instant(self._now()))
        return [DONE] * len(events)

    async def _customers_of_ratings(self, events: Sequence[Event[Told]]) -> dict[str, str]:
        """A rating mostly names only its ticket; whose that is stands in the profiles."""
        unnamed = {
            event.data.ticket_id
            for event in events
            if isinstance(event.data, FeedbackRated) and not event.data.customer_key
        }
        return dict(await self._profiles.customers_of(unnamed)) if unnamed else {}


def _message(event: Event[TicketClassified]) -> Message:
    ticket, understood = event.data.ticket, event.data.understanding
    assert ticket.customer_key is not None
    return Message(
        event_id=event.id,
        customer_key=ticket.customer_key,
        # A ticket system's clock may run ahead: nobody was in contact in the future.
        at=_instant(min(ticket.created_at, ticket.received_at)),
        received_at=_instant(ticket.received_at),
        ticket_id=ticket.ticket_id,
        intent=understood.intent,
        language=ticket.language,
        channel=ticket.channel,
        sentiment=SCORES[understood.sentiment],
    )


def _fact(event: Event[Told], customers: dict[str, str]) -> Fact | None:
    """What the event tells of a customer, if it can be told of whom."""
    told, received = event.data, _instant(event.time)
    match told:
        case CustomerErased():
            return Erasure(event.id, told.customer_key, _instant(told.requested_at))
        case InteractionRecorded() if told.customer_key:
            return Interaction(event.id, told.customer_key, received, told.kind)
        case FeedbackRated() if told.rating is not None:
            customer = told.customer_key or customers.get(told.ticket_id)
            return Rating(event.id, customer, received, told.rating) if customer else None
        case _:
            return None


def _personalized(event: Event[TicketClassified], view: View | None) -> Outcome:
    """The next event, the same however often this one comes.

    Of somebody without an id nothing is stored; the time such a message was personalized is taken
    from the message itself, for only that stays the same.
    """
    made_at = view.made_at if view else event.time
    data = TicketPersonalized(
        ticket=event.data.ticket,
        understanding=event.data.understanding,
        customer=_customer(view) if view else CustomerView(personalized_at=made_at),
    )
    return Outcome((Outgoing(topics.GENERATE, event.derive(data, source=SOURCE, now=made_at)),))


def _customer(view: View) -> CustomerView:
    return CustomerView(
        known=view.known,
        tickets=view.tickets,
        messages=view.messages,
        by_intent=dict(view.by_intent),
        languages=dict(view.languages),
        channels=dict(view.channels),
        sentiment_trend=view.sentiment_trend,
        last_contact_at=view.last_contact_at,
        interactions=dict(view.interactions),
        satisfaction=view.satisfaction,
        personalized_at=view.made_at,
    )


def _instant(moment: datetime) -> datetime:
    """In UTC and to the millisecond: what the database gives back is then what was put in."""
    utc = moment.astimezone(UTC)
    return utc.replace(microsecond=utc.microsecond // 1000 * 1000)
