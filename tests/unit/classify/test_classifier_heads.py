"""Heads learn what can be learned, know how sure they are, and survive being stored."""

import numpy as np
import pytest

from services.classify.domain.heads import Floats, Head, Heads, softmax
from services.classify.domain.lexicon import NOTHING, Lexicon, Terms
from services.classify.domain.text import text_for_model
from services.classify.training.fitting import fit_head, fits_of
from services.classify.training.inputs import Inputs, matrix_of, terms_of
from services.classify.training.report import by_language, calibration_error, figures_of, table


def clusters(labels: list[str], noise: float, seed: int = 0) -> Floats:
    """Points around one corner per label: float32 [labels, 8]."""
    names = sorted(set(labels))
    corners = np.eye(8, dtype=np.float32)[[names.index(label) for label in labels]]
    drawn = np.random.default_rng(seed).normal(0, noise, corners.shape)
    return (corners + drawn).astype(np.float32)


def worded(labels: list[str], noise: float) -> tuple[Inputs, Lexicon]:
    """Texts of a word for their label, and features that tell it the less the more noise."""
    texts = [f"{['well', 'hi', 'please'][i % 3]} {label}" for i, label in enumerate(labels)]
    lexicon, terms = terms_of(texts)
    return Inputs(clusters(labels, noise), terms), lexicon


def head(labels: tuple[str, ...], temperature: float = 1.0) -> Head:
    weight = np.eye(len(labels), 8, dtype=np.float32) * 4
    return Head(labels, weight, np.zeros(len(labels), np.float32), temperature)


def probabilities(head: Head, features: Floats, terms: Terms | None = None) -> Floats:
    """By the definition: both parts' logits added up, over the temperature."""
    logits: Floats = features @ head.weight.T + head.bias
    if terms is not None and head.term_weight is not None:
        logits = logits + terms.logits(head.term_weight)
    return softmax(logits / np.float32(head.temperature))


@pytest.fixture
def heads() -> Heads:
    by_name = {
        "intent": head(("loan", "refund", "transfer", "invoice")),
        "sentiment": head(("negative", "neutral")),
        "priority": head(("high", "low")),
    }
    return Heads(np.zeros(8, np.float32), np.ones(8, np.float32), by_name)


def test_labels_come_likeliest_first(heads: Heads) -> None:
    features = np.array([[0.2, 1.0, 0.5, 0.1, 0, 0, 0, 0]], np.float32)
    logits = heads.logits(features, NOTHING.read(["a text"]))
    intents = heads.ranked("intent", logits)[0]
    assert [ranked.label for ranked in intents] == ["refund", "transfer", "loan", "invoice"]
    assert heads.ranked("sentiment", logits)[0][0].label == "neutral"


def test_projected_logits_give_each_heads_calibrated_probabilities() -> None:
    rng = np.random.default_rng(3)
    texts = ["a parcel", "a parcel lost", "no words known", "lost, lost", ""]
    lexicon = Lexicon.of(texts)
    by_name = {
        name: Head(
            tuple("abcd"[:count]),
            rng.normal(size=(count, 8)).astype(np.float32),
            rng.normal(size=count).astype(np.float32),
            temperature,
            rng.normal(size=(len(lexicon.keys), count)).astype(np.float32) if worded else None,
        )
        for name, count, temperature, worded in (
            ("intent", 4, 0.7, True),
            ("sentiment", 2, 2.0, False),
            ("priority", 3, 1.0, True),
        )
    }
    mean, scale = rng.normal(size=8).astype(np.float32), rng.uniform(0.5, 2, 8).astype(np.float32)
    heads = Heads(mean, scale, by_name, lexicon)
    features = rng.normal(size=(5, 8)).astype(np.float32)
    terms = lexicon.read(texts)
    logits = heads.logits(features, terms)
    for name, head in by_name.items():
        expected = probabilities(head, (features - mean) / scale, terms)
        ranked = heads.ranked(name, logits)
        for row, wanted in zip(ranked, expected, strict=True):
            told = {r.label: r.probability for r in row}
            assert [told[label] for label in head.labels] == pytest.approx(wanted, abs=1e-5)


