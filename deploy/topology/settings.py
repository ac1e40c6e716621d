"""What a topic card means to Kafka: names and values of its topic settings."""

from collections.abc import Mapping
from datetime import timedelta

from shared.topics import TopicCard

RETENTION = "retention.ms"
CLEANUP = "cleanup.policy"
LARGEST = "max.message.bytes"
IN_SYNC = "min.insync.replicas"
DECLARED = (RETENTION, CLEANUP, LARGEST, IN_SYNC)
"""The settings that cards decide; whatever else is set on a topic is its operator's business."""


def settings_of(card: TopicCard, replication: int | None) -> Mapping[str, str]:
    """The settings of the card's topic.

    Nothing is compacted: every message is one of its own, and what holds at present stands in each
    worker's database, not on a topic. With three copies or more a write counts once all but one
    have it, so the loss of a broker neither loses a message nor stops anybody; with fewer, that
    would stop writing whenever one is down. Without a known `replication` nothing is said of it.
    """
    settings = {
        RETENTION: str(card.retention // timedelta(milliseconds=1)),
        CLEANUP: "delete",
        LARGEST: str(card.max_message_bytes),
    }
    if replication is not None:
        settings[IN_SYNC] = str(replication - 1 if replication >= 3 else 1)
    return settings


def loses_messages(name: str, have: str, want: str) -> bool:
    """Whether the change makes Kafka delete messages that it would have kept."""
    if name == RETENTION:
        return _milliseconds(want) < _milliseconds(have)
    if name == CLEANUP:
        return not _policies(want) <= _policies(have)
    return False


def _milliseconds(text: str) -> float:
    """-1 is for ever."""
    return float("inf") if text == "-1" else float(text)


def _policies(text: str) -> set[str]:
    return {policy.strip() for policy in text.split(",") if policy.strip()}
