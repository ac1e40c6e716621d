"""From where on something is wrong: the same numbers colour panels and raise alerts."""

from datetime import timedelta

from deploy.system.system import WORKERS
from shared.topics import TOPICS

REPLY_SECONDS = 30
"""The promise: a message gets its reply or hand-over within so many seconds of `created_at`."""
ON_TIME = 0.99
"""... and this share of messages does."""
LATE_BUDGET = 1 - ON_TIME

BACKLOG_SECONDS = 60
"""Age of the oldest message from which customers wait noticeably."""
FEEDBACK_SECONDS = 15 * 60
"""The same where no customer waits: what is learned comes that much later."""
STALLED_SECONDS = 120
"""A worker that neither settled nor tried anything for so long, with messages at hand, is stuck."""
DEAD_LETTERS = 5
"""Within ten minutes, from topics only we write: more are a bug that goes on."""
REFUSED_SHARE = 0.05
"""Of what comes in from outside: more refused than this is an upstream that changed something."""
DATABASE_SECONDS = 0.5
"""95 % of database commands take less."""
DATABASE_ERRORS = 0.05
"""Of database commands."""

OWN_TOPIC = {worker: worker for worker in WORKERS}
"""The topic whose backlog is the worker's."""


def partitions(topic: str) -> int:
    """As many as the topic is created with; an operator may add some, and take none away."""
    return TOPICS[topic].partitions


def half_retention(topic: str) -> int:
    """Seconds: a message that old and unread has had half of its time before Kafka deletes it."""
    return TOPICS[topic].retention // timedelta(seconds=2)
