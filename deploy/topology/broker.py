"""What stands on a broker, and carrying a plan out there."""

from collections.abc import Iterable
from typing import Any

from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import TopicAlreadyExistsError, for_code

from deploy.topology.plan import Addition, Change, Creation, Plan, Standing
from deploy.topology.settings import DECLARED
from shared.topics import TOPICS

VISIBLE_MS = 30_000
"""Longest wait until every broker knows of a new topic."""


class TopicRefused(Exception):
    """The broker would not do it; the message says what, why and what to do."""


def standing(client: KafkaAdminClient) -> list[Standing]:
    """Every topic of the broker; the settings of ours alone, for those of others concern nobody."""
    ours = set(client.list_topics()) & TOPICS.keys()
    resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in sorted(ours)]
    described = client.describe_configs(resources, config_filter="all") if resources else {}
    settings = described.get("topic", {})
    return [
        Standing(
            topic["name"],
            len(topic["partitions"]),
            min((len(one["replica_nodes"]) for one in topic["partitions"]), default=0),
            {
                name: str(settings[topic["name"]][name]["value"])
                for name in DECLARED
                if name in settings.get(topic["name"], {})
            },
        )
        for topic in client.describe_topics()
    ]


def carry_out(client: KafkaAdminClient, planned: Plan) -> None:
    """Do all of the plan that can be done. Raises TopicRefused or KafkaError."""
    _create(client, planned.creations)
    _alter(client, planned.changes)
    _add_partitions(client, planned.additions)


def _create(client: KafkaAdminClient, creations: Iterable[Creation]) -> None:
    wanted: dict[str, dict[str, Any]] = {
        one.topic: {
            "num_partitions": one.partitions,
            "replication_factor": -1 if one.replication is None else one.replication,
            "configs": dict(one.settings),
        }
        for one in creations
    }
    if not wanted:
        return
    response = client.create_topics(wanted, raise_errors=False)
    for topic in response["topics"]:
        error = for_code(topic["error_code"])
        # Somebody else may be creating them right now: that is as good as success.
        if topic["error_code"] and error is not TopicAlreadyExistsError:
            why = topic.get("error_message") or error.__name__
            raise TopicRefused(
                f"topic {topic['name']} was not created: {why} (--replication says how many "
                "brokers keep a copy)"
            )
    client.wait_for_topics(list(wanted), timeout_ms=VISIBLE_MS)


def _alter(client: KafkaAdminClient, changes: Iterable[Change]) -> None:
    settings: dict[str, dict[str, str]] = {}
    for change in changes:
        settings.setdefault(change.topic, {})[change.name] = change.want
    resources = [
        ConfigResource(ConfigResourceType.TOPIC, topic, configs=wanted)
        for topic, wanted in settings.items()
    ]
    results = client.alter_configs(resources).get("topic", {}) if resources else {}
    for topic, result in results.items():
        if result != "OK":
            raise TopicRefused(f"the settings of topic {topic} were not changed: {result}")


def _add_partitions(client: KafkaAdminClient, additions: Iterable[Addition]) -> None:
    wanted = {one.topic: one.want for one in additions}
    results = client.create_partitions(wanted, raise_errors=False).results if wanted else ()
    for result in results:
        if result.error_code:
            why = result.error_message or for_code(result.error_code).__name__
            raise TopicRefused(f"topic {result.name} has as many partitions as before: {why}")
