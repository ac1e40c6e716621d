"""The served model: scikit-learn's probabilities, influences that add up, honesty when cold."""

import functools
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from services.personalize.behaviour import artifact
from services.personalize.behaviour.fitting import (
    SEEDS,
    fit_boosted,
    fit_linear,
    forest_of,
    split_matrix,
)
from services.personalize.behaviour.linear import HINGE, LEVEL, STRAIGHT, Features, Linear
from services.personalize.behaviour.model import (
    ENOUGH_KNOWN,
    BehaviourModel,
    Blend,
    Member,
    probability,
)
from services.personalize.behaviour.schema import Column, Flags, Floats, Schema

SCHEMA = Schema(
    (
        Column("months", "number", 0.1, lower=0.0, upper=10.0),
        Column("plan", "category", 0.0, ("basic", "pro"), True),
        Column("spent", "number", 0.0, lower=-3.0, upper=3.0),
    )
)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """As a training has it for so few rows: threads of trees that wait for each other on a busy
    machine take a hundred times as long."""
    with threadpool_limits(1):
        yield


def sample(rows: int = 400, seed: int = 0) -> tuple[Floats, Flags]:
    """Cells of SCHEMA, and a label that depends on all of them."""
    random = np.random.default_rng(seed)
    months, plan = random.uniform(0, 10, rows), random.integers(0, 3, rows)
    spent = np.clip(random.standard_normal(rows), -3, 3)
    odds = 1 - 0.4 * months + 1.5 * (plan == 1) + spent**2
    truth = random.random(rows) < probability(odds)
    months[random.random(rows) < 0.1] = np.nan
    return np.stack([months, plan.astype(np.float64), spent], axis=1), truth


VALUES, TRUTH = sample()
UNSEEN, _ = sample(200, seed=1)


def test_a_linear_member_by_hand() -> None:
    features = Features(
        np.array([0, 0, 1]),
        np.array([STRAIGHT, HINGE, LEVEL]),
        np.array([0.0, 4.0, 1.0]),
        np.array([5.0, -1.0]),
    )
    member = Linear(features, np.array([5.0, 1.0, 0.5]), np.array([0.1, 1.0, 2.0]), -1.0)
    values = np.array([[6.0, 1.0], [np.nan, np.nan]])
    assert features.of(values).tolist() == [[6, 2, 1], [5, 1, 0]]
    base, parts = member.parts(values)
    assert base == -1.0
    np.testing.assert_allclose(parts, [[0.1 + 1.0, 1.0], [0.0, -1.0]])
    np.testing.assert_allclose(member.log_odds(values), [1.1, -2.0])


@pytest.mark.parametrize("curved", [False, True])
def test_a_linear_member_is_scikit_learns_logistic_regression(curved: bool) -> None:
    member = fit_linear(SCHEMA, VALUES, TRUTH, curved=curved, strength=0.5)
    seen, unseen = member.features.of(VALUES), member.features.of(UNSEEN)
    centre, scale = seen.mean(axis=0), seen.std(axis=0)
    model = LogisticRegression(C=0.5, solver="newton-cholesky", max_iter=200)
    model.fit((seen - centre) / scale, TRUTH)
    expected = model.predict_proba((unseen - centre) / scale)[:, 1]
    np.testing.assert_allclose(probability(member.log_odds(UNSEEN)), expected, atol=1e-6)


@pytest.mark.parametrize("depth", [1, 3])
def test_a_forest_is_scikit_learns_boosting(depth: int) -> None:
    models = fit_boosted(SCHEMA, VALUES, TRUTH, depth=depth, trees=40, seed=0)
    forest = forest_of(models, SCHEMA)
    raw = [model.decision_function(split_matrix(SCHEMA, UNSEEN)) for model in models]
    np.testing.assert_allclose(forest.log_odds(UNSEEN), np.mean(raw, axis=0), atol=1e-9)
    assert len(forest.roots) == 40 * SEEDS


def test_the_first_trees_are_those_of_a_shorter_boosting() -> None:
    longer = fit_boosted(SCHEMA, VALUES, TRUTH, depth=2, trees=30, seed=0)
    shorter = fit_boosted(SCHEMA, VALUES, TRUTH, depth=2, trees=10, seed=0)
    np.testing.assert_allclose(
        forest_of(longer, SCHEMA, 10).log_odds(UNSEEN),
        forest_of(shorter, SCHEMA).log_odds(UNSEEN),
        atol=1e-12,
    )


@functools.cache
def members() -> tuple[Member, Member]:
    """Fitted once: no test changes them."""
    models = fit_boosted(SCHEMA, VALUES, TRUTH, depth=3, trees=30, seed=0)
    return (
        fit_linear(SCHEMA, VALUES, TRUTH, curved=True, strength=1.0),
        forest_of(models, SCHEMA),
    )


