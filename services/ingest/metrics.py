"""What ingest counts beyond delivery."""

from prometheus_client import Counter

DUPLICATES = Counter(
    "careloop_duplicates_total", "Messages that were sent again; they got no second response"
)
