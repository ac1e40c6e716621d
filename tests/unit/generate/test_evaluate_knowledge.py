"""The figures of retrieval, and the questions they are made from."""

import json
from pathlib import Path

import numpy as np
import pytest

from services.generate.evaluate_knowledge import judge, read_queries
from services.generate.knowledge.documents import UnusableInput
from services.generate.knowledge.embed import Embedder
from services.generate.knowledge.ranking import Wanted, figures, rank, right_for
from tests.unit.generate.kit import (
    CANCEL,
    ENTRIES,
    REFUND,
    ROAMING,
    ZH_INVOICE,
    ZH_REFUND,
    WordEncoder,
    shelf_of,
)
from tests.unit.generate.test_generate_retrieval import query

ON_SHELVES = {"en": [REFUND, CANCEL, ROAMING], "zh": [ZH_REFUND, ZH_INVOICE]}


def test_figures_are_the_published_ones() -> None:
    found = figures(np.array([1, 2, 6, 11, 1]))
    assert found["recall@1"] == 0.4
    assert found["recall@5"] == 0.6
    assert found["recall@10"] == 0.8
    assert found["MRR"] == pytest.approx((1 + 1 / 2 + 1 / 6 + 1 / 11 + 1) / 5, abs=1e-4)


def test_an_answer_is_ranked_by_each_method() -> None:
    wanted = [
        Wanted(query(CANCEL.heading), frozenset({1})),
        Wanted(query("holiday overseas"), frozenset({2})),
        Wanted(query("xyzzy"), frozenset({0})),
    ]
    ranks = rank(shelf_of(ON_SHELVES["en"]), wanted)
    assert {method: found.tolist() for method, found in ranks.items()} == {
        "BM25": [1, 1, 3],  # nothing shared with any: no better than the others
        "dense": [1, 1, 3],
        "fused": [1, 1, 3],
    }


def test_any_of_several_right_entries_will_do() -> None:
    ranks = rank(shelf_of(ON_SHELVES["en"]), [Wanted(query(CANCEL.heading), frozenset({0, 1}))])
    assert ranks["fused"].tolist() == [1]


@pytest.mark.parametrize(
    ("named", "language", "places"),
    [
        ("en/shop.md#cancel", "en", {1}),
        ("en/shop.md", "en", {0, 1}),
        ("roaming", "en", {2}),
        ("invoice", "zh", {1}),
    ],
)
def test_a_doc_id_names_an_entry_a_document_or_a_section(
    named: str, language: str, places: set[int]
) -> None:
    assert right_for(named, ON_SHELVES) == (language, frozenset(places))


@pytest.mark.parametrize("named", ["refund-time", "nowhere"])
def test_what_names_nothing_or_two_things_is_refused_with_its_line(
    named: str, tmp_path: Path
) -> None:
    path = tmp_path / "queries.csv"
    path.write_text(f"query,doc_id\nhow?,cancel\nwhen?,{named}\n")
    with pytest.raises(UnusableInput, match=rf"queries\.csv, line 3: {named} names no entry"):
        read_queries(path, ON_SHELVES)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("text,doc_id\na,b\n", "needs the columns"),
        ("query,doc_id\nhow?,\n", "no question with a doc_id"),
    ],
)
def test_queries_without_what_is_needed_are_refused(content: str, why: str, tmp_path: Path) -> None:
    path = tmp_path / "queries.csv"
    path.write_text(content)
    with pytest.raises(UnusableInput, match=why):
        read_queries(path, ON_SHELVES)


def test_both_languages_are_judged_and_all_together(tmp_path: Path) -> None:
    path = tmp_path / "queries.csv"
    path.write_text(
        "query,doc_id\nhow do i cancel my order,cancel\nphone abroad,roaming\n怎么开发票,invoice\n"
    )
    report = judge(ENTRIES, read_queries(path, ON_SHELVES), Embedder(WordEncoder()))
    assert report["questions"] == {"en": 2, "zh": 1, "all": 3}
    assert report["figures"]["all"]["fused"]["recall@1"] == 1.0
    json.dumps(report)
