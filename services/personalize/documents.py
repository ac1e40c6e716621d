"""Profiles and archived entries as documents of the database.

Counts and what was told are stored as pairs: their names may hold characters that keys of a
document must not. Lists of the same things are stored as rows, and what is empty is left out, for
profiles are read and written with every message.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from services.personalize.domain.consumption import Allowance, PlanUsage
from services.personalize.domain.handled import Handled
from services.personalize.domain.mood import Mood
from services.personalize.domain.population import Member
from services.personalize.domain.profile import Entry, Profile
from services.personalize.domain.purchases import Order, Purchases
from services.personalize.domain.tickets import TicketState
from services.personalize.domain.told import Told, V
from services.personalize.domain.wishes import Wish
from services.personalize.earlier import tickets_of, view_of
from services.personalize.view_text import text_of

Document = dict[str, Any]
COUNTS = ("by_intent", "languages", "channels", "interactions")
TOLD = ("consent", "preferences", "attributes")
MEMBER = ("purchases", "wishes", "usage", "consent")
"""What of a document a member of the population is read from."""


def profile_document(profile: Profile, kept: timedelta) -> Document:
    """The profile as its next version. One that is only a mark of an erasure expires after `kept`.

    By then nothing from before the erasure can be delivered any more.
    """
    only_mark = profile.erased_at is not None and not profile.recent
    parts = {
        **{name: [list(pair) for pair in getattr(profile, name).items()] for name in COUNTS},
        **{name: _told_rows(getattr(profile, name)) for name in TOLD},
        "moods": [[mood.at, mood.sentiment] for mood in profile.moods],
        "wishes": [[wish.at, wish.ticket_id, wish.intent] for wish in profile.wishes],
        "handled": [[one.at, one.item, one.kind, one.stars] for one in profile.handled],
        "purchases": _purchases_document(profile.purchases),
        "usage": [_usage_document(usage) for usage in profile.usage],
        "ticket_states": [[one.at, one.is_open, one.written] for one in profile.ticket_states],
    }
    return {
        "_id": profile.customer_key,
        "version": profile.version + 1,
        "changed_at": profile.changed_at,
        "tickets": profile.tickets,
        "messages": profile.messages,
        "last_contact_at": profile.last_contact_at,
        "ratings": profile.ratings,
        "stars": profile.stars,
        # Apart from their states: the database finds a ticket's customer by them.
        "ticket_ids": [one.ticket_id for one in profile.ticket_states],
        "recent": [entry_document(entry) for entry in profile.recent.values()],
        "archived": profile.archived,
        "erased_at": profile.erased_at,
        **{name: part for name, part in parts.items() if part},
        **({"expires_at": profile.erased_at + kept} if only_mark and profile.erased_at else {}),
    }


def profile_of(document: Mapping[str, Any]) -> Profile:
    """The profile in a document, also in one of an earlier release."""
    entries = [entry_of(entry) for entry in document["recent"]]
    return Profile(
        customer_key=document["_id"],
        version=document["version"],
        changed_at=document.get("changed_at"),
        tickets=document["tickets"],
        messages=document["messages"],
        **{name: dict(document.get(name, ())) for name in COUNTS},
        moods=tuple(Mood(*row) for row in document.get("moods", ())),
        wishes=_wishes_of(document),
        last_contact_at=document["last_contact_at"],
        ticket_states=_ticket_states_of(document),
        handled=tuple(Handled(*row) for row in document.get("handled", ())),
        purchases=_purchases_of(document),
        usage=_usage_of(document),
        ratings=document["ratings"],
        stars=document["stars"],
        consent=_told_of(document.get("consent", ())),
        preferences=_told_of(document.get("preferences", ())),
        attributes=_told_of(document.get("attributes", ())),
        recent={entry.event_id: entry for entry in entries},
        archived=document["archived"],
        erased_at=document["erased_at"],
    )


def member_of(document: Mapping[str, Any]) -> Member:
    """What of a document counts for the population: nothing if the customer does not want it."""
    consent: Mapping[str, Told[bool]] = _told_of(document.get("consent", ()))
    if "personalization" in consent and not consent["personalization"].value:
        return Member()
    return Member(_purchases_of(document), _wishes_of(document), _usage_of(document))


def entry_document(entry: Entry) -> Document:
    """The entry, with its event id as key."""
    document: Document = {"_id": entry.event_id, "received_at": entry.received_at}
    if entry.view is not None:
        document["view"] = entry.view
    return document


def entry_of(document: Mapping[str, Any]) -> Entry:
    """The entry in a document."""
    view = document.get("view")
    if isinstance(view, Mapping):
        view = text_of(view_of(view))
    return Entry(document["_id"], document["received_at"], view)


def _told_rows(told: Mapping[str, Told[V]]) -> list[list[Any]]:
    return [[name, one.at, one.value] for name, one in told.items()]


def _told_of(rows: Sequence[Sequence[Any]]) -> dict[str, Told[Any]]:
    return {name: Told(at, value) for name, at, value in rows}


def _wishes_of(document: Mapping[str, Any]) -> tuple[Wish, ...]:
    return tuple(Wish(*row) for row in document.get("wishes", ()))


def _ticket_states_of(document: Mapping[str, Any]) -> tuple[TicketState, ...]:
    ids = document["ticket_ids"]
    if ids and "ticket_states" not in document:
        return tickets_of(ids)
    return tuple(
        TicketState(at, ticket_id, is_open, written)
        for ticket_id, (at, is_open, written) in zip(
            ids, document.get("ticket_states", ()), strict=True
        )
    )


def _purchases_document(purchases: Purchases) -> Document:
    if purchases == Purchases():
        return {}
    return {
        "others": purchases.others,
        "spent": purchases.spent,
        "last_at": purchases.last_at,
        "orders": [[one.at, one.order_id, one.lines] for one in purchases.orders],
    }


def _purchases_of(document: Mapping[str, Any]) -> Purchases:
    stored = document.get("purchases")
    if not stored:
        return Purchases()
    orders = tuple(Order(*row) for row in stored["orders"])
    return Purchases(stored["others"], stored["spent"], stored["last_at"], orders)


def _usage_document(usage: PlanUsage) -> Document:
    told = usage.allowance
    return {
        "plan": usage.plan,
        "at": usage.at,
        "days": list(usage.days),
        "used": list(usage.days.values()),
        "allowance": [told.at, told.units, told.start, told.end] if told else None,
    }


def _usage_of(document: Mapping[str, Any]) -> tuple[PlanUsage, ...]:
    return tuple(
        PlanUsage(
            stored["plan"],
            stored["at"],
            dict(zip(stored["days"], stored["used"], strict=True)),
            Allowance(*stored["allowance"]) if stored["allowance"] else None,
        )
        for stored in document.get("usage", ())
    )
