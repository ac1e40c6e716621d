"""Updates that make the document where it is missing."""

from collections.abc import Sequence
from typing import Any

from shared.errors import TemporaryError
from shared.mongo import duplicates_ignored, failures_named

TRIES = 3


async def upsert(collection: Any, writes: Sequence[Any]) -> None:
    """All of these updates, in one write. Raises TemporaryError.

    Two processes may both find a document missing; whose insert fails updates it next.
    """
    if not writes:
        return
    with failures_named():
        for _ in range(TRIES):
            with duplicates_ignored():
                await collection.bulk_write(list(writes), ordered=False)
                return
    raise TemporaryError(f"{collection.name} is being changed by too many at once")
