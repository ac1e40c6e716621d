"""What the commands do."""

import argparse
import sys
from collections import deque
from dataclasses import replace
from itertools import islice

from rich.console import Console

from deploy.dlq.display import headers_table, table_of, value_text
from deploy.dlq.letters import DeadLetter, Filter
from deploy.dlq.memory import Replayed
from deploy.dlq.replay import Replayer, candidates
from deploy.dlq.shelf import Shelf
from deploy.outbox import Outbox

SHOWN = 50


def list_letters(options: argparse.Namespace, console: Console) -> int:
    """A table for every topic that has such letters."""
    wanted, found = Filter(options.code, options.since), 0
    with Shelf(options.kafka) as shelf:
        for topic in options.topics:
            newest: deque[tuple[DeadLetter, bool]] = deque(maxlen=options.limit or SHOWN)
            count = 0
            for partition in shelf.partitions(topic):
                known = shelf.replayed(topic, partition)
                for letter in candidates(shelf, topic, partition, wanted, Replayed()):
                    newest.append((brief(letter), letter.offset in known))
                    count += 1
            if newest:
                console.print(table_of(topic, newest, count - len(newest)))
            found += count
    if not found:
        console.print("no dead letters" + (" match" if options.code or options.since else ""))
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
    wanted = Filter(options.code, options.since)
    with Shelf(options.kafka) as shelf:
        if options.dry_run:
            return _dry_run(shelf, wanted, options, console)
        replayer = Replayer(shelf, lambda to: Outbox(options.kafka, to, "careloop-dlq"))
        done = replayer.replay(options.topics, wanted, again=options.again, limit=options.limit)
    for position, why in done.refused.items():
        print(f"{position}: not replayed: {why}", file=sys.stderr)
    for topic, count in done.sent.items():
        console.print(f"replayed {count} to {topic}")
    if not done.sent and not done.refused:
        console.print("nothing to replay" + ("" if options.again else " that was not replayed yet"))
    return 1 if done.refused else 0


def _dry_run(shelf: Shelf, wanted: Filter, options: argparse.Namespace, console: Console) -> int:
    left = options.limit
    total = 0
    for topic in options.topics:
        for partition in shelf.partitions(topic):
            known = shelf.replayed(topic, partition)
            passed_over = Replayed() if options.again else known
            found = candidates(shelf, topic, partition, wanted, passed_over)
            letters = [(brief(item), item.offset in known) for item in islice(found, left)]
            if letters:
                console.print(table_of(topic, letters))
            total += len(letters)
            left = None if left is None else left - len(letters)
    console.print(f"{total} would be replayed; nothing was done")
    return 0


def brief(letter: DeadLetter) -> DeadLetter:
    """Without the value, which a table has no use for and which may be large."""
    return replace(letter, value=None)
