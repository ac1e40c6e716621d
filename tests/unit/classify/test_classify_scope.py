"""What lies far from every intent is out of scope, whatever the classifier would call it."""

import numpy as np

from services.classify.domain.scope import OutOfScope
from services.classify.training.scope import fit_scope, fits_of

RNG = np.random.default_rng(5)
CORNERS = np.eye(12)[:4] * 6


def inside(count: int) -> tuple[np.ndarray, list[str]]:
    labels = [f"intent {number % 4}" for number in range(count)]
    points = CORNERS[np.arange(count) % 4] + RNG.normal(size=(count, 12))
    return points.astype(np.float32), labels


def fitted(count: int = 800) -> tuple[OutOfScope, np.ndarray]:
    points, labels = inside(count)
    return fit_scope(points, labels, false_alarms=0.1, seed=0, progress=lambda: None)


def test_the_stated_share_of_new_messages_in_scope_is_called_out_of_scope() -> None:
    scope, _ = fitted()
    points, _ = inside(4000)
    alarms = float((scope.scores(points) >= scope.threshold).mean())
    assert 0.06 < alarms < 0.14


def test_what_is_like_no_intent_is_found() -> None:
    scope, _ = fitted()
    strange = (-CORNERS[np.arange(200) % 4] + RNG.normal(size=(200, 12))).astype(np.float32)
    assert float((scope.scores(strange) >= scope.threshold).mean()) > 0.9


def test_messages_labelled_out_of_scope_are_judged_but_not_learned_from() -> None:
    points, labels = inside(400)
    strange = (CORNERS.mean(axis=0) + RNG.normal(size=(40, 12))).astype(np.float32)
    both = np.concatenate([points, strange])
    scope, distances = fit_scope(
        both, [*labels, *["out_of_scope"] * 40], false_alarms=0.05, seed=0, progress=lambda: None
    )
    assert scope.means.shape == (4, 3)
    assert distances[400:].mean() > distances[:400].mean()


def test_it_reads_as_before_after_it_was_stored() -> None:
    scope, _ = fitted(200)
    points, _ = inside(20)
    again = OutOfScope.of(scope.arrays())
    assert (again.scores(points) == scope.scores(points)).all()
    assert again.threshold == np.float32(scope.threshold)


def test_progress_is_told_of_every_fit() -> None:
    calls: list[None] = []
    points, labels = inside(80)
    fit_scope(points, labels, false_alarms=0.05, seed=0, progress=lambda: calls.append(None))
    assert len(calls) == fits_of(labels) == 31
