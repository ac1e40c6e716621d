"""How long what a worker stores is kept: never so short that what comes again is taken for new."""

from datetime import timedelta

from shared.topics import TOPICS, TopicCard


def again_within(worker: str, *topics: TopicCard) -> timedelta:
    """How long after it was written a worker can be given a message again: from the topics it
    reads, and then from its dead letters."""
    return max(card.retention for card in topics) + TOPICS[f"{worker}.dlq"].retention
