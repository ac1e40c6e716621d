"""The profile of one customer: what it holds, how a fact changes it, and what a ticket gets."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from services.personalize.domain.counts import Counts, counted
from services.personalize.domain.facts import Interaction, Message, Rating
from services.personalize.domain.mood import Mood, trend, with_mood

MOST_TICKETS = 200
"""Ticket ids remembered to tell a new ticket from a follow-up; older ones would count again."""


@dataclass(frozen=True, slots=True)
class View:
    """What was known of a customer just before a message, as of `made_at`."""

    made_at: datetime
    known: bool = False
    tickets: int = 0
    messages: int = 0
    by_intent: Counts = field(default_factory=dict)
    languages: Counts = field(default_factory=dict)
    channels: Counts = field(default_factory=dict)
    sentiment_trend: float = 0.0
    last_contact_at: datetime | None = None
    interactions: Counts = field(default_factory=dict)
    satisfaction: float | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A fact that counts already; for a message with the view that was made for it."""

    event_id: str
    received_at: datetime
    view: View | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """A customer. `by_intent`, `languages` and `channels` count messages.

    `version` counts the writes of the stored document, 0 for none yet. `recent` are the facts
    counted last, by event id, and `archived` says that earlier ones are kept elsewhere.
    `erased_at` is up to when everything was forgotten on request.
    """

    customer_key: str
    version: int = 0
    tickets: int = 0
    messages: int = 0
    by_intent: Counts = field(default_factory=dict)
    languages: Counts = field(default_factory=dict)
    channels: Counts = field(default_factory=dict)
    moods: tuple[Mood, ...] = ()
    last_contact_at: datetime | None = None
    interactions: Counts = field(default_factory=dict)
    ratings: int = 0
    stars: int = 0
    ticket_ids: tuple[str, ...] = ()
    recent: Mapping[str, Entry] = field(default_factory=dict)
    archived: bool = False
    erased_at: datetime | None = None

    @property
    def known(self) -> bool:
        """Whether anything is known of the customer."""
        return bool(self.messages or self.interactions or self.ratings)

    def view(self, now: datetime) -> View:
        """What a ticket is told of the customer."""
        return View(
            made_at=now,
            known=self.known,
            tickets=self.tickets,
            messages=self.messages,
            by_intent=self.by_intent,
            languages=self.languages,
            channels=self.channels,
            sentiment_trend=trend(self.moods),
            last_contact_at=self.last_contact_at,
            interactions=self.interactions,
            satisfaction=self.stars / self.ratings if self.ratings else None,
        )


def with_fact(profile: Profile, fact: Message | Interaction | Rating) -> Profile:
    """The profile with one more fact; facts may come in any order."""
    match fact:
        case Message():
            return _with_message(profile, fact)
        case Interaction():
            return replace(profile, interactions=counted(profile.interactions, fact.kind))
        case Rating():
            return replace(profile, ratings=profile.ratings + 1, stars=profile.stars + fact.stars)


def _with_message(profile: Profile, message: Message) -> Profile:
    is_new = message.ticket_id not in profile.ticket_ids
    ids = (*profile.ticket_ids, message.ticket_id) if is_new else profile.ticket_ids
    last = profile.last_contact_at
    return replace(
        profile,
        tickets=profile.tickets + is_new,
        messages=profile.messages + 1,
        by_intent=counted(profile.by_intent, message.intent),
        languages=counted(profile.languages, message.language),
        channels=counted(profile.channels, message.channel),
        moods=with_mood(profile.moods, Mood(message.at, message.sentiment)),
        last_contact_at=message.at if last is None else max(last, message.at),
        ticket_ids=ids[-MOST_TICKETS:],
    )
