"""The records of one batch, and the waves in which they are worked on."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from aiokafka import ConsumerRecord

from shared.envelope import Event
from shared.events import Payload


@dataclass(slots=True)
class Item:
    """One record on its way. `settled` once `writes` are safe; `error` as long as it failed."""

    record: ConsumerRecord
    event: Event[Payload] | None = None
    error: Exception | None = None
    attempts: int = 0
    settled: bool = False
    result: str = "done"
    writes: list["asyncio.Future[Any]"] = field(default_factory=list)

    @property
    def partition(self) -> int:
        """Its number: the items of a batch are all of one topic."""
        number: int = self.record.partition
        return number


def waves(items: Iterable[Item]) -> list[list[Item]]:
    """The first item of every key together, then the second of every key, and so on.

    Items without a key wait for nobody; items already settled are left out.
    """
    result: list[list[Item]] = []
    seen: dict[str, int] = {}
    for item in items:
        if item.event is None:
            continue
        key = item.event.key
        number = 0 if key is None else seen.get(key, 0)
        if key is not None:
            seen[key] = number + 1
        if number == len(result):
            result.append([])
        result[number].append(item)
    return result
