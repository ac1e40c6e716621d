"""The knowledge artifact: what is written is read again, and nothing damaged is served."""

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from services.generate import knowledge_base
from services.generate.domain.retrieval import Query
from services.generate.knowledge.__main__ import build
from services.generate.knowledge.documents import (
    SEED_DOCUMENTS,
    SEED_QUESTIONS,
    Question,
    UnusableInput,
    read_documents,
    read_questions,
)
from services.generate.knowledge.embed import Embedder
from services.generate.knowledge.fit import fit, gather, judge
from services.generate.knowledge_base import UnusableKnowledge
from tests.unit.generate.kit import (
    ENTRIES,
    TODAY,
    WordEncoder,
    index_of,
    knowledge_of,
    vector_of,
    words,
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    knowledge_base.write(tmp_path, knowledge_of().index, "words", "1", {"questions": 3})
    return tmp_path


def test_what_was_written_is_read_again(folder: Path) -> None:
    read = knowledge_base.read(folder, "k7")
    assert (read.version, read.encoder_name, read.encoder_version) == ("k7", "words", "1")
    assert read.size == len(ENTRIES)
    text = "How do I cancel an order?"
    asked = [Query(words(text), "en", vector_of(text))]
    assert read.index.search(asked, TODAY) == index_of().search(asked, TODAY)


@pytest.mark.parametrize(
    "name",
    [
        "entries.json",
        "questions.npy",
        "passages.npy",
        "centres.npy",
        "calibration.json",
        "words/en/data.csc.index.npy",
        "words/zh/vocab.index.json",
        "words/zh/params.index.json",
    ],
)
@pytest.mark.parametrize("content", [b"", b"{}", b"\x93NUMPY garbage"])
def test_a_damaged_file_is_refused(folder: Path, name: str, content: bytes) -> None:
    (folder / name).write_bytes(content)
    with pytest.raises(UnusableKnowledge):
        knowledge_base.read(folder, "k1")


@pytest.mark.parametrize(
    "vectors",
    [
        np.zeros((2, 256), np.float32),
        np.zeros((5, 256), np.float64),
        np.full((5, 256), np.inf, np.float32),
        np.zeros((5, 128), np.float32),
    ],
    ids=["rows", "type", "infinite", "width"],
)
@pytest.mark.parametrize("name", ["questions.npy", "passages.npy"])
def test_vectors_that_do_not_fit_are_refused(
    folder: Path,
    name: str,
    vectors: NDArray[np.float64],
) -> None:
    np.save(folder / name, vectors)
    with pytest.raises(UnusableKnowledge):
        knowledge_base.read(folder, "k1")


def test_a_pickle_is_never_opened(folder: Path) -> None:
    np.save(folder / "passages.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(UnusableKnowledge):
        knowledge_base.read(folder, "k1")


def test_a_calibration_of_other_features_is_refused(folder: Path) -> None:
    content = {"features": ["similarity"], "weights": [1.0], "bias": 0.0}
    (folder / "calibration.json").write_text(json.dumps(content))
    with pytest.raises(UnusableKnowledge, match="make knowledge"):
        knowledge_base.read(folder, "k1")


def test_the_seed_answers_in_both_languages_and_its_questions_fit_it() -> None:
    entries = read_documents(SEED_DOCUMENTS)
    questions = read_questions(SEED_QUESTIONS, entries)
    by_language = {
        language: sum(e.language == language for e in entries) for language in ["en", "zh"]
    }
    assert min(by_language.values()) >= 20
    assert {question.entry is None for question in questions} == {True, False}


def test_a_question_to_an_unknown_entry_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "queries.csv"
    path.write_text("query,doc_id,lang\nhow,en/shop.md#nowhere,en\n")
    with pytest.raises(UnusableInput, match="line 2: there is no entry"):
        read_questions(path, list(ENTRIES))


def test_what_classify_read_may_stand_with_a_question(tmp_path: Path) -> None:
    path = tmp_path / "queries.csv"
    path.write_text("query,doc_id,lang,intents\na,,en,refund 0.8 invoice 0.1\nb,,en,\n")
    read, unread = read_questions(path, [])
    assert read.intents == {"refund": 0.8, "invoice": 0.1}
    assert unread.intents == {}
    path.write_text("query,doc_id,lang,intents\na,,en,refund\n")
    with pytest.raises(UnusableInput, match=r"line 2: intents are written like refund 0\.83"):
        read_questions(path, [])


def test_a_folder_without_documents_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnusableInput, match="has no file with an answer"):
        read_documents(tmp_path)
    with pytest.raises(UnusableInput, match="is no folder"):
        read_documents(tmp_path / "missing")


def questions_for_the_kit() -> list[Question]:
    """Each heading in several wordings, and as many questions that nothing answers."""
    wordings = ("{}", "please: {}", "hello, {}", "one thing: {}", "{} thanks")
    answered = [
        Question(wording.format(entry.heading), entry.language, entry.id)
        for entry in ENTRIES
        for wording in wordings
    ]
    foreign = [Question(f"pizza number {n} with cheese", "en", None) for n in range(15)]
    return answered + foreign


def test_calibration_learns_to_tell_answered_from_unanswered() -> None:
    index, questions = index_of(), questions_for_the_kit()
    queries = [Query(words(q.text), q.language, vector_of(q.text)) for q in questions]
    plain, hidden = gather(index.shelves, questions, queries)
    figures = judge(plain, hidden)
    assert figures["recall"]["en"]["at_1"] == 1.0
    assert figures["auroc"]["answered_here"] > 0.95
    calibration = fit(plain, hidden)
    scores = calibration.scores(plain.found)
    assert scores[plain.answered].min() > scores[~plain.answered].max()


def test_too_few_questions_are_refused() -> None:
    with pytest.raises(UnusableInput, match="at least 20"):
        gather(index_of().shelves, [], [])


def test_a_base_of_ones_own_without_questions_takes_the_seeds_calibration(tmp_path: Path) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "pets.md").write_text("## Do you groom cats?\n\nYes, on Mondays.\n")
    index, metrics = build(tmp_path, None, Embedder(WordEncoder()))
    assert metrics["calibrated_on"] == "seed"
    (match,) = index.search([Query(words("groom cats?"), "en", vector_of("groom cats?"))], TODAY)
    assert match.best is not None and match.best.id == "en/pets.md#do-you-groom-cats"
