"""What the commands do."""

import argparse
import sys
from collections import deque
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice

from rich.console import Console

from deploy.dlq.display import headers_table, table_of, value_text
from deploy.dlq.drop import Order, drop
from deploy.dlq.letters import DeadLetter, Filter
from deploy.dlq.replay import Either, Replayer, candidates
from deploy.dlq.shelf import DROPPED, Shelf
from deploy.outbox import Outbox

SHOWN = 50


def list_letters(options: argparse.Namespace, console: Console) -> int:
    """A table for every topic that has such letters."""
    wanted, found = filter_of(options), 0
    with Shelf(options.kafka) as shelf, Shelf(options.kafka, DROPPED) as dropped:
        for topic in options.topics:
            newest: deque[tuple[DeadLetter, str]] = deque(maxlen=options.limit or SHOWN)
            count = 0
            for partition in shelf.partitions(topic):
                fate = Fate(shelf, dropped, topic, partition)
                for letter in candidates(shelf, topic, partition, wanted, ()):
                    newest.append((brief(letter), fate.of(letter)))
                    count += 1
            if newest:
                console.print(table_of(topic, newest, count - len(newest)))
            found += count
    if not found:
        console.print("no dead letters" + (" match" if wanted != Filter() else ""))
    return 0


def show(options: argparse.Namespace, console: Console) -> int:
    """Headers and value of one letter."""
    topic, partition, offset = options.position
    with Shelf(options.kafka) as shelf:
        letter = shelf.one(topic, partition, offset)
    if letter is None:
        print(f"there is no dead letter {topic}:{partition}:{offset}", file=sys.stderr)
        return 1
    console.print(headers_table(letter, options.reveal))
    console.print(value_text(letter, options.reveal), markup=False, highlight=False, soft_wrap=True)
    return 0


def replay_letters(options: argparse.Namespace, console: Console) -> int:
    """Publish the letters again, or say which would be."""
    wanted = filter_of(options)
    with Shelf(options.kafka) as shelf, Shelf(options.kafka, DROPPED) as dropped:
        if options.dry_run:
            return _dry_run(shelf, dropped, wanted, options, console)
        replayer = Replayer(shelf, dropped, lambda to: Outbox(options.kafka, to, "careloop-dlq"))
        done = replayer.replay(options.topics, wanted, again=options.again, limit=options.limit)
    for position, why in done.refused.items():
        print(f"{position}: not replayed: {why}", file=sys.stderr)
    for topic, count in done.sent.items():
        console.print(f"replayed {count} to {topic}")
    if not done.sent and not done.refused:
        console.print("nothing to replay" + ("" if options.again else " that was not replayed yet"))
    return 1 if done.refused else 0


def drop_letters(options: argparse.Namespace, console: Console) -> int:
    """Record the letters and have no replay give them back, or say which would be."""
    wanted = filter_of(options)
    with Shelf(options.kafka) as shelf, Shelf(options.kafka, DROPPED) as dropped:
        if options.dry_run:
            return _dry_run(shelf, dropped, wanted, options, console)
        try:
            counts = drop(shelf, dropped, options.topics, wanted, order_of(options))
        except OSError as error:
            print(f"cannot record in {options.record}: {error}", file=sys.stderr)
            return 1
    for topic, count in counts.items():
        console.print(f"dropped {count} of {topic}; recorded in {options.record}")
    if not counts:
        console.print("nothing to drop that was not replayed or dropped yet")
    return 0


def order_of(options: argparse.Namespace) -> Order:
    return Order(options.why, options.by, datetime.now(UTC), options.record, options.limit)


def filter_of(options: argparse.Namespace) -> Filter:
    return Filter(options.code, options.since, options.until, options.key)


class Fate:
    """What became of the letters of one partition."""

    def __init__(self, shelf: Shelf, dropped: Shelf, topic: str, partition: int) -> None:
        self._replayed = shelf.handled(topic, partition)
        self._dropped = dropped.handled(topic, partition)

    @property
    def known(self) -> Either:
        return Either(self._replayed, self._dropped)

    def of(self, letter: DeadLetter) -> str:
        """`dropped`, `replayed`, or empty while nobody did anything."""
        # What the topic no longer holds counts as handled: of these there is no letter to ask for.
        if letter.offset in self._dropped:
            return "dropped"
        return "replayed" if letter.offset in self._replayed else ""


def _dry_run(
    shelf: Shelf, dropped: Shelf, wanted: Filter, options: argparse.Namespace, console: Console
) -> int:
    left = options.limit
    total = 0
    for topic in options.topics:
        for partition in shelf.partitions(topic):
            fate = Fate(shelf, dropped, topic, partition)
            passed_over = () if getattr(options, "again", False) else fate.known
            found = candidates(shelf, topic, partition, wanted, passed_over)
            letters = [(brief(item), fate.of(item)) for item in islice(found, left)]
            if letters:
                console.print(table_of(topic, letters))
            total += len(letters)
            left = None if left is None else left - len(letters)
    console.print(f"{total} would be {options.done}; nothing was done")
    return 0


def brief(letter: DeadLetter) -> DeadLetter:
    """Without the value, which a table has no use for and which may be large."""
    return replace(letter, value=None)
