"""What classify counts beside what every worker does."""

from prometheus_client import Counter, Histogram, Info

VERSION = Info("careloop_classifier", "The classifier this process serves")
REFUSED = Counter(
    "careloop_classifiers_refused_total", "Promoted classifiers that could not be served"
)
CONFIDENCE = Histogram(
    "careloop_confidence",
    "Calibrated probability of the intent, for messages in scope",
    buckets=tuple(tenths / 10 for tenths in range(1, 11)),
)
OUT_OF_SCOPE = Counter("careloop_out_of_scope_total", "Messages judged out of scope")
"""A rising share says that customers want something no label stands for."""
