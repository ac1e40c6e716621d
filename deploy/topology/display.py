"""A plan in words, a line for each difference; and the cards as a table."""

from collections.abc import Iterator, Mapping
from datetime import timedelta

from rich.table import Table

from deploy.topology.plan import Addition, Change, Consent, Creation, Plan
from deploy.topology.settings import LARGEST, RETENTION
from shared.topics import TopicCard

MOST_STRANGERS = 10


def lines(planned: Plan, consent: Consent) -> Iterator[str]:
    """`+` is made, `~` changed, `!` not done: the line says why and what would do it."""
    for creation in planned.creations:
        yield f"+ {creation.topic}: {_made(creation)}"
    for change in planned.changes:
        yield _changed(change, consent)
    for addition in planned.additions:
        yield _added(addition, consent)
    for one in planned.impossible:
        yield f"! {one.topic}: {one.what}. Not done: {one.instead}"
    if planned.strangers:
        more = len(planned.strangers) - MOST_STRANGERS
        named = ", ".join(planned.strangers[:MOST_STRANGERS])
        yield f"  not ours, left alone: {named}" + (f" and {more} more" if more > 0 else "")


def summary(planned: Plan, possible: Plan) -> str:
    """How much differs, and how much of it would be mended."""
    if not planned.differs:
        return "nothing to do: the topics are as their cards say"
    total, mended = _count(planned), _count(possible)
    return f"{total} difference{'s' if total > 1 else ''}, {mended} of which apply mends"


def table(cards: Mapping[str, TopicCard]) -> Table:
    """The topic cards."""
    found = Table(title="Topics")
    for column in ("topic", "purpose", "key", "from", "to", "partitions", "kept"):
        found.add_column(column, overflow="fold")
    for card in cards.values():
        writers, readers = ", ".join(card.producers), ", ".join(card.consumers)
        kept = _kept(card.retention)
        found.add_row(
            card.name, card.purpose, card.key, writers, readers, str(card.partitions), kept
        )
    return found


def _made(creation: Creation) -> str:
    copies = "" if creation.replication is None else f", {_several(creation.replication, 'copy')}"
    kept = _readable(RETENTION, creation.settings[RETENTION])
    largest = _readable(LARGEST, creation.settings[LARGEST])
    partitions = _several(creation.partitions, "partition")
    return f"{partitions}{copies}, kept {kept}, messages up to {largest}"


def _changed(change: Change, consent: Consent) -> str:
    have = "unset" if change.have is None else _readable(change.name, change.have)
    text = f"{change.topic}: {change.name} {have} -> {_readable(change.name, change.want)}"
    if not change.loses_messages:
        return f"~ {text}"
    if consent.shorten_retention:
        return f"~ {text}; older messages go"
    return f"! {text}: Kafka would delete older messages. Not done without --shorten-retention"


def _added(addition: Addition, consent: Consent) -> str:
    text = f"{addition.topic}: {addition.have} -> {addition.want} partitions"
    breaks = (
        "keys move to other partitions, so order within a ticket breaks for messages that wait "
        "(let the backlog run dry first)"
    )
    if consent.add_partitions:
        return f"~ {text}; {breaks}"
    return f"! {text}: {breaks}. Not done without --add-partitions"


def _readable(name: str, value: str) -> str:
    """The value, with what it amounts to where that is easier to read."""
    if name == RETENTION:
        return "for ever" if value == "-1" else _kept(timedelta(milliseconds=int(value)))
    if name == LARGEST:
        size = int(value)
        return f"{size // 2**20} MiB" if size % 2**20 == 0 else f"{size} bytes"
    return value


def _kept(retention: timedelta) -> str:
    for unit, length in (
        ("d", timedelta(days=1)),
        ("h", timedelta(hours=1)),
        ("s", timedelta(seconds=1)),
    ):
        if retention % length == timedelta():
            return f"{retention // length} {unit}"
    return f"{retention // timedelta(milliseconds=1)} ms"


def _several(count: int, noun: str) -> str:
    plural = {"copy": "copies"}.get(noun, f"{noun}s")
    return f"{count} {noun if count == 1 else plural}"


def _count(planned: Plan) -> int:
    return sum(
        map(len, (planned.creations, planned.changes, planned.additions, planned.impossible))
    )
