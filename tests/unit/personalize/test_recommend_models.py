"""What is served of each model against the model itself, worked out another way."""

import numpy as np
import pytest
from implicit.als import AlternatingLeastSquares
from implicit.nearest_neighbours import TFIDFRecommender
from scipy.sparse import csr_matrix

from services.personalize.domain.histories import Histories
from services.personalize.domain.recommending import Part
from services.personalize.recommender.blending import FLOORS, weights_of
from services.personalize.recommender.content import Content, vectors_of
from services.personalize.recommender.factorisation import Factorisation
from services.personalize.recommender.judging import Panel, scored
from services.personalize.recommender.linear import LinearAutoencoder
from services.personalize.recommender.log import Pairs, matrix
from services.personalize.recommender.nearby import NearNeighbours
from services.personalize.recommender.neighbourhood import ItemNeighbours
from services.personalize.recommender.popularity import popularity
from services.personalize.recommender.scorers import Factors, Neighbours
from services.personalize.recommender.strongest import strongest

pytestmark = [
    pytest.mark.filterwarnings("ignore:OpenBLAS:RuntimeWarning"),
    pytest.mark.filterwarnings("ignore:Method expects CSR"),
]
USERS, ITEMS = 60, 25
NOTHING_DONE = Histories(
    np.zeros(1, np.int64), np.zeros(0, np.int64), np.zeros(0, np.float32), np.zeros(0, np.bool_)
)


@pytest.fixture(scope="module")
def past() -> Histories:
    """Random histories of 3 to 10 items."""
    generator = np.random.default_rng(0)
    counts = generator.integers(3, 11, USERS)
    items = np.concatenate([generator.permutation(ITEMS)[:count] for count in counts])
    weights = generator.choice([0.2, 0.6, 1.0], len(items)).astype(np.float32)
    owned = np.ones(len(items), np.bool_)
    return Histories(np.concatenate([[0], np.cumsum(counts)]), items, weights, owned)


def dense(neighbours: Neighbours) -> "np.ndarray[tuple[int, int], np.dtype[np.float32]]":
    """[past items, items]."""
    rows = csr_matrix((neighbours.weights, neighbours.items, neighbours.starts), (ITEMS, ITEMS))
    full: np.ndarray[tuple[int, int], np.dtype[np.float32]] = rows.toarray()
    return full


def test_folding_in_gives_the_factors_that_training_solves_for(past: Histories) -> None:
    settings = {"factors": 8, "regularisation": 0.5, "alpha": 4.0}
    scorer = Factorisation(ITEMS, seed=3).fit(past, settings)
    assert isinstance(scorer, Factors)
    model = AlternatingLeastSquares(8, 0.5, 4.0, iterations=15, num_threads=1, random_state=3)
    taken = matrix(past, past.weights, ITEMS)
    model.fit(taken, show_progress=False)
    np.testing.assert_allclose(scorer.items, model.item_factors, rtol=1e-5)
    solved = np.array([model.recalculate_user(user, taken[user]) for user in range(USERS)])
    found = scorer.folded_in(past, past.strengths(0.0))
    np.testing.assert_allclose(found, solved, rtol=1e-3, atol=1e-5)


def test_a_known_customer_is_folded_in_near_their_trained_factors(past: Histories) -> None:
    model = AlternatingLeastSquares(
        8, 0.5, 4.0, iterations=60, use_cg=False, num_threads=1, random_state=3
    )
    model.fit(matrix(past, past.weights, ITEMS), show_progress=False)
    found = Factors(model.item_factors, 0.5, 4.0).folded_in(past, past.strengths(0.0))
    np.testing.assert_allclose(found, model.user_factors, atol=0.02)


def test_the_served_neighbours_score_as_the_library_does(past: Histories) -> None:
    scorer = ItemNeighbours(ITEMS).fit(past, {"weighting": "tfidf", "K": ITEMS})
    model = TFIDFRecommender(K=ITEMS, num_threads=1)
    taken = matrix(past, past.weights, ITEMS)
    model.fit(taken, show_progress=False)
    similarity = model.similarity.toarray()
    np.fill_diagonal(similarity, 0)
    expected = taken @ similarity
    np.testing.assert_allclose(scorer.scores(past, past.weights), expected, rtol=1e-4, atol=1e-6)


def test_the_linear_autoencoder_is_the_constrained_least_squares_solution(past: Histories) -> None:
    scorer = LinearAutoencoder(ITEMS).fit(past, {"lambda": 7.0})
    assert isinstance(scorer, Neighbours)
    found = dense(scorer)
    taken = matrix(past, past.weights, ITEMS).toarray().astype(np.float64)
    for item in range(ITEMS):
        # Each column by itself: ridge regression on the other items.
        others = np.arange(ITEMS) != item
        design = taken[:, others]
        solved = np.linalg.solve(
            design.T @ design + 7.0 * np.eye(ITEMS - 1), design.T @ taken[:, item]
        )
        np.testing.assert_allclose(found[others, item], solved, rtol=1e-4, atol=1e-6)
        assert found[item, item] == 0


