"""The profile of one customer: what it holds, and how a fact changes it.

Everything in it is bounded, and the same in whatever order the facts come, as long as they stay
within the bounds; beyond them old news that come late may count differently.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from services.personalize.domain import purchases as buying
from services.personalize.domain import tickets as opening
from services.personalize.domain.consumption import Allowance, PlanUsage, with_usage
from services.personalize.domain.counts import LONGEST_NAME, Counts, counted
from services.personalize.domain.facts import (
    Interaction,
    Message,
    Rating,
    Remembered,
    TicketClosed,
    TicketOpenedAgain,
)
from services.personalize.domain.handled import Handled, with_handled
from services.personalize.domain.mood import Mood, with_mood
from services.personalize.domain.purchases import Purchases
from services.personalize.domain.tickets import TicketState
from services.personalize.domain.told import Told, with_told
from services.personalize.domain.wishes import Wish, with_wish

RATED, USED = "rated", "used"
LONGEST_VALUE = 128
"""Characters kept of a name or value of an attribute."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A fact that counts already; for a message with the view that was made for it, as text: it is
    read only if the message comes again."""

    event_id: str
    received_at: datetime
    view: str | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """A customer. `by_intent`, `languages` and `channels` count messages, `interactions` by kind.

    `version` counts the writes of the stored document, 0 for none yet, and `changed_at` is when
    the last fact came to count. `recent` are the facts counted last, by event id, and `archived`
    says that earlier ones are kept elsewhere. `erased_at` is up to when everything was forgotten on
    request.
    """

    customer_key: str
    version: int = 0
    changed_at: datetime | None = None
    tickets: int = 0
    messages: int = 0
    by_intent: Counts = field(default_factory=dict)
    languages: Counts = field(default_factory=dict)
    channels: Counts = field(default_factory=dict)
    moods: tuple[Mood, ...] = ()
    wishes: tuple[Wish, ...] = ()
    last_contact_at: datetime | None = None
    ticket_states: tuple[TicketState, ...] = ()
    interactions: Counts = field(default_factory=dict)
    handled: tuple[Handled, ...] = ()
    purchases: Purchases = field(default_factory=Purchases)
    usage: tuple[PlanUsage, ...] = ()
    ratings: int = 0
    stars: int = 0
    consent: Mapping[str, Told[bool]] = field(default_factory=dict)
    preferences: Mapping[str, Told[str]] = field(default_factory=dict)
    attributes: Mapping[str, Told[str]] = field(default_factory=dict)
    recent: Mapping[str, Entry] = field(default_factory=dict)
    archived: bool = False
    erased_at: datetime | None = None

    @property
    def known(self) -> bool:
        """Whether anything is known of the customer."""
        return bool(self.messages or self.interactions or self.ratings)

    @property
    def satisfaction(self) -> float | None:
        """Mean of the ratings, 1 to 5."""
        return self.stars / self.ratings if self.ratings else None


def with_fact(profile: Profile, fact: Remembered) -> Profile:
    """The profile with one more fact; facts may come in any order."""
    match fact:
        case Message():
            return _with_message(profile, fact)
        case Interaction():
            return _with_interaction(profile, fact)
        case Rating():
            return replace(profile, ratings=profile.ratings + 1, stars=profile.stars + fact.stars)
        case TicketClosed() | TicketOpenedAgain():
            is_open = isinstance(fact, TicketOpenedAgain)
            states = opening.with_status(
                profile.ticket_states, fact.ticket_id, fact.occurred_at, is_open
            )
            return replace(profile, ticket_states=states)


def _with_message(profile: Profile, message: Message) -> Profile:
    is_new = not opening.has_written(profile.ticket_states, message.ticket_id)
    intent = message.intent[:LONGEST_NAME]
    last = profile.last_contact_at
    return replace(
        profile,
        tickets=profile.tickets + is_new,
        messages=profile.messages + 1,
        by_intent=counted(profile.by_intent, intent),
        languages=counted(profile.languages, message.language),
        channels=counted(profile.channels, message.channel),
        moods=with_mood(profile.moods, Mood(message.at, message.sentiment)),
        wishes=with_wish(profile.wishes, Wish(message.at, message.ticket_id, intent)),
        last_contact_at=message.at if last is None else max(last, message.at),
        ticket_states=opening.with_message(profile.ticket_states, message.ticket_id, message.at),
        consent=with_told(profile.consent, message.consent.said, message.at),
        preferences=with_told(profile.preferences, message.preferences.said, message.at),
        attributes=with_told(profile.attributes, attributes_of(message), message.at),
    )


def attributes_of(message: Message) -> dict[str, str]:
    """What is kept of the facts told with a message."""
    told = message.attributes.items()
    return {name[:LONGEST_VALUE]: value[:LONGEST_VALUE] for name, value in told}


def _with_interaction(profile: Profile, fact: Interaction) -> Profile:
    changed = replace(profile, interactions=counted(profile.interactions, fact.kind))
    at = fact.occurred_at
    if fact.item is not None:
        stars = fact.value if fact.kind == RATED else None
        handled = Handled(at, fact.item, fact.kind, stars)
        changed = replace(changed, handled=with_handled(profile.handled, handled))
    if fact.kind == buying.PURCHASED:
        bought = buying.with_purchase(profile.purchases, at, fact.value, fact.order_id)
        return replace(changed, purchases=bought)
    if fact.kind == buying.RETURNED:
        left = buying.with_return(profile.purchases, at, fact.value, fact.order_id)
        return replace(changed, purchases=left)
    if fact.kind == USED and fact.item is not None:
        usage = with_usage(profile.usage, fact.item, at, fact.value, _allowance(fact))
        return replace(changed, usage=usage)
    return changed


def _allowance(fact: Interaction) -> Allowance | None:
    if fact.allowance is None or fact.period is None:
        return None
    return Allowance(fact.occurred_at, fact.allowance, *fact.period)
