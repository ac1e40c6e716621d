"""What is offered, what is not, and the reason of each."""

import numpy as np
import pytest

from services.personalize.domain.histories import Past
from services.personalize.domain.ranking import best
from services.personalize.domain.recommending import (
    Catalogue,
    Code,
    Part,
    Reason,
    Recommended,
    Recommender,
)
from services.personalize.recommender.scorers import Factors, Neighbours

ITEMS = ("lamp", "bulb", "desk", "chair", "ink", "old")


def neighbours(bonds: dict[tuple[str, str], float]) -> Neighbours:
    """From what a past item says for another one."""
    places = sorted((ITEMS.index(a), ITEMS.index(b), weight) for (a, b), weight in bonds.items())
    counts = np.bincount([a for a, _, _ in places], minlength=len(ITEMS))
    return Neighbours(
        np.concatenate([[0], np.cumsum(counts)]),
        np.array([b for _, b, _ in places], np.int32),
        np.array([weight for _, _, weight in places], np.float32),
    )


def part(
    bonds: dict[tuple[str, str], float],
    code: Code = "bought_together",
    weight: float = 0.5,
    recency: float = 0.0,
) -> Part:
    return Part(code, code, neighbours(bonds), recency, weight)


def recommender(*parts: Part, popularity_weight: float = 0.01) -> Recommender:
    flags = np.ones(len(ITEMS), np.bool_)
    flags[ITEMS.index("old")] = False
    repeatable = np.array([item == "ink" for item in ITEMS])
    catalogue = Catalogue(ITEMS, tuple(item.title() for item in ITEMS), flags, repeatable)
    popularity = np.array([6, 5, 4, 3, 2, 1], np.float32)
    return Recommender(catalogue, popularity, popularity_weight, parts)


def offered(told: tuple[Recommended, ...]) -> list[str]:
    return [one.item for one in told]


TOGETHER = part({("lamp", "bulb"): 1.0, ("desk", "chair"): 0.9})


def test_who_has_no_history_gets_what_is_popular_and_is_told_so() -> None:
    (told,) = recommender(TOGETHER).recommend([[]], 3)
    assert offered(told) == ["lamp", "bulb", "desk"]
    assert {one.reason for one in told} == {Reason("popular")}
    assert {one.contribution for one in told} == {1.0}
    assert told[0].title == "Lamp"


def test_an_unknown_item_is_no_history() -> None:
    (told,) = recommender(TOGETHER).recommend([[Past("gone", 1.0)]], 1)
    assert told[0].reason == Reason("popular")


def test_the_reason_names_the_item_that_contributed_most() -> None:
    (told,) = recommender(TOGETHER).recommend([[Past("desk", 1.0), Past("lamp", 1.0)]], 2)
    assert [(one.item, one.reason) for one in told] == [
        ("bulb", Reason("bought_together", "lamp")),
        ("chair", Reason("bought_together", "desk")),
    ]
    assert all(0.9 < one.contribution < 1 for one in told)


def test_content_speaks_for_what_nobody_took_yet() -> None:
    alike = part({("lamp", "ink"): 1.0}, "similar_content", 0.3)
    (told,) = recommender(TOGETHER, alike).recommend([[Past("lamp", 1.0)]], 2)
    assert [(one.item, one.reason) for one in told] == [
        ("bulb", Reason("bought_together", "lamp")),
        ("ink", Reason("similar_content", "lamp")),
    ]


def test_popularity_is_the_reason_where_it_carried_the_score() -> None:
    (told,) = recommender(TOGETHER, popularity_weight=5.0).recommend([[Past("lamp", 1.0)]], 2)
    assert [(one.item, one.reason.code) for one in told] == [
        ("bulb", "popular"),
        ("desk", "popular"),
    ]


def test_what_is_owned_or_unavailable_is_left_out_unless_it_is_repeatable() -> None:
    history = [Past("lamp", 1.0), Past("ink", 1.0), Past("desk", 0.2, owned=False)]
    (told,) = recommender(TOGETHER).recommend([history], 10)
    assert sorted(offered(told)) == ["bulb", "chair", "desk", "ink"]