def test_beyond_its_limit_the_autoencoder_knows_the_most_frequent_items(
    past: Histories, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.personalize.recommender.linear.MOST_ITEMS", 10)
    scorer = LinearAutoencoder(ITEMS).fit(past, {"lambda": 7.0})
    assert isinstance(scorer, Neighbours)
    found = dense(scorer)
    frequent = np.sort(np.argsort(-np.bincount(past.items, minlength=ITEMS), kind="stable")[:10])
    assert set(np.flatnonzero(found.any(axis=0))) == set(frequent.tolist())


def test_items_near_each_other_in_time_are_bound(past: Histories) -> None:
    one = Histories(
        np.array([0, 4]), np.array([0, 1, 2, 3]), np.ones(4, np.float32), np.ones(4, np.bool_)
    )
    scorer = NearNeighbours(4).fit(one, {"window": 2})
    assert isinstance(scorer, Neighbours)
    pairs = {(0, 1): 1.0, (1, 2): 1.0, (2, 3): 1.0, (0, 2): 2**-0.5, (1, 3): 2**-0.5}
    counts = np.zeros((4, 4))
    for (a, b), count in pairs.items():
        counts[a, b] = counts[b, a] = count
    norms = np.sqrt(counts.sum(axis=1))
    rows = csr_matrix((scorer.weights, scorer.items, scorer.starts), (4, 4)).toarray()
    np.testing.assert_allclose(rows, counts / (np.outer(norms, norms) + 5.0), rtol=1e-5)


def test_content_knows_items_alike_by_their_texts() -> None:
    words = ("red", "lamp", "desk", "bed")
    vectors = vectors_of(
        ["red lamp", "", "lamp", "desk bed"],
        lambda texts: np.array([[word in text for word in words] for text in texts], np.float32),
    )
    assert vectors[1].tolist() == [0, 0, 0, 0]
    scorer = Content(vectors).fit(NOTHING_DONE, {"K": 2})
    assert isinstance(scorer, Neighbours)
    rows = csr_matrix((scorer.weights, scorer.items, scorer.starts), (4, 4)).toarray()
    assert rows[0].argmax() == 2
    assert not rows[1].any()
    assert not rows[:, 1].any()


def test_only_the_strongest_of_each_item_are_kept() -> None:
    full = np.array([[0, 3, -4, 1], [2, 0, 0, 0]], np.float32)
    padded = np.vstack([full, np.zeros((2, 4), np.float32)])
    kept = strongest([padded[:1], padded[1:]], 2)
    rows = csr_matrix((kept.weights, kept.items, kept.starts), (4, 4)).toarray()
    assert rows.T.tolist() == [[0, 3, -4, 0], [2, 0, 0, 0], [0] * 4, [0] * 4]


@pytest.mark.parametrize("recency", [0.0, 0.75])
def test_judging_scores_as_serving_does(past: Histories, recency: float) -> None:
    scorer = ItemNeighbours(ITEMS).fit(past, {"weighting": "cosine", "K": 5})
    part = Part("neighbours", "bought_together", scorer, recency, 1.0)
    served = scorer.scores(past, past.strengths(recency))
    np.testing.assert_allclose(scored(part, past), served, rtol=1e-5, atol=1e-6)


def test_popularity_fades_by_its_half_life() -> None:
    past = Histories(
        np.array([0, 2]), np.array([0, 1]), np.ones(2, np.float32), np.ones(2, np.bool_)
    )
    pairs = Pairs(past, np.array([0.0, 86_400.0]))
    faded = popularity(pairs, 3, 1.0)
    assert faded[1] == pytest.approx(2 * faded[0])
    assert faded[2] == 0
    assert popularity(pairs, 3, None)[0] == popularity(pairs, 3, None)[1]
    assert faded.std() == pytest.approx(1)


def test_the_blend_takes_what_foresees_and_leaves_what_does_not(past: Histories) -> None:
    generator = np.random.default_rng(5)
    histories = zip(past.starts[:-1], past.starts[1:], strict=True)
    taken = [past.items[first:end].tolist() for first, end in histories]
    targets = np.array([[n for n in range(ITEMS) if n not in items][:2] for items in taken])
    panel = Panel(past, past, targets, np.zeros(ITEMS, np.bool_))
    noise = generator.normal(size=(USERS, ITEMS)).astype(np.float32)
    good = generator.normal(size=(USERS, ITEMS)).astype(np.float32)
    good[np.arange(USERS)[:, None], targets] += 2
    levels = {"good": good, "noise": noise, "popularity": noise[::-1]}
    weights, ndcg = weights_of(levels, panel)
    assert sum(weights.values()) == pytest.approx(1)
    assert weights["good"] > 0.9
    assert weights["popularity"] >= FLOORS["popularity"]
    blended = sum(np.float32(weights[name]) * scores for name, scores in levels.items())
    assert panel.ndcg(np.asarray(blended)) == pytest.approx(ndcg, abs=1e-6)
