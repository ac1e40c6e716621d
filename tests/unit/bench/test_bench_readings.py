"""Two readings of a worker's metrics, and what went on between them."""

import pytest

from tests.bench.readings import Reading

PAGE = """# HELP careloop_batch_size Events in one batch
# TYPE careloop_batch_size histogram
careloop_batch_size_count{topic="classify"} 3.0
careloop_batch_size_sum{topic="classify"} 12.0
careloop_batch_size_count{topic="feedback"} 50.0
careloop_batch_seconds_sum{topic="classify"} 0.6
careloop_database_seconds_count{command="find"} 4.0
careloop_database_seconds_count{command="insert"} 2.0
"""


def test_batches_are_those_of_the_topic() -> None:
    assert Reading.parsed(PAGE).batches("classify") == (3.0, 12.0, 0.6)


def test_commands_are_counted_whatever_their_name() -> None:
    assert Reading.parsed(PAGE).commands == 6.0


def test_only_what_went_on_between_counts_also_what_was_not_there_before() -> None:
    later = PAGE.replace(" 3.0", " 5.0").replace(" 0.6", " 1.0")
    later += 'careloop_database_seconds_count{command="update"} 1.0\n'
    between = Reading.parsed(later).since(Reading.parsed(PAGE))
    assert between.batches("classify") == pytest.approx((2.0, 0.0, 0.4))
    assert between.commands == 1.0
