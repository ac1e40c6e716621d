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
READY = Gauge("careloop_ready", "1 when the worker is ready to work")