def test_the_parts_of_every_member_and_of_a_blend_add_up() -> None:
    found = members()
    for member in (*found, Blend(found, 0.9, 0.1)):
        base, parts = member.parts(UNSEEN)
        assert parts.shape == UNSEEN.shape
        np.testing.assert_allclose(base + parts.sum(axis=1), member.log_odds(UNSEEN), atol=1e-9)


def test_the_base_is_the_mean_row_learned_from() -> None:
    for member in members():
        base, _ = member.parts(VALUES)
        assert base == pytest.approx(float(member.log_odds(VALUES).mean()), abs=0.02)


def made() -> BehaviourModel:
    blend = Blend(members(), 0.9, 0.1)
    matter = np.array([0.5, 0.2, 0.3])
    return BehaviourModel("churn", "yes", SCHEMA, blend, float(TRUTH.mean()), matter)


def test_influences_add_up_to_the_log_odds() -> None:
    rows: list[dict[str, Any]] = [
        {"months": 2, "plan": "pro", "spent": "0.5", "else": [1]},
        {"months": 9, "spent": 0},
    ]
    for row, found in zip(rows, made().predict(rows), strict=True):
        total = sum(influence.log_odds for influence in found.influences)
        assert total == pytest.approx(found.log_odds - found.base)
        assert found.probability == pytest.approx(1 / (1 + np.exp(-found.log_odds)))
        sizes = [abs(influence.log_odds) for influence in found.influences]
        assert sizes == sorted(sizes, reverse=True)
        assert {i.column: i.value for i in found.influences}["months"] == str(row["months"])
        assert not found.cold


def test_what_matters_decides_whether_a_row_is_cold() -> None:
    model = made()
    nothing, little, unfamiliar, enough = model.predict(
        [
            {},
            {"plan": "pro"},
            {"months": "many", "plan": "gold", "spent": 1},
            {"plan": "gold", "months": 3, "spent": 1},
        ]
    )
    # Months are missing of a tenth of the rows: missing them is missed a tenth less.
    assert nothing.reliability == pytest.approx(0.5 * 0.1)
    assert little.reliability == pytest.approx(0.5 * 0.1 + 0.2)
    assert unfamiliar.reliability == pytest.approx(0.3)
    assert unfamiliar.unfamiliar == ("months", "plan")
    for cold in (nothing, little, unfamiliar):
        assert cold.reliability < ENOUGH_KNOWN
        assert (cold.cold, cold.influences, cold.probability) == (True, (), model.prior)
        assert cold.log_odds == cold.base
    assert enough.reliability == pytest.approx(0.8)
    assert (enough.cold, enough.unfamiliar) == (False, ("plan",))


def test_one_row_is_predicted_as_among_others() -> None:
    model = made()
    rows = [{"months": n / 4, "plan": ("basic", "pro", "x")[n % 3], "spent": 1} for n in range(40)]
    together = model.predict(rows)
    alone = [model.predict([row])[0] for row in rows]
    for one, other in zip(together, alone, strict=True):
        assert one.probability == pytest.approx(other.probability, abs=1e-12)
    assert model.predict([]) == []


def test_numbers_beyond_what_was_seen_count_as_the_farthest_seen() -> None:
    far, end = made().predict([{"months": 1e9, "plan": "pro"}, {"months": 10, "plan": "pro"}])
    assert far.probability == end.probability


def test_a_stored_model_is_the_model(tmp_path: Path) -> None:
    model = made()
    artifact.save(tmp_path, model, {"unseen": {}})
    loaded = artifact.load(tmp_path)
    np.testing.assert_array_equal(loaded.blend.log_odds(UNSEEN), model.blend.log_odds(UNSEEN))
    rows = [{"months": 3, "plan": "basic", "spent": -1}, {}]
    assert loaded.predict(rows) == model.predict(rows)
    assert json.loads((tmp_path / "metrics.json").read_text()) == {"unseen": {}}


def test_the_artifact_is_named_after_the_target() -> None:
    assert artifact.name_of("Churn") == "behaviour-churn"
    assert artifact.name_of("Will leave?") == "behaviour-will-leave"
    assert artifact.name_of("流失").startswith("behaviour-")
    assert artifact.name_of("流失") != artifact.name_of("退货")


def test_serving_needs_no_training_library() -> None:
    code = (
        "import sys; import services.personalize.behaviour.artifact, "
        "services.personalize.domain.usage, services.personalize.domain.next_need; "
        "print([m for m in ('sklearn', 'scipy', 'tqdm', 'threadpoolctl') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
