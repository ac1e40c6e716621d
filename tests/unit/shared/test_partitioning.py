"""What careloop tells itself has the first partition of `feedback` to itself."""

import pytest

from shared.events import ModelPromoted, ResponseGenerated
from shared.partitioning import CONTROL_PARTITION, feedback_partition
from shared.topics import CONTROL

KEYS = [f"T-{number}".encode() for number in range(500)]


@pytest.mark.parametrize("event", CONTROL)
def test_what_everybody_is_to_hear_stands_where_everybody_reads(event: type) -> None:
    event_type: str = event.TYPE  # type: ignore[attr-defined]
    assert {feedback_partition(event_type, key, 6) for key in KEYS} == {CONTROL_PARTITION}


def test_all_else_spreads_over_the_other_partitions_each_key_on_one() -> None:
    found = [feedback_partition(ResponseGenerated.TYPE, key, 6) for key in KEYS]
    assert set(found) == {1, 2, 3, 4, 5}
    assert found == [feedback_partition("careloop.feedback.rated.v1", key, 6) for key in KEYS]


@pytest.mark.parametrize("event_type", [None, "careloop.unheard.of.v1"])
def test_what_has_no_key_or_no_known_type_never_gets_among_them(event_type: str | None) -> None:
    assert {feedback_partition(event_type, None, 3) for _ in range(200)} == {1, 2}


def test_a_single_partition_has_everything() -> None:
    for event in (ModelPromoted, ResponseGenerated):
        assert feedback_partition(event.TYPE, b"T-1", 1) == 0
