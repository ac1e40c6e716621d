"""What stands in the workers' databases."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from pymongo import MongoClient

from deploy.system import WORKERS

Dump = Mapping[str, Mapping[Any, Mapping[str, Any]]]
"""Documents by `database.collection` and id."""


@contextmanager
def connected(url: str) -> Iterator[MongoClient[dict[str, Any]]]:
    client: MongoClient[dict[str, Any]] = MongoClient(url, tz_aware=True)
    try:
        yield client
    finally:
        client.close()


def dump(url: str) -> Dump:
    """Every document of every collection of the five databases; not when they expire, which counts
    from the last time they were written."""
    with connected(url) as client:
        return {
            f"{worker}.{name}": {
                one["_id"]: one for one in client[worker][name].find({}, {"expires_at": 0})
            }
            for worker in WORKERS
            for name in client[worker].list_collection_names()
        }
