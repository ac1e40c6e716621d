"""In MongoDB, when it was last reported what customers tell."""

from datetime import datetime

from shared.mongo import Mongo, duplicates_ignored, failures_named


class MongoReports:
    """One document in `state`: of daily reports only the last one matters, to whoever asks whether
    the next is due."""

    def __init__(self, mongo: Mongo) -> None:
        self._state = mongo.database["state"]

    async def last(self) -> datetime | None:
        """When the last one was begun; None before the first. Raises TemporaryError."""
        with failures_named():
            found = await self._state.find_one({"_id": "insights"})
        began: datetime | None = found["began"] if found else None
        return began

    async def done(self, began: datetime) -> None:
        """Raises TemporaryError."""
        with failures_named(), duplicates_ignored():
            await self._state.update_one(
                {"_id": "insights"}, {"$max": {"began": began}}, upsert=True
            )
