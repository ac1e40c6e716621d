"""What lies far from every intent is out of scope, whatever the classifier would call it."""

from dataclasses import replace

import numpy as np

from services.classify.domain.scope import OutOfScope
from services.classify.training.scope import (
    LEAST_OUTSIDE,
    fit_scope,
    fit_scope_held_out,
    fits_of,
    on_all,
)

RNG = np.random.default_rng(5)
CORNERS = np.eye(12)[:4] * 6


def inside(count: int) -> tuple[np.ndarray, list[str]]:
    labels = [f"intent {number % 4}" for number in range(count)]
    points = CORNERS[np.arange(count) % 4] + RNG.normal(size=(count, 12))
    return points.astype(np.float32), labels


def fitted(count: int = 800) -> tuple[OutOfScope, np.ndarray]:
    points, labels = inside(count)
    return fit_scope(points, labels, false_alarms=0.1, seed=0, threads=1, progress=lambda: None)


def test_the_stated_share_of_new_messages_in_scope_is_called_out_of_scope() -> None:
    scope, _ = fitted()
    points, _ = inside(4000)
    alarms = float((scope.scores(points) >= scope.threshold).mean())
    assert 0.06 < alarms < 0.14


def test_what_is_like_no_intent_is_found() -> None:
    scope, _ = fitted()
    strange = (-CORNERS[np.arange(200) % 4] + RNG.normal(size=(200, 12))).astype(np.float32)
    assert float((scope.scores(strange) >= scope.threshold).mean()) > 0.9


def with_strange(count: int) -> tuple[np.ndarray, list[str]]:
    """Messages in scope, and some as near to the intents that have one thing in common."""
    points, labels = inside(400)
    common = np.eye(12)[8] * 2.5
    strange, _ = inside(count)
    return np.concatenate([points, strange + common.astype(np.float32)]), [
        *labels,
        *["out_of_scope"] * count,
    ]


def auroc(outside: np.ndarray, inside: np.ndarray) -> float:
    return float((outside[:, None] > inside[None]).mean())


def test_few_messages_labelled_out_of_scope_are_judged_but_not_learned_from() -> None:
    points, labels = with_strange(LEAST_OUTSIDE - 1)
    scope, distances = fit_scope(
        points, labels, false_alarms=0.05, seed=0, threads=1, progress=lambda: None
    )
    assert scope.means.shape == (4, 3)
    assert not scope.direction.any()
    assert distances[400:].mean() > distances[:400].mean()


def test_what_many_messages_out_of_scope_have_in_common_counts() -> None:
    points, labels = with_strange(100)
    scope, unseen = fit_scope(
        points, labels, false_alarms=0.05, seed=0, threads=1, progress=lambda: None
    )
    by_distance = replace(scope, direction=np.zeros(12, np.float32))
    points, _ = with_strange(400)
    far = scope.distances(points)
    assert scope.means.shape == (4, 3)
    without = by_distance.distances(points)
    assert auroc(far[400:], far[:400]) > auroc(without[400:], without[:400]) + 0.1
    assert auroc(unseen[400:], unseen[:400]) > 0.7


def test_what_was_judged_on_held_out_messages_holds_when_all_are_learned_from() -> None:
    points, labels = inside(1600)
    held_out = np.sort(RNG.permutation(1600)[:400])
    judged, weight = fit_scope_held_out(points, labels, held_out, false_alarms=0.1)
    assert weight == 0  # nothing is known that is out of scope
    new, _ = inside(4000)
    for scope in (judged, on_all(judged, weight, points, labels)):
        assert 0.05 < float((scope.scores(new) >= scope.threshold).mean()) < 0.15


def test_it_reads_as_before_after_it_was_stored() -> None:
    scope, _ = fitted(200)
    points, _ = inside(20)
    again = OutOfScope.of(scope.arrays())
    assert (again.scores(points) == scope.scores(points)).all()
    assert again.threshold == np.float32(scope.threshold)


def test_progress_is_told_of_every_fit() -> None:
    calls: list[None] = []
    points, labels = inside(80)
    fit_scope(
        points, labels, false_alarms=0.05, seed=0, threads=1, progress=lambda: calls.append(None)
    )
    assert len(calls) == fits_of(labels) == 10
