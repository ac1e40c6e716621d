"""Finding the entry: in the customer's language first, with a probability that means something."""

import math
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from services.generate.domain import retrieval
from services.generate.domain.calibration import Calibration, agreement, features
from services.generate.domain.entries import Entry
from services.generate.domain.retrieval import Query, Shelf, centred, fused, nearest_two
from services.generate.domain.signs import SignIndex
from services.generate.domain.words import WordIndex, terms
from tests.unit.generate.kit import (
    CANCEL,
    ENTRIES,
    REFUND,
    ROAMING,
    TODAY,
    ZH_INVOICE,
    ZH_REFUND,
    index_of,
    shelf_of,
    vector_of,
    words,
)


def query(text: str, language: str = "en", **intents: float) -> Query:
    return Query(words(text), language, vector_of(text), intents)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_a_heading_finds_its_own_entry(entry: Entry) -> None:
    (match,) = index_of().search([query(entry.heading, entry.language)], TODAY)
    assert match.best == entry
    assert match.score > 0.9


@pytest.mark.parametrize("question", ROAMING.questions)
def test_any_other_wording_finds_it_as_well(question: str) -> None:
    (match,) = index_of().search([query(question)], TODAY)
    assert match.best == ROAMING
    assert match.score > 0.5


def test_the_two_nearest_wordings_count() -> None:
    similar = np.array([[0.1, 0.9, 0.5, 0.3, 0.2, 0.2]], np.float32)
    assert np.allclose(nearest_two(similar, np.array([3, 1, 2])), [[0.7, 0.3, 0.2]])


def test_an_unrelated_message_scores_low() -> None:
    related, unrelated = index_of().search(
        [query("how long is my refund going to take"), query("pizza with mushrooms tonight")], TODAY
    )
    assert unrelated.score < 0.1
    assert related.score > 0.5


def test_regions_read_the_answers_of_their_language() -> None:
    (match,) = index_of().search([query("退款多久到账？", "zh-Hant-TW")], TODAY)
    assert match.best == ZH_REFUND


def test_an_entry_of_another_language_is_found_but_kept_apart() -> None:
    (match,) = index_of().search([query("Can I use my phone abroad?", "zh")], TODAY)
    assert match.best in (ZH_REFUND, ZH_INVOICE)
    assert match.elsewhere is not None and match.elsewhere.entries[0] == ROAMING
    assert match.elsewhere_score > match.score


def test_a_language_without_entries_has_only_what_stands_elsewhere() -> None:
    (match,) = index_of().search([query("refund", "de")], TODAY)
    assert match.best is None and match.score == 0.0
    assert match.elsewhere is not None


def test_one_entry_is_a_knowledge_base() -> None:
    (match,) = index_of([CANCEL]).search([query("How do I cancel an order?")], TODAY)
    assert match.best == CANCEL and match.score > 0.9


def test_many_messages_get_what_each_alone_gets() -> None:
    texts = [ENTRIES[number % 3].heading + f" {number}" for number in range(9)]
    index = index_of()
    together = index.search([query(text) for text in texts], TODAY)
    alone = [index.search([query(text)], TODAY)[0] for text in texts]
    assert [match.best for match in together] == [match.best for match in alone]
    assert np.allclose([m.score for m in together], [m.score for m in alone], atol=1e-5)


def test_no_messages_no_matches() -> None:
    assert index_of().search([], TODAY) == []


def test_suggestions_are_of_the_customers_language_if_there_are_good_ones() -> None:
    index = index_of()
    english, chinese = index.search(
        [query("How do I cancel an order?"), query("Can I use my phone abroad?", "zh")], TODAY
    )
    assert english.suggested(0.5)[0] == CANCEL
    assert chinese.suggested(0.5)[0] == ROAMING
    assert chinese.suggested(1.01) == ()


def test_a_score_rises_with_all_evidence() -> None:
    calibration = Calibration((8.0, 4.0, 2.0, 1.0), -4.0)

    def score(similarity: float, margin: float, shared: float, agreement: float) -> float:
        row = np.array([features(similarity, margin, shared, agreement)], np.float32)
        return float(calibration.scores(row)[0])

    weak = score(0.3, 0.1, 1.0, -0.5)
    assert score(0.5, 0.1, 1.0, -0.5) > weak
    assert score(0.3, 0.2, 1.0, -0.5) > weak
    assert score(0.3, 0.1, 3.0, -0.5) > weak
    assert score(0.3, 0.1, 1.0, 0.5) > weak


