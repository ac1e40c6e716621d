"""Heads learn what can be learned, know how sure they are, and survive being stored."""

from pathlib import Path

import numpy as np
import pytest

from services.classify import artifact
from services.classify.domain.heads import HEADS, Floats, Head, Heads, softmax
from services.classify.domain.text import text_for_model
from services.classify.training.fitting import fit_head, fits_of
from services.classify.training.report import by_language, calibration_error, figures_of, table


def clusters(labels: list[str], noise: float, seed: int = 0) -> Floats:
    """Points around one corner per label: float32 [labels, 8]."""
    names = sorted(set(labels))
    corners = np.eye(8, dtype=np.float32)[[names.index(label) for label in labels]]
    drawn = np.random.default_rng(seed).normal(0, noise, corners.shape)
    return (corners + drawn).astype(np.float32)


def head(labels: tuple[str, ...], temperature: float = 1.0) -> Head:
    weight = np.eye(len(labels), 8, dtype=np.float32) * 4
    return Head(labels, weight, np.zeros(len(labels), np.float32), temperature)


@pytest.fixture
def heads() -> Heads:
    by_name = {
        "intent": head(("loan", "refund", "transfer", "invoice")),
        "sentiment": head(("negative", "neutral")),
        "priority": head(("high", "low")),
    }
    return Heads(np.zeros(8, np.float32), np.ones(8, np.float32), by_name)


def test_the_likeliest_three_intents_come_first_to_last(heads: Heads) -> None:
    vector = np.array([[0.2, 1.0, 0.5, 0.1, 0, 0, 0, 0]], np.float32)
    reading = heads.read(vector)[0]
    assert [ranked.label for ranked in reading.intents] == ["refund", "transfer", "loan"]
    assert reading.sentiment.label == "neutral"
    assert reading.priority.label == "low"
    assert (reading.vector == vector[0]).all()


def test_no_message_makes_no_reading(heads: Heads) -> None:
    assert heads.read(np.zeros((0, 8), np.float32)) == []


def test_a_higher_temperature_is_less_sure_of_the_same_label() -> None:
    vector = np.array([[1, 0, 0, 0, 0, 0, 0, 0]], np.float32)
    sure, unsure = (head(("a", "b"), t).probabilities(vector)[0] for t in (1.0, 3.0))
    assert sure[0] > unsure[0] > 0.5
    assert unsure.sum() == pytest.approx(1.0)


def test_probabilities_of_huge_logits_are_finite() -> None:
    assert softmax(np.array([[1e4, -1e4]], np.float32)).tolist() == [[1.0, 0.0]]


@pytest.mark.parametrize("names", ["ab", "abcde"])
def test_a_fitted_head_tells_its_labels_apart(names: str) -> None:
    labels = list(names) * 30
    calls: list[None] = []
    fitted = fit_head(clusters(labels, 0.15), labels, 0, lambda: calls.append(None))
    assert len(calls) == fits_of(labels)
    guesses = fitted.head.probabilities(clusters(labels, 0.15, seed=1)).argmax(axis=1)
    accuracy = np.mean([fitted.head.labels[g] == t for g, t in zip(guesses, labels, strict=True)])
    assert accuracy > 0.97


def test_confidence_on_unseen_texts_is_about_the_accuracy() -> None:
    labels = list("abcd") * 150
    fitted = fit_head(clusters(labels, 0.6), labels, 0, lambda: None)
    figures = figures_of(fitted.unseen, labels, fitted.head.labels)
    assert 0.4 < figures["accuracy"] < 0.9
    assert figures["ece"] < 0.08


def test_fitting_again_gives_the_same_head() -> None:
    labels = list("abc") * 20
    features = clusters(labels, 0.4)
    first, second = (fit_head(features, labels, 7, lambda: None).head for _ in range(2))
    assert (first.weight == second.weight).all()
    assert first.temperature == second.temperature


def test_the_calibration_error_is_the_gap_between_confidence_and_accuracy() -> None:
    confidence = np.array([0.9] * 10, np.float32)
    right = np.array([True] * 6 + [False] * 4)
    assert calibration_error(confidence, right) == pytest.approx(0.3)
    assert calibration_error(np.ones(4, np.float32), np.ones(4, bool)) == 0


def test_the_table_has_a_line_per_head_and_language() -> None:
    unseen = np.array([[0.8, 0.2], [0.4, 0.6], [0.9, 0.1]], np.float32)
    figures = by_language(unseen, ["a", "b", "b"], ("a", "b"), ["en", "en", "zh"])
    assert figures["en"]["accuracy"] == 1.0
    assert figures["zh"]["accuracy"] == 0.0
    assert figures["all"]["rows"] == 3
    assert len(table({"intent": figures}).splitlines()) == 4


def test_a_stored_classifier_reads_as_before(heads: Heads, tmp_path: Path) -> None:
    encoder = artifact.EncoderReference("encoder", "0123456789ab")
    artifact.save(tmp_path, heads, encoder, {}, {})
    loaded, needed = artifact.load(tmp_path)
    vectors = clusters(list("abcdefgh"), 0.5)
    assert needed == encoder
    assert set(loaded.by_name) == set(HEADS)
    before, after = heads.read(vectors), loaded.read(vectors)
    assert [r.intents for r in before] == [r.intents for r in after]


def test_the_model_reads_the_subject_before_the_text() -> None:
    assert text_for_model("Refund", "order [ORDER_1]") == "Refund\norder [ORDER_1]"
    assert text_for_model(None, "text") == text_for_model("", "text") == "text"
