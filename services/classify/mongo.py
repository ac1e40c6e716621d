"""Classify's database: which model was promoted last."""

from shared.events import ModelPromoted
from shared.mongo import Mongo, duplicates_ignored, failures_named


class MongoState:
    """`state`: one document, the last promotion. Only newer replaces older."""

    def __init__(self, mongo: Mongo) -> None:
        self._collection = mongo.database["state"]

    async def promoted(self) -> ModelPromoted | None:
        with failures_named():
            document = await self._collection.find_one({"_id": "classifier"})
        return None if document is None else ModelPromoted.model_validate_json(document["data"])

    async def save_promoted(self, promoted: ModelPromoted) -> None:
        order = promoted.promoted_at.timestamp()
        # A newer one in the store does not match the guard; the insert it then tries is refused.
        with failures_named(), duplicates_ignored():
            await self._collection.update_one(
                {"_id": "classifier", "order": {"$lt": order}},
                {"$set": {"order": order, "data": promoted.model_dump_json()}},
                upsert=True,
            )
