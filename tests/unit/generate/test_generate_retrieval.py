"""Finding the entry: in the customer's language first, with a probability that means something."""

import numpy as np
import pytest

from services.generate.domain.calibration import Calibration, agreement, features
from services.generate.domain.entries import Entry
from services.generate.domain.retrieval import BLOCK, Query, centred, nearest_two
from services.generate.domain.words import WordIndex, words_of
from tests.unit.generate.kit import (
    CANCEL,
    ENTRIES,
    ROAMING,
    ZH_INVOICE,
    ZH_REFUND,
    index_of,
    vector_of,
)


def query(text: str, language: str = "en", **intents: float) -> Query:
    return Query(text, language, vector_of(text), intents)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_a_heading_finds_its_own_entry(entry: Entry) -> None:
    (match,) = index_of().search([query(entry.heading, entry.language)])
    assert match.best == entry
    assert match.score > 0.9


@pytest.mark.parametrize("question", ROAMING.questions)
def test_any_other_wording_finds_it_as_well(question: str) -> None:
    (match,) = index_of().search([query(question)])
    assert match.best == ROAMING
    assert match.score > 0.5


def test_the_two_nearest_wordings_count() -> None:
    similar = np.array([[0.1, 0.9, 0.5, 0.3, 0.2, 0.2]], np.float32)
    assert np.allclose(nearest_two(similar, [3, 1, 2]), [[0.7, 0.3, 0.2]])


def test_an_unrelated_message_scores_low() -> None:
    related, unrelated = index_of().search(
        [query("how long is my refund going to take"), query("pizza with mushrooms tonight")]
    )
    assert unrelated.score < 0.1
    assert related.score > 0.5


def test_regions_read_the_answers_of_their_language() -> None:
    (match,) = index_of().search([query("退款多久到账？", "zh-Hant-TW")])
    assert match.best == ZH_REFUND


def test_an_entry_of_another_language_is_found_but_kept_apart() -> None:
    (match,) = index_of().search([query("Can I use my phone abroad?", "zh")])
    assert match.best in (ZH_REFUND, ZH_INVOICE)
    assert match.elsewhere is not None and match.elsewhere.entries[0] == ROAMING
    assert match.elsewhere_score > match.score


def test_a_language_without_entries_has_only_what_stands_elsewhere() -> None:
    (match,) = index_of().search([query("refund", "de")])
    assert match.best is None and match.score == 0.0
    assert match.elsewhere is not None


def test_one_entry_is_a_knowledge_base() -> None:
    (match,) = index_of([CANCEL]).search([query("How do I cancel an order?")])
    assert match.best == CANCEL and match.score > 0.9


def test_many_messages_get_what_each_alone_gets() -> None:
    texts = [ENTRIES[number % 3].heading + f" {number}" for number in range(BLOCK * 2 + 3)]
    index = index_of()
    together = index.search([query(text) for text in texts])
    alone = [index.search([query(text)])[0] for text in texts]
    assert [match.best for match in together] == [match.best for match in alone]
    assert np.allclose([m.score for m in together], [m.score for m in alone], atol=1e-5)


def test_no_messages_no_matches() -> None:
    assert index_of().search([]) == []


def test_suggestions_are_of_the_customers_language_if_there_are_good_ones() -> None:
    index = index_of()
    english, chinese = index.search(
        [query("How do I cancel an order?"), query("Can I use my phone abroad?", "zh")]
    )
    assert english.suggested(0.5)[0] == CANCEL
    assert chinese.suggested(0.5)[0] == ROAMING
    assert chinese.suggested(1.01) == ()


def test_a_score_rises_with_all_evidence() -> None:
    calibration = Calibration((8.0, 4.0, 2.0, 1.0), -4.0)

    def score(similarities: list[float], shared: float, agreement: float) -> float:
        rows = [np.array([value], np.float32) for value in (similarities, shared, agreement)]
        return float(calibration.scores(features(rows[0], rows[1], rows[2]))[0])

    weak = score([0.3, 0.2], 1.0, -0.5)
    assert score([0.5, 0.4], 1.0, -0.5) > weak
    assert score([0.3, 0.1], 1.0, -0.5) > weak
    assert score([0.3, 0.2], 3.0, -0.5) > weak
    assert score([0.3, 0.2], 1.0, 0.5) > weak


def test_an_entry_for_the_intent_that_was_read_scores_higher() -> None:
    text = "cancel an order"
    fitting, unknown, other = index_of().search(
        [query(text, order_cancel=0.9), query(text), query(text, refund=0.9)]
    )
    assert fitting.score > unknown.score > other.score


def test_agreement_is_neutral_where_one_side_says_nothing() -> None:
    assert agreement(("refund",), {"refund": 0.7, "invoice": 0.2}) == pytest.approx(0.5)
    assert agreement((), {"refund": 0.7}) == 0.0
    assert agreement(("refund",), {}) == 0.0


def test_extreme_evidence_gives_a_probability_still() -> None:
    rows = np.array([[1, 0, 0, 0], [-1, 0, 0, 0]], np.float32)
    scores = Calibration((1e6, 0.0, 0.0, 0.0), 0.0).scores(rows)
    assert 0.0 <= scores[1] < scores[0] <= 1.0


def test_a_vector_at_the_centre_is_like_nothing() -> None:
    centre = np.ones(4, np.float32)
    assert not centred(centre[None], centre).any()


def test_words_are_stemmed_and_chinese_is_cut_into_pairs() -> None:
    assert words_of("Refunds refunding") == {"refun"}
    assert words_of("退款多久") == {"退款", "款多", "多久"}
    assert words_of("退款ABC") == {"退款", "abc"}
    assert words_of("！？ 3") == frozenset()


def test_rare_words_that_are_shared_count() -> None:
    index = WordIndex(["the red apple", "the green pear"])
    assert index.shared(words_of("the red apple please"), 0) == pytest.approx(1.0)
    assert index.shared(words_of("red banana"), 0) == pytest.approx(0.5)
    assert index.shared(words_of("the"), 0) == 0.0
    assert index.shared(frozenset(), 0) == 0.0
