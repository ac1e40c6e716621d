"""Every metric of delivery, declared once with its unit and meaning. Labels are bounded."""

from prometheus_client import Counter, Gauge, Histogram

RECEIVED = Counter("careloop_received_total", "Events read from a topic", ["topic"])
PROCESSED = Counter(
    "careloop_processed_total",
    "Events settled, by how: done, dead_letter or ignored",
    ["topic", "result"],
)
PUBLISHED = Counter("careloop_published_total", "Events written to a topic", ["topic"])
RETRIED = Counter("careloop_retried_total", "Events tried again in place", ["topic", "error"])
DEAD_LETTERS = Counter("careloop_dead_letters_total", "Dead letters by reason", ["topic", "code"])
PAUSED = Counter("careloop_partition_pauses_total", "Partitions paused on failure", ["topic"])
UNCOMMITTED = Counter(
    "careloop_commit_refused_total", "Commits refused after a rebalance; redelivered", ["topic"]
)
REBALANCES = Counter("careloop_rebalances_total", "Assignments of partitions", ["topic"])
BATCH_SIZE = Histogram(
    "careloop_batch_size", "Events in one batch", ["topic"], buckets=(1, 4, 16, 64, 256, 1024)
)
BATCH_SECONDS = Histogram(
    "careloop_batch_seconds", "From a batch read to its offsets committed", ["topic"]
)
HANDLER_SECONDS = Histogram("careloop_handler_seconds", "One call of the handler", ["topic"])
LAG = Gauge(
    "careloop_lag", "Messages of an assigned partition not settled yet", ["topic", "partition"]
)
OLDEST = Gauge(
    "careloop_oldest_unsettled_seconds", "Age of the oldest message not settled", ["topic"]
)
STALLED = Gauge(
    "careloop_stalled_seconds",
    "Time since a message was settled or tried although some wait",
    ["topic"],
)
ASSIGNED = Gauge("careloop_assigned_partitions", "Partitions this process reads", ["topic"])
LOST = Counter(
    "careloop_lost_total", "Messages that expired in Kafka before they were read", ["topic"]
)
DATABASE_SECONDS = Histogram(
    "careloop_database_seconds", "One command of the database, by its name", ["command"]
)
DATABASE_ERRORS = Counter(
    "careloop_database_errors_total",
    "Commands of the database that failed; unreachable: could not even be sent",
    ["command"],
)
UNREACHABLE = DATABASE_ERRORS.labels("unreachable")
READY = Gauge("careloop_ready", "1 when the worker is ready to work")


def show_topic(topic: str) -> None:
    """Have a topic's figures stand at 0 before anything happens: what is missing cannot be told
    from what never came."""
    for counter in (RECEIVED, PAUSED, UNCOMMITTED, REBALANCES, LOST):
        counter.labels(topic)
    RETRIED.labels(topic, "TemporaryError")
    for result in ("done", "dead_letter", "ignored"):
        PROCESSED.labels(topic, result)
    for gauge in (OLDEST, STALLED, ASSIGNED):
        gauge.labels(topic)
