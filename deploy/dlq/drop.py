"""Dropping dead letters: they are recorded, and no replay gives them back.

Each letter has a line in the record before it is remembered as dropped, so that whatever was
dropped is recorded; a call that dies in between may record its last batch twice. The letter itself
stays in Kafka for as long as its topic keeps it. The record names positions, reasons, event ids
and who decided, and holds nothing of what people wrote.
"""

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path

import orjson

from deploy.dlq.letters import DeadLetter, Filter
from deploy.dlq.replay import Either, batches, candidates
from deploy.dlq.shelf import Shelf


@dataclass(frozen=True, slots=True)
class Order:
    """Who drops, when and why; the file of the record, JSONL; so many letters at most."""

    why: str
    by: str
    now: datetime
    record: Path
    limit: int | None = None


def drop(
    shelf: Shelf, dropped: Shelf, topics: Iterable[str], wanted: Filter, order: Order
) -> Counter[str]:
    """Drop the wanted letters that were neither replayed nor dropped; how many of each topic.

    Raises OSError when they cannot be recorded, KafkaUnavailable and MemoryFull; what was dropped
    until then is recorded and remembered.
    """
    counts: Counter[str] = Counter()
    for topic in topics:
        for partition in shelf.partitions(topic):
            known = dropped.handled(topic, partition)
            passed_over = Either(known, shelf.handled(topic, partition))
            found = candidates(shelf, topic, partition, wanted, passed_over)
            left = None if order.limit is None else order.limit - counts.total()
            for batch in batches(islice(found, left)):
                known = known.also(letter.offset for letter in batch)
                # Refuse before recording what could not be remembered.
                known.metadata()
                _record(batch, order)
                dropped.remember(topic, partition, known)
                counts[topic] += len(batch)
    return counts


def line_of(letter: DeadLetter, order: Order) -> dict[str, str]:
    """What the record says of a letter."""
    ids = [value for name, value in letter.original_headers if name == "ce_id"]
    return {
        "dropped_at": order.now.isoformat(),
        "by": order.by,
        "why": order.why,
        "letter": letter.position,
        "source": letter.source,
        "died_at": letter.at.isoformat(),
        "code": letter.code,
        "field": letter.field,
        "event_id": ids[0].decode("utf-8", "replace") if ids else "",
    }


def _record(batch: Sequence[DeadLetter], order: Order) -> None:
    """Append the lines, and wait until they are on the disk."""
    order.record.parent.mkdir(parents=True, exist_ok=True)
    with order.record.open("ab") as file:
        file.write(b"".join(orjson.dumps(line_of(one, order)) + b"\n" for one in batch))
        file.flush()
        os.fsync(file.fileno())
