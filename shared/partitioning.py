"""Where on `feedback` an event stands: what careloop tells itself apart from all else.

Every process reads what careloop tells itself. Did it stand among the replies, every process would
read all of them to find it.
"""

from aiokafka.partitioner import DefaultPartitioner

from shared.topics import CONTROL

CONTROL_PARTITION = 0

_CONTROL_TYPES = frozenset(event.TYPE for event in CONTROL)
_by_key = DefaultPartitioner()


def feedback_partition(event_type: str | None, key: bytes | None, count: int) -> int:
    """Of `count` partitions the first is for control events, the others for all else, by the key,
    or by chance without one. A single partition has everything."""
    if count == 1 or event_type in _CONTROL_TYPES:
        return CONTROL_PARTITION
    others = range(CONTROL_PARTITION + 1, count)
    found: int = _by_key(key, others, others)
    return found
