"""Create the topics of the contract, or show them: `python -m deploy.topics apply|show`."""

import argparse
import os
import sys
from datetime import timedelta
from typing import Any

from kafka import KafkaAdminClient
from kafka.errors import KafkaError
from rich.console import Console
from rich.table import Table

from shared.topics import TOPICS, TopicCard


def apply(bootstrap_servers: str, replication: int = 1) -> list[str]:
    """Create the topics that are missing; never changes or deletes one. Returns their names."""
    admin = KafkaAdminClient(bootstrap_servers=bootstrap_servers.split(","))
    try:
        existing = set(admin.list_topics())
        missing = {
            name: _declared(card, replication)
            for name, card in TOPICS.items()
            if name not in existing
        }
        if missing:
            # Somebody else may be creating them right now: an error then is as good as success.
            admin.create_topics(missing, raise_errors=False)
            admin.wait_for_topics(list(missing))
        return list(missing)
    finally:
        admin.close()


def _declared(card: TopicCard, replication: int) -> dict[str, Any]:
    return {
        "num_partitions": card.partitions,
        "replication_factor": replication,
        "configs": {
            "retention.ms": str(card.retention // timedelta(milliseconds=1)),
            "max.message.bytes": str(card.max_message_bytes),
        },
    }


def show() -> Table:
    """The topic cards as a table."""
    table = Table(title="Topics")
    for column in ("topic", "purpose", "key", "from", "to", "partitions", "kept"):
        table.add_column(column, overflow="fold")
    for card in TOPICS.values():
        hours = card.retention // timedelta(hours=1)
        kept = f"{hours // 24} d" if hours % 24 == 0 else f"{hours} h"
        writers, readers = ", ".join(card.producers), ", ".join(card.consumers)
        table.add_row(
            card.name, card.purpose, card.key, writers, readers, str(card.partitions), kept
        )
    return table


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.topics", description=__doc__)
    parser.add_argument("do", choices=("apply", "show"))
    parser.add_argument(
        "--kafka",
        default=os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:9092"),
        help="host:port, comma separated (default: KAFKA_BOOTSTRAP_SERVERS)",
    )
    parser.add_argument("--replication", type=int, default=1, help="copies of each partition")
    arguments = parser.parse_args()
    if arguments.do == "show":
        Console().print(show())
        return 0
    try:
        created = apply(arguments.kafka, arguments.replication)
    except KafkaError as error:
        print(f"cannot reach Kafka at {arguments.kafka}: {error}", file=sys.stderr)
        return 1
    print(f"created {', '.join(created)}" if created else "all topics exist already")
    return 0


if __name__ == "__main__":
    sys.exit(main())