def test_an_item_is_never_the_reason_for_itself() -> None:
    factors = Factors(np.eye(6, dtype=np.float32)[:, :3] + 0.1, 0.5, 4.0)
    model = recommender(Part("factors", "bought_together", factors, 0.0, 0.5))
    looked_at = [Past("lamp", 0.2, owned=False), Past("desk", 0.2, owned=False)]
    (told,) = model.recommend([looked_at], 6)
    assert {"lamp", "desk"} < set(offered(told))
    assert all(one.reason.because != one.item for one in told)
    (alone,) = model.recommend([looked_at[:1]], 6)
    assert {one.reason for one in alone if one.item == "lamp"} == {Reason("popular")}


def test_what_was_returned_is_not_offered_and_speaks_for_nothing() -> None:
    (told,) = recommender(TOGETHER).recommend([[Past("lamp", 0.0)]], 3)
    assert [(one.item, one.reason.code) for one in told] == [
        ("bulb", "popular"),
        ("desk", "popular"),
        ("chair", "popular"),
    ]


def test_nothing_is_left_for_who_has_everything() -> None:
    history = [Past(item, 1.0) for item in ITEMS if item != "ink"]
    (told,) = recommender(TOGETHER).recommend([history], 5)
    assert offered(told) == ["ink"]


def test_newer_entries_count_more_by_the_exponent() -> None:
    parts = part({("lamp", "bulb"): 1.0, ("desk", "chair"): 0.9}, recency=1.0)
    (told,) = recommender(parts).recommend([[Past("lamp", 1.0), Past("desk", 1.0)]], 2)
    assert offered(told) == ["chair", "bulb"]
    model = recommender(parts)
    history = model.histories([[Past("lamp", 1.0), Past("desk", 0.5)]])
    assert history.strengths(1.0).tolist() == [0.5, 0.5]
    assert history.strengths(0.0).tolist() == [1.0, 0.5]


def test_only_the_newest_entries_speak_but_older_ones_stay_owned(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("services.personalize.domain.histories.MOST_PAST", 1)
    (told,) = recommender(TOGETHER).recommend([[Past("lamp", 1.0), Past("desk", 1.0)]], 6)
    assert offered(told) == ["chair", "bulb", "ink"]
    assert told[1].reason == Reason("popular")


def test_a_batch_gives_what_single_customers_get() -> None:
    generator = np.random.default_rng(1)
    factors = Factors(generator.normal(size=(6, 3)).astype(np.float32), 0.5, 4.0)
    model = recommender(TOGETHER, Part("factors", "bought_together", factors, 0.5, 0.4))
    customers = [
        [],
        [Past("lamp", 1.0), Past("ink", 0.4)],
        [Past("old", 0.2, owned=False)],
        [Past("desk", 0.6), Past("chair", 0.0)],
    ]
    singles = [model.recommend([customer], 3)[0] for customer in customers]
    batch = model.recommend(customers, 3)
    for one, other in zip(singles, batch, strict=True):
        assert [(r.item, r.reason) for r in one] == [(r.item, r.reason) for r in other]
        assert [r.score for r in one] == pytest.approx([r.score for r in other])


@pytest.mark.parametrize("recency", [0.0, 0.7])
def test_contributions_add_up_to_the_score(recency: float) -> None:
    generator = np.random.default_rng(2)
    factors = Factors(generator.normal(size=(6, 3)).astype(np.float32), 0.5, 4.0)
    bonds = neighbours({("lamp", "bulb"): 1.0, ("ink", "bulb"): -0.5, ("ink", "desk"): 0.2})
    model = recommender()
    history = model.histories([[Past("lamp", 1.0), Past("chair", 0.3), Past("ink", 0.6)]])
    strengths = history.strengths(recency)
    every = np.arange(6)
    for scorer in (factors, bonds):
        added = scorer.contributions(history.items, strengths, every)
        assert added.shape == (3, 6)
        expected = scorer.scores(history, strengths)[0]
        np.testing.assert_allclose(added.sum(axis=0), expected, rtol=1e-4, atol=1e-5)


def test_the_best_come_first_and_equal_ones_in_their_order() -> None:
    scores = np.array([[1, 3, 3, 2, 3], [0, 0, 0, 0, 0]], np.float32)
    left_out = np.zeros((2, 5), np.bool_)
    left_out[0, 1] = True
    left_out[1, 1:] = True
    assert best(scores, left_out, 3).tolist() == [[2, 4, 3], [0, -1, -1]]
    assert best(scores, left_out, 9).tolist() == [[2, 4, 3, 0, -1], [0, -1, -1, -1, -1]]
