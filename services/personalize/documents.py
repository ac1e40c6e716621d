"""Profiles and archived entries as documents of the database.

Counts are stored as pairs: their names may hold characters that keys of a document must not.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from services.personalize.domain.counts import Counts
from services.personalize.domain.mood import Mood
from services.personalize.domain.profile import Entry, Profile, View

Document = dict[str, Any]
COUNTS = ("by_intent", "languages", "channels", "interactions")


def profile_document(profile: Profile, kept: timedelta) -> Document:
    """The profile as its next version. One that is only a mark of an erasure expires after `kept`.

    By then nothing from before the erasure can be delivered any more.
    """
    only_mark = profile.erased_at is not None and not profile.recent
    return {
        "_id": profile.customer_key,
        "version": profile.version + 1,
        "tickets": profile.tickets,
        "messages": profile.messages,
        **{name: _pairs(getattr(profile, name)) for name in COUNTS},
        "moods": [[mood.at, mood.sentiment] for mood in profile.moods],
        "last_contact_at": profile.last_contact_at,
        "ratings": profile.ratings,
        "stars": profile.stars,
        "ticket_ids": list(profile.ticket_ids),
        "recent": [entry_document(entry) for entry in profile.recent.values()],
        "archived": profile.archived,
        "erased_at": profile.erased_at,
        **({"expires_at": profile.erased_at + kept} if only_mark and profile.erased_at else {}),
    }


def profile_of(document: Mapping[str, Any]) -> Profile:
    """The profile in a document."""
    entries = [entry_of(entry) for entry in document["recent"]]
    return Profile(
        customer_key=document["_id"],
        version=document["version"],
        tickets=document["tickets"],
        messages=document["messages"],
        **{name: dict(document[name]) for name in COUNTS},
        moods=tuple(Mood(at, sentiment) for at, sentiment in document["moods"]),
        last_contact_at=document["last_contact_at"],
        ratings=document["ratings"],
        stars=document["stars"],
        ticket_ids=tuple(document["ticket_ids"]),
        recent={entry.event_id: entry for entry in entries},
        archived=document["archived"],
        erased_at=document["erased_at"],
    )


def entry_document(entry: Entry) -> Document:
    """The entry, with its event id as key."""
    document: Document = {"_id": entry.event_id, "received_at": entry.received_at}
    if entry.view is not None:
        document["view"] = _view_document(entry.view)
    return document


def entry_of(document: Mapping[str, Any]) -> Entry:
    """The entry in a document."""
    view = document.get("view")
    return Entry(document["_id"], document["received_at"], _view_of(view) if view else None)


def _view_document(view: View) -> Document:
    """Only what is not empty: most views are of customers seen once or never."""
    known = {
        "known": view.known,
        "tickets": view.tickets,
        "messages": view.messages,
        **{name: _pairs(getattr(view, name)) for name in COUNTS},
        "sentiment_trend": view.sentiment_trend,
        "last_contact_at": view.last_contact_at,
        "satisfaction": view.satisfaction,
    }
    return {"made_at": view.made_at, **{name: value for name, value in known.items() if value}}


def _view_of(document: Mapping[str, Any]) -> View:
    fields: dict[str, Any] = {
        name: dict(value) if name in COUNTS else value for name, value in document.items()
    }
    return View(**fields)


def _pairs(counts: Counts) -> Sequence[list[Any]]:
    return [[name, count] for name, count in counts.items()]
