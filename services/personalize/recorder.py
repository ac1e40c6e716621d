"""Counts facts in stored profiles, each exactly once, beside other processes doing the same.

One read and one write for all facts together; the archive is only asked for customers with more
facts than their profile remembers, once for all of them too.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from services.personalize.domain.facts import Erasure, Fact
from services.personalize.domain.ledger import Change, apply, completed
from services.personalize.domain.profile import Entry, Profile
from services.personalize.domain.view import View
from services.personalize.ports import ProfileStore, Views
from services.personalize.view_text import text_of, view_in
from shared.errors import TemporaryError

MOST_ROUNDS = 10
"""In every round somebody's write wins, so this is only reached under extreme contention."""


class Recorder:
    """Optimistic concurrency: a profile is only stored over the version that was read."""

    def __init__(self, store: ProfileStore, views: Views) -> None:
        self._store = store
        self._views = views

    async def record(self, facts: Sequence[Fact], now: datetime) -> Mapping[str, View]:
        """Have the facts count; returns the views of the messages by event id.

        A message gets the same view however often it comes. Raises TemporaryError.
        """
        by_customer: dict[str, list[Fact]] = defaultdict(list)
        for fact in facts:
            by_customer[fact.customer_key].append(fact)
        archived: set[str] = set()
        for _ in range(MOST_ROUNDS if facts else 0):
            stored = await self._store.load(by_customer)
            await self._forget_what_was_erased_meanwhile(archived, stored)
            changes = await self._changes(by_customer, stored, now)
            leaving = {key: change.leaving for key, change in changes.items() if change.leaving}
            if leaving:
                await self._store.archive(leaving, now)
                archived |= leaving.keys()
            if await self._save(stored, changes):
                await self._forget(facts)
                told = [told for change in changes.values() for told in change.views.items()]
                return {event_id: view_in(text) for event_id, text in told}
        if facts:
            raise TemporaryError("profiles are being changed by too many at once")
        return {}

    async def _changes(
        self, facts: Mapping[str, Sequence[Fact]], stored: Mapping[str, Profile], now: datetime
    ) -> Mapping[str, Change]:
        archive = await self._archived(facts, stored)
        changes = {
            key: apply(stored.get(key, Profile(key)), archive, of_customer, now)
            for key, of_customer in facts.items()
        }
        moments = [moment for change in changes.values() for moment in change.moments]
        if not moments:
            return changes
        # Before the write: a view that is stored with its message is the same at any redelivery.
        made = await asyncio.to_thread(self._views.views, moments, now)
        views = {event_id: text_of(view) for event_id, view in made.items()}
        return {key: completed(change, views) for key, change in changes.items()}

    async def _archived(
        self, facts: Mapping[str, Sequence[Fact]], stored: Mapping[str, Profile]
    ) -> Mapping[str, Entry]:
        """Looks into the archive only for customers who have something there."""
        wanted = [
            fact.event_id
            for key, profile in stored.items()
            if profile.archived
            for fact in facts[key]
            if fact.event_id not in profile.recent
        ]
        return await self._store.archived(wanted) if wanted else {}

    async def _save(self, stored: Mapping[str, Profile], changes: Mapping[str, Change]) -> bool:
        changed = [
            change.profile for key, change in changes.items() if change.profile != stored.get(key)
        ]
        return await self._store.save(changed) if changed else True

    async def _forget(self, facts: Iterable[Fact]) -> None:
        for fact in facts:
            if isinstance(fact, Erasure):
                await self._store.forget(fact.customer_key, fact.received_at)

    async def _forget_what_was_erased_meanwhile(
        self, archived: set[str], stored: Mapping[str, Profile]
    ) -> None:
        """What this process archived while another one erased the customer goes too."""
        for key in archived:
            profile = stored.get(key)
            if profile is not None and profile.erased_at is not None:
                await self._store.forget(key, profile.erased_at)