def test_an_entry_for_the_intent_that_was_read_scores_higher() -> None:
    text = "cancel an order"
    fitting, unknown, other = index_of().search(
        [query(text, order_cancel=0.9), query(text), query(text, refund=0.9)], TODAY
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


def test_english_words_are_stemmed_and_others_stay() -> None:
    assert terms(["refunds", "refunding", "cancelled", "退款", "lt77120"]) == [
        "refund", "refund", "cancel", "退款", "lt77120",
    ]  # fmt: skip


def test_rare_words_count_most_and_repeated_ones_once() -> None:
    index = WordIndex.of([["the", "red", "appl"], ["the", "green", "pear"], ["the", "sky"]])
    red, the = index.scores(["red"]), index.scores(["the"])
    assert red[0] > the[0] > 0 and not red[1:].any()
    assert index.scores(["apples", "apple", "apple"]).tolist() == index.scores(["apple"]).tolist()
    assert not index.scores(["banana"]).any()
    assert not index.scores([]).any()


def test_rare_words_that_are_shared_count() -> None:
    index = WordIndex.of([["the", "red", "appl"], ["the", "green", "pear"]])
    assert index.shared(["the", "red", "apple", "please"], 0) == pytest.approx(1.0)
    assert index.shared(["red", "red", "banana"], 0) == pytest.approx(0.5)
    assert index.shared(["red", "apple"], 1) == 0.0
    assert index.shared(["the"], 0) == 0.0
    assert index.shared([], 0) == 0.0


def test_a_word_index_is_bm25() -> None:
    """Robertson and Zaragoza 2009, with the inverse document frequency of Lucene."""
    texts = [["refund", "card", "refund"], ["card"], ["invoice", "pdf", "order", "page"]]
    index = WordIndex.of(texts)
    k1, b, mean_length = 0.8, 0.5, 8 / 3
    rarity = math.log(1 + (3 - 1 + 0.5) / (1 + 0.5))
    expected = rarity * 2 / (2 + k1 * (1 - b + b * 3 / mean_length))
    assert index.scores(["refund"])[0] == pytest.approx(expected, rel=1e-5)


def test_a_word_index_comes_back_from_its_files_the_same_each_time(tmp_path: Path) -> None:
    texts = [["refund", "card"], ["invoice"], ["退款", "银行卡"]]
    for name in ("one", "two"):
        WordIndex.of(texts).save(tmp_path / name)
    contents = [
        {file.name: file.read_bytes() for file in (tmp_path / name).iterdir()}
        for name in ("one", "two")
    ]
    assert contents[0] == contents[1]
    loaded = WordIndex.load(tmp_path / "one", 3)
    assert loaded.scores(["退款"]).tolist() == WordIndex.of(texts).scores(["退款"]).tolist()


def test_what_words_add_has_an_end() -> None:
    added = fused(np.zeros(4, np.float32), np.array([0.0, 8.0, 80.0, 8e6], np.float32))
    assert added.tolist() == pytest.approx([0.0, 0.1, 0.1818, 0.2], abs=1e-3)


def test_words_tell_apart_what_vectors_take_for_the_same() -> None:
    blank = np.zeros((2, 4), np.float32)
    index = WordIndex.of([terms(["hotel", "breakfast"]), terms(["hotel", "parking"])])
    shelf = Shelf((REFUND, CANCEL), blank, blank, np.zeros(4, np.float32), index)
    asked = Query(("parking",), "en", np.zeros(4, np.float32))
    assert shelf.find(asked, shelf.centre, np.array([True, True])).places == (1, 0)


def test_signs_find_the_nearest_of_many() -> None:
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(5000, 100)).astype(np.float32)
    index = SignIndex(vectors)
    for row in (0, 1234, 4999):
        near = vectors[row] + 0.5 * rng.normal(size=100).astype(np.float32)
        found = index.nearest(near, 20)
        assert len(found) == 20 and row in found
    assert index.nearest(vectors[0], 6000).tolist() == list(range(5000))


def test_a_large_shelf_finds_what_comparing_everything_finds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    entries = [
        Entry(
            f"en/many.md#{n}", "en/many.md", f"{n}", f"What about part {n}?", f"Part {n}.", "en",
            questions=tuple(f"tell me of part {n} {other}" for other in range(n % 3)),
        )
        for n in range(300)
    ]  # fmt: skip
    shelf = shelf_of(entries)
    asked = [query(f"part {n}") for n in range(0, 300, 7)]
    allowed = np.arange(300) % 50 != 0
    every = [shelf.find(one, shelf.centre, allowed) for one in asked]
    monkeypatch.setattr(retrieval, "EXHAUSTIVE", 100)
    monkeypatch.setattr(retrieval, "CANDIDATES", 40)
    some = [shelf.find(one, shelf.centre, allowed) for one in asked]
    assert [found.places[0] for found in some] == [found.places[0] for found in every]
    for one, other in zip(some, every, strict=True):
        assert one.features == pytest.approx(other.features, abs=1e-5)


def test_what_is_not_allowed_is_never_found() -> None:
    shelf = shelf_of([REFUND, CANCEL, ROAMING])
    asked = query(CANCEL.heading)
    assert shelf.find(asked, shelf.centre, np.array([True, True, True])).places[0] == 1
    assert 1 not in shelf.find(asked, shelf.centre, np.array([True, False, True])).places
    assert shelf.find(asked, shelf.centre, np.zeros(3, bool)).places == ()


def test_an_entry_answers_on_its_days_only() -> None:
    summer = replace(CANCEL, valid_from=date(2026, 6, 1), valid_until=date(2026, 8, 31))
    index = index_of([REFUND, summer])
    asked = [query(CANCEL.heading)]
    found = {
        day: index.search(asked, day)[0].best
        for day in (date(2026, 5, 31), date(2026, 6, 1), date(2026, 8, 31), date(2026, 9, 1))
    }
    assert list(found.values()) == [REFUND, summer, summer, REFUND]
    (alone,) = index_of([summer]).search(asked, date(2026, 9, 1))
    assert alone.best is None and alone.score == 0.0
