"""The topic cards as Strimzi's KafkaTopic resources."""

from collections.abc import Iterable, Iterator

from deploy.topology.settings import settings_of
from shared.topics import TopicCard

HEADER = """\
# The topics, for Kafka run by Strimzi. Made from shared/topics.py, so change them there:
#   python -m deploy.topics manifests > deploy/k8s/strimzi/topics.yaml
"""


def manifests(cards: Iterable[TopicCard], cluster: str, replication: int) -> str:
    """YAML documents, one a topic, for the Strimzi cluster of that name."""
    return HEADER + "".join(
        "---\n" + "\n".join(_document(card, cluster, replication)) + "\n" for card in cards
    )


def _document(card: TopicCard, cluster: str, replication: int) -> Iterator[str]:
    yield f"# {card.purpose}"
    yield "apiVersion: kafka.strimzi.io/v1"
    yield "kind: KafkaTopic"
    yield "metadata:"
    yield f"  name: {card.name}"
    yield "  labels:"
    yield "    app.kubernetes.io/part-of: careloop"
    yield f"    strimzi.io/cluster: {cluster}"
    yield "spec:"
    yield f"  partitions: {card.partitions}"
    yield f"  replicas: {replication}"
    yield "  config:"
    for name, value in settings_of(card, replication).items():
        yield f"    {name}: {value}"
