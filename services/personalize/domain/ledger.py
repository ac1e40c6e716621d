"""Counting each fact exactly once, whatever is delivered again.

The profile carries the ids of the facts it counts last, with the view made for each message, in
the same document: one write makes a fact count and fixes its view. Facts that leave the profile's
memory go to an archive first, and only once the profile that counts them is stored.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from services.personalize.domain.facts import Erasure, Fact, Interaction, Message, Rating
from services.personalize.domain.profile import Entry, Profile, View, with_fact

REMEMBERED = 16
"""Facts a profile remembers by itself. More make its document larger, fewer its archive busier."""


@dataclass(frozen=True, slots=True)
class Change:
    """What facts did to a profile.

    `leaving` are the entries to be archived before `profile` is stored. `views` are those of the
    messages, by event id; a message from before an erasure has none.
    """

    profile: Profile
    leaving: tuple[Entry, ...]
    views: Mapping[str, View]


def apply(
    stored: Profile, archive: Mapping[str, Entry], facts: Iterable[Fact], now: datetime
) -> Change:
    """Count what is not counted yet. `archive` holds what is archived of these facts.

    The profile comes back as it was if nothing was new.
    """
    profile = stored
    views: dict[str, View] = {}
    for fact in facts:
        if isinstance(fact, Erasure):
            profile = _erased(profile, fact.received_at)
            continue
        entry = profile.recent.get(fact.event_id) or archive.get(fact.event_id)
        if entry is None:
            if _is_forgotten(profile, fact):
                continue
            entry = Entry(
                fact.event_id,
                fact.received_at,
                profile.view(now) if isinstance(fact, Message) else None,
            )
            recent = {**profile.recent, fact.event_id: entry}
            profile = replace(with_fact(profile, fact), recent=recent)
        if entry.view is not None:
            views[fact.event_id] = entry.view
    return _trimmed(stored, profile, views)


def _erased(profile: Profile, until: datetime) -> Profile:
    """Nothing but the fact that it was erased, so that what is delivered again stays forgotten."""
    if profile.erased_at is not None and profile.erased_at >= until:
        return profile
    return Profile(profile.customer_key, profile.version, erased_at=until)


def _is_forgotten(profile: Profile, fact: Message | Interaction | Rating) -> bool:
    return profile.erased_at is not None and fact.received_at <= profile.erased_at


def _trimmed(stored: Profile, profile: Profile, views: Mapping[str, View]) -> Change:
    """Let the oldest entries go, but only those that the stored profile counts already."""
    surplus = max(0, len(profile.recent) - REMEMBERED)
    oldest = list(profile.recent.values())[:surplus]
    leaving = tuple(entry for entry in oldest if entry.event_id in stored.recent)
    if leaving:
        gone = {entry.event_id for entry in leaving}
        recent = {key: entry for key, entry in profile.recent.items() if key not in gone}
        profile = replace(profile, recent=recent, archived=True)
    return Change(profile, leaving, views)