def test_a_higher_temperature_is_less_sure_of_the_same_label() -> None:
    vector = np.array([[1, 0, 0, 0, 0, 0, 0, 0]], np.float32)
    sure, unsure = (probabilities(head(("a", "b"), t), vector)[0] for t in (1.0, 3.0))
    assert sure[0] > unsure[0] > 0.5
    assert unsure.sum() == pytest.approx(1.0)


def test_probabilities_of_huge_logits_are_finite() -> None:
    assert softmax(np.array([[1e4, -1e4]], np.float32)).tolist() == [[1.0, 0.0]]


@pytest.mark.parametrize("names", ["ab", "abcde"])
def test_a_fitted_head_tells_its_labels_apart(names: str) -> None:
    labels = list(names) * 30
    calls: list[None] = []
    fitted = fit_head(
        Inputs.of_features(clusters(labels, 0.15)),
        labels,
        0,
        threads=2,
        progress=lambda: calls.append(None),
    )
    assert len(calls) == fits_of(labels)
    guesses = probabilities(fitted.head, clusters(labels, 0.15, seed=1)).argmax(axis=1)
    accuracy = np.mean([fitted.head.labels[g] == t for g, t in zip(guesses, labels, strict=True)])
    assert accuracy > 0.97


def test_confidence_on_unseen_texts_is_about_the_accuracy() -> None:
    labels = list("abcd") * 150
    inputs = Inputs.of_features(clusters(labels, 0.6))
    fitted = fit_head(inputs, labels, 0, threads=1, progress=lambda: None)
    figures = figures_of(fitted.unseen, labels, fitted.head.labels)
    assert 0.4 < figures["accuracy"] < 0.9
    assert figures["ece"] < 0.08


def test_further_texts_are_learned_from_but_not_judged() -> None:
    labels = list("abc") * 4
    inputs = Inputs.of_features(clusters(labels, 1.0))
    named = Inputs.of_features(clusters(list("abc") * 40, 0.3, seed=5))
    new = clusters(list("abc") * 200, 1.0, seed=9)
    accuracies = []
    for further in (None, (named, list("abc") * 40)):
        fitted = fit_head(inputs, labels, 0, further=further, threads=1, progress=lambda: None)
        assert fitted.unseen.shape == (12, 3)
        guessed = probabilities(fitted.head, new).argmax(axis=1)
        accuracies.append(np.mean(guessed == np.tile([0, 1, 2], 200)))
    assert accuracies[1] > accuracies[0] + 0.02


def test_fitting_again_gives_the_same_head_with_however_many_threads() -> None:
    labels = list("abc") * 20
    inputs, _ = worded(labels, 0.4)
    first, second = (
        fit_head(inputs, labels, 7, threads=threads, progress=lambda: None).head
        for threads in (1, 3)
    )
    assert (first.weight == second.weight).all()
    assert first.term_weight is not None
    assert second.term_weight is not None
    assert (first.term_weight == second.term_weight).all()
    assert first.temperature == second.temperature


@pytest.mark.parametrize("names", ["ab", "abcd"])
def test_words_tell_what_the_features_do_not(names: str) -> None:
    labels = list(names) * 40
    (inputs, lexicon), noise = worded(labels, 5.0), clusters(labels, 5.0, seed=2)
    fitted = fit_head(inputs, labels, 0, threads=1, progress=lambda: None)
    told = lexicon.read([f"please {label}" for label in labels])
    guesses = probabilities(fitted.head, noise, told).argmax(axis=1)
    assert np.mean([fitted.head.labels[g] == t for g, t in zip(guesses, labels, strict=True)]) > 0.9
    seen = figures_of(fitted.unseen, labels, fitted.head.labels)
    assert seen["accuracy"] > 0.9


def test_words_that_tell_nothing_are_not_read() -> None:
    labels = list("abc") * 60
    lexicon = Lexicon.of(["the same words"] * 2)
    terms = matrix_of(lexicon, ["the same words"] * len(labels))
    inputs = Inputs(clusters(labels, 0.4), terms)
    assert fit_head(inputs, labels, 0, threads=1, progress=lambda: None).head.term_weight is None


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


def test_the_model_reads_the_subject_before_the_text() -> None:
    assert text_for_model("Refund", "order [ORDER_1]") == "Refund\norder [ORDER_1]"
    assert text_for_model(None, "text") == text_for_model("", "text") == "text"
