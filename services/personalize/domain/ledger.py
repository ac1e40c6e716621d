"""Counting each fact exactly once, whatever is delivered again.

The profile carries the ids of the facts it counts last, with the view made for each message, in
the same document: one write makes a fact count and fixes its view. Facts that leave the profile's
memory go to an archive first, and only once the profile that counts them is stored.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from services.personalize.domain.facts import Erasure, Fact, Message, Remembered
from services.personalize.domain.profile import Entry, Profile, with_fact

REMEMBERED = 16
"""Facts a profile remembers by itself. More make its document larger, fewer its archive busier."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A message that counts for the first time, and its customer's profile just before it."""

    message: Message
    profile: Profile


@dataclass(frozen=True, slots=True)
class Change:
    """What facts did to a profile.

    `leaving` are the entries to be archived before `profile` is stored. `views` are those of the
    messages, as text by event id; a message from before an erasure has none. `moments` still need
    one: `completed` takes them.
    """

    profile: Profile
    leaving: tuple[Entry, ...]
    views: Mapping[str, str]
    moments: tuple[Moment, ...]


def apply(
    stored: Profile, archive: Mapping[str, Entry], facts: Iterable[Fact], now: datetime
) -> Change:
    """Count what is not counted yet. `archive` holds what is archived of these facts.

    The profile comes back as it was if nothing was new.
    """
    profile = stored
    views: dict[str, str] = {}
    moments: dict[str, Moment] = {}
    for fact in facts:
        if isinstance(fact, Erasure):
            before, profile = profile, _erased(profile, fact.received_at)
            if profile is not before:
                moments.clear()
            continue
        entry = profile.recent.get(fact.event_id) or archive.get(fact.event_id)
        if entry is None:
            if _is_forgotten(profile, fact):
                continue
            entry = Entry(fact.event_id, fact.received_at)
            if isinstance(fact, Message):
                moments[fact.event_id] = Moment(fact, profile)
            recent = {**profile.recent, fact.event_id: entry}
            profile = replace(with_fact(profile, fact), recent=recent, changed_at=now)
        if entry.view is not None:
            views[fact.event_id] = entry.view
    return _trimmed(stored, profile, views, tuple(moments.values()))


def completed(change: Change, views: Mapping[str, str]) -> Change:
    """The change with the views of its moments, as text by event id."""
    if not change.moments:
        return change
    made = {one.message.event_id: views[one.message.event_id] for one in change.moments}
    recent = {
        key: replace(entry, view=made[key]) if key in made else entry
        for key, entry in change.profile.recent.items()
    }
    profile = replace(change.profile, recent=recent)
    return Change(profile, change.leaving, {**change.views, **made}, ())


def _erased(profile: Profile, until: datetime) -> Profile:
    """Nothing but the fact that it was erased, so that what is delivered again stays forgotten."""
    if profile.erased_at is not None and profile.erased_at >= until:
        return profile
    return Profile(profile.customer_key, profile.version, erased_at=until)


def _is_forgotten(profile: Profile, fact: Remembered) -> bool:
    return profile.erased_at is not None and fact.received_at <= profile.erased_at


def _trimmed(
    stored: Profile, profile: Profile, views: Mapping[str, str], moments: tuple[Moment, ...]
) -> Change:
    """Let the oldest entries go, but only those that the stored profile counts already."""
    surplus = max(0, len(profile.recent) - REMEMBERED)
    oldest = list(profile.recent.values())[:surplus]
    leaving = tuple(entry for entry in oldest if entry.event_id in stored.recent)
    if leaving:
        gone = {entry.event_id for entry in leaving}
        recent = {key: entry for key, entry in profile.recent.items() if key not in gone}
        profile = replace(profile, recent=recent, archived=True)
    return Change(profile, leaving, views, moments)
