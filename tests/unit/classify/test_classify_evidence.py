"""The words that carried a decision: exact, at their places."""

import numpy as np
import pytest

from services.classify.domain.evidence import Clue, Parts, clues

EVERY = 100
NO_WORDS = Parts([], np.zeros((0, 1), np.float32))


def _clues(
    text: str, spans: list[tuple[int, int]], weights: list[float], most: int = EVERY
) -> list[Clue]:
    tokens = Parts(spans, np.array(weights, np.float32)[:, None])
    return clues(text, tokens, NO_WORDS, np.zeros(1, np.float32), most)[0]


def test_tokens_of_one_latin_word_are_one_clue() -> None:
    found = _clues("my refund?", [(0, 0), (0, 2), (2, 6), (6, 9), (9, 10)], [9, 1, 2, 3, 4])
    assert found == [
        Clue(3, 9, 5),
        Clue(9, 10, 4),
        Clue(0, 2, 1),
        Clue(0, 0, 9),
    ]


def test_chinese_tokens_stay_apart() -> None:
    found = _clues("退款还没到", [(0, 2), (2, 4), (4, 5)], [1, 2, 3])
    assert [(clue.start, clue.end) for clue in found[:-1]] == [(4, 5), (2, 4), (0, 2)]


def test_a_word_whose_tokens_overlap_is_one() -> None:
    # Byte-level tokens of one character all claim the whole of it.
    found = _clues("龘a", [(0, 1), (0, 1), (1, 2)], [1, 2, 3])
    assert found[:-1] == [Clue(0, 1, 3), Clue(1, 2, 3)]


def test_weights_add_up_to_the_logit_constant_part_included() -> None:
    shares = np.array([[0.5, -1], [0.25, 2], [1, 0]], np.float32)
    offsets = np.array([0.3, -0.6], np.float32)
    words = Parts([(0, 2), (3, 5)], np.array([[0.1, 0], [0, -3]], np.float32))
    found = clues("ab cd", Parts([(0, 0), (0, 2), (2, 5)], shares), words, offsets, EVERY)
    assert [sum(clue.weight for clue in column) for column in found] == pytest.approx([2.15, -2.6])


def test_what_words_add_is_told_where_they_stand() -> None:
    tokens = Parts([(0, 0), (0, 1), (1, 3), (3, 4)], np.array([[9], [1], [2], [3]], np.float32))
    # Characters of their own within a token are told with it.
    words = Parts([(1, 2), (2, 3), (3, 4)], np.array([[10], [20], [40]], np.float32))
    (found,) = clues("我要退款", tokens, words, np.zeros(1, np.float32), EVERY)
    assert found == [Clue(3, 4, 43), Clue(1, 3, 32), Clue(0, 1, 1), Clue(0, 0, 9)]


def test_words_that_no_token_holds_are_of_the_rest() -> None:
    tokens = Parts([(0, 0)], np.array([[1]], np.float32))
    words = Parts([(0, 2)], np.array([[5]], np.float32))
    assert clues("ab", tokens, words, np.zeros(1, np.float32), EVERY) == [[Clue(0, 0, 6)]]


def test_an_empty_text_has_only_the_rest() -> None:
    assert _clues("", [(0, 0), (0, 0)], [1, 2]) == [Clue(0, 0, 3)]


def test_the_strongest_come_first_and_nothing_is_lost() -> None:
    told = ("ab cd ef", [(0, 0), (0, 2), (3, 5), (6, 8)], [0.5, 1.0, 3.0, -2.0])
    assert _clues(*told, most=1) == [Clue(3, 5, 3), Clue(0, 0, -0.5)]
    assert _clues(*told)[-1] == Clue(0, 0, 0.5)
