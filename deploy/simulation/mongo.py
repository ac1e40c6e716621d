"""What the feedback worker has stored, to compare and to learn from."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.feedback.domain.insight.findings import Findings
from services.feedback.domain.insight.limits import Limits
from services.feedback.domain.learning.triggers import Triggers
from services.feedback.insights.reading import read
from services.feedback.lessons import Lessons, lessons
from services.feedback.messages.mongo import MongoMessages
from services.feedback.rebuild import from_the_beginning, rebuild
from services.feedback.settings import Settings
from shared.mongo import Mongo

Documents = Mapping[tuple[str, str], Mapping[str, Any]]
COMPARED = ("tickets", "outcomes", "messages", "labels", "waiting")
ANEW = "feedback_anew"


class Stored:
    """Reads the worker's database; owns the connection."""

    def __init__(self, mongo_url: str) -> None:
        self._held = Mongo(mongo_url, "feedback")
        self._anew = Mongo(mongo_url, ANEW)
        self._messages = MongoMessages(self._held, Settings().messages_kept)

    async def close(self) -> None:
        await self._held.close()
        await self._anew.close()

    async def held_and_anew(self, kafka_url: str) -> tuple[Documents, Documents]:
        """All that the worker holds, and what one reading of the whole topic makes of it; once."""
        await rebuild(self._anew, from_the_beginning(kafka_url))
        return await _documents(self._held), await _documents(self._anew)

    async def lessons(self, now: datetime) -> Lessons:
        """What the classifier would be taught now."""
        known = await self._messages.learnable()
        return lessons(known, Triggers(), last=None, now=now)

    async def findings(self, now: datetime, days: float) -> Findings:
        """What the insight report says of the last days."""
        return await read(self._messages, days, now, Limits())


async def _documents(mongo: Mongo) -> Documents:
    # When a document expires tells when it was last written, not what is known.
    return {
        (name, str(document["_id"])): document
        for name in COMPARED
        for document in await mongo.database[name].find({}, {"expires_at": 0}).to_list(None)
    }
