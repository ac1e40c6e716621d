"""Nothing goes unread, nothing is read twice, no batch outgrows its budget."""

from hypothesis import given
from hypothesis import strategies as st

from shared.encoder.batching import batches, windows

LENGTHS = st.lists(st.integers(1, 600), max_size=200)


def test_a_short_text_is_one_window() -> None:
    assert windows([5, 6, 7], 510) == [[5, 6, 7]]


def test_a_text_of_exactly_the_limit_is_one_window() -> None:
    assert [len(window) for window in windows(range(510), 510)] == [510]


def test_one_token_more_makes_two_windows_of_equal_size() -> None:
    assert [len(window) for window in windows(range(511), 510)] == [255, 256]


def test_no_tokens_make_one_empty_window() -> None:
    assert windows([], 510) == [[]]


@given(st.integers(0, 5000), st.integers(1, 510))
def test_windows_hold_every_token_once_and_in_order(count: int, limit: int) -> None:
    cut = windows(range(count), limit)
    assert [token for window in cut for token in window] == list(range(count))
    assert max(map(len, cut)) <= limit
    assert max(map(len, cut)) - min(map(len, cut)) <= 1


@given(LENGTHS, st.integers(1, 1000))
def test_batches_hold_every_text_once_within_the_budget(lengths: list[int], budget: int) -> None:
    made = batches(lengths, budget)
    assert sorted(index for batch in made for index in batch) == list(range(len(lengths)))
    for batch in made:
        longest = max(lengths[index] for index in batch)
        assert len(batch) == 1 or len(batch) * longest <= budget


def test_similar_lengths_share_a_batch() -> None:
    assert batches([30, 3, 29, 4], 60) == [[1, 3], [2, 0]]
