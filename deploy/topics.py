"""Topics as code: the topic cards (shared/topics.py) against a broker.

plan shows what differs and changes nothing. apply shows the same and mends it. Neither ever deletes
a topic, and what cannot be undone has to be asked for: --add-partitions, --shorten-retention.

Exit codes of plan: 0, the topics are as their cards say; 2, something differs; 1, it failed. Of
apply: 0, all is done that may be done (lines with ! say what is not, and why); 1, it failed.
"""

import argparse
import sys

from kafka import KafkaAdminClient
from kafka.errors import KafkaError
from rich.console import Console

from deploy.outbox import (
    REACH_MS,
    KafkaUnavailable,
    access,
    given_kafka,
    quiet_client,
    unavailable,
)
from deploy.topology.broker import TopicRefused, carry_out, standing
from deploy.topology.display import lines, summary, table
from deploy.topology.manifests import manifests
from deploy.topology.plan import Consent, Plan, allowed, plan
from shared.topics import TOPICS

DIFFERS = 2
"""Exit code of plan: no error, and not as the cards say."""
PRODUCTION_COPIES = 3
STRIMZI_CLUSTER = "careloop"


def admin(bootstrap_servers: str) -> KafkaAdminClient:
    """A client that may create and alter topics. Raises KafkaUnavailable."""
    try:
        return KafkaAdminClient(**access(bootstrap_servers), bootstrap_timeout_ms=REACH_MS)
    except KafkaError as error:
        hint = "; is it running, and is --kafka or KAFKA_BOOTSTRAP_SERVERS right?"
        raise unavailable(bootstrap_servers, error, hint) from error
    except ValueError as error:
        raise KafkaUnavailable(
            f"no Kafka answers at {bootstrap_servers}: {error}; is --kafka or "
            "KAFKA_BOOTSTRAP_SERVERS right?"
        ) from error


def apply(bootstrap_servers: str, replication: int = 1) -> list[str]:
    """Create the topics that are missing, and change none. Returns their names.

    Raises KafkaUnavailable, TopicRefused or KafkaError.
    """
    client = admin(bootstrap_servers)
    try:
        missing = plan(TOPICS.values(), standing(client), replication).creations
        carry_out(client, Plan(creations=missing))
        return [creation.topic for creation in missing]
    finally:
        client.close()


def _compare(options: argparse.Namespace) -> int:
    """Plan, or plan and apply: the same lines, then the deed."""
    consent = Consent(options.add_partitions, options.shorten_retention)
    client = admin(options.kafka)
    try:
        planned = plan(TOPICS.values(), standing(client), options.replication)
        possible = allowed(planned, consent)
        for line in lines(planned, consent):
            print(line)
        print(summary(planned, possible))
        if options.do == "plan":
            return DIFFERS if planned.differs else 0
        if planned.differs:
            carry_out(client, possible)
            print("done" if possible == planned else "done, except for the lines with !")
        return 0
    finally:
        client.close()


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m deploy.topics",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="do", required=True, metavar="plan | apply | show | ...")
    for name, what in (
        ("plan", "what differs between cards and broker"),
        ("apply", "show the same, and mend it"),
    ):
        command = commands.add_parser(name, help=what)
        command.add_argument(
            "--kafka",
            default=given_kafka(),
            help="host:port, comma separated (default: KAFKA_BOOTSTRAP_SERVERS)",
        )
        command.add_argument(
            "--replication",
            type=int,
            help="copies of each partition (default: new topics get the broker's default, and "
            "those that are there are not asked)",
        )
        command.add_argument(
            "--add-partitions",
            action="store_true",
            help="even though order within a ticket breaks for messages that wait",
        )
        command.add_argument(
            "--shorten-retention",
            action="store_true",
            help="even though Kafka then deletes older messages",
        )
    commands.add_parser("show", help="the topic cards as a table")
    making = commands.add_parser("manifests", help="the topic cards as Strimzi's KafkaTopics")
    making.add_argument("--cluster", default=STRIMZI_CLUSTER, help="default: %(default)s")
    making.add_argument("--replication", type=int, default=PRODUCTION_COPIES)
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    options = _parse(arguments)
    quiet_client()
    if options.do == "show":
        Console().print(table(TOPICS))
        return 0
    if options.do == "manifests":
        print(manifests(TOPICS.values(), options.cluster, options.replication), end="")
        return 0
    try:
        return _compare(options)
    except (KafkaUnavailable, TopicRefused) as error:
        print(error, file=sys.stderr)
    except KafkaError as error:
        print(f"Kafka at {options.kafka} failed: {error}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
