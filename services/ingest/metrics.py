"""What ingest counts beyond delivery."""

from prometheus_client import Counter

ATTACHMENTS = Counter(
    "careloop_attachments_total",
    "Files that came with messages, by what became of them",
    ["status"],
)
DUPLICATES = Counter(
    "careloop_duplicates_total", "Messages that were sent again; they got no second response"
)
