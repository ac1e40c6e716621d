"""Rows that cannot be trained on are refused with file, line and reason."""

import json
from pathlib import Path

import pytest

from services.classify.training.data import Example, completed, described, read_examples
from services.classify.training.taxonomy import (
    DEFAULT,
    Taxonomy,
    TaxonomyError,
    derived,
    read_taxonomy,
)
from shared.rows import DataError

HEADER = "text,lang,intent,sentiment,priority\n"
GOOD = (
    "where is it,en,order_status,neutral,normal\n"
    "在哪里,zh,order_status,neutral,normal\n"
    "money back,en,refund,negative,high\n"
    "退钱,zh,refund,negative,high\n"
)


@pytest.fixture(scope="module")
def taxonomy() -> Taxonomy:
    return read_taxonomy(DEFAULT)


def written(folder: Path, content: str, name: str = "rows.csv") -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


def refusal(paths: list[Path], taxonomy: Taxonomy) -> str:
    with pytest.raises(DataError) as caught:
        read_examples(paths, taxonomy)
    return str(caught.value)


def test_csv_and_jsonl_in_a_folder_are_read_together(tmp_path: Path, taxonomy: Taxonomy) -> None:
    written(tmp_path, HEADER + GOOD)
    row = {"text": "rude staff", "intent": "complaint"}
    written(tmp_path, "\n".join(json.dumps(row | {"text": t}) for t in "xy"), "more.jsonl")
    examples = read_examples([tmp_path], taxonomy)
    assert len(examples) == 6
    assert examples[0] == Example("x", "und", {"intent": "complaint"})
    assert examples[3].language == "zh"
    assert examples[4].labels == {"intent": "refund", "sentiment": "negative", "priority": "high"}


def test_a_text_given_twice_counts_once(tmp_path: Path, taxonomy: Taxonomy) -> None:
    path = written(tmp_path, HEADER + GOOD + GOOD)
    assert len(read_examples([path], taxonomy)) == 4


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("hello,en,greeting,neutral,low", "unknown intent 'greeting'"),
        ("hello,en,refund,angry,low", "unknown sentiment 'angry'"),
        ("hello,en,refund,neutral,asap", "unknown priority 'asap'"),
        (",en,refund,neutral,low", "text is empty"),
        ("hello,en,,neutral,low", "intent is empty"),
        ("hello, you,en,refund,neutral,low", "more fields than the header names"),
    ],
)
def test_a_bad_row_is_named_with_its_line(
    tmp_path: Path, taxonomy: Taxonomy, row: str, reason: str
) -> None:
    path = written(tmp_path, f'{HEADER}{GOOD}"two\nlines",en,refund,neutral,high\n{row}\n')
    assert refusal([path], taxonomy) == f"{path}:8: {reason}"


def test_of_a_text_with_several_labels_the_first_counts_and_the_rest_is_told(
    tmp_path: Path, taxonomy: Taxonomy
) -> None:
    path = written(tmp_path, f"{HEADER}{GOOD}退钱,zh,order_status,negative,high\n")
    told: list[str] = []
    examples = read_examples([path], taxonomy, told.append)
    assert [e.labels["intent"] for e in examples if e.text == "退钱"] == ["refund"]
    assert told == [f"{path}:6: left out: the same text stands before with other labels"]


def test_all_bad_rows_are_reported_at_once(tmp_path: Path, taxonomy: Taxonomy) -> None:
    rows = "".join(f"text {i},en,nonsense,neutral,low\n" for i in range(25))
    lines = refusal([written(tmp_path, HEADER + GOOD + rows)], taxonomy).splitlines()
    assert len(lines) == 21
    assert lines[-1] == "... and 5 more"


def test_a_label_with_one_row_is_refused(tmp_path: Path, taxonomy: Taxonomy) -> None:
    path = written(tmp_path, HEADER + GOOD + "one more,en,loan,neutral,normal\n")
    assert refusal([path], taxonomy) == "intent 'loan': fewer than two rows"


def test_a_head_without_labels_is_learned_from_other_rows(
    tmp_path: Path, taxonomy: Taxonomy
) -> None:
    rows = "text,intent\na,refund\nb,refund\nc,loan\nd,loan\n"
    given = read_examples([written(tmp_path, rows)], taxonomy)
    seed = [Example("e", "en", {"intent": "loan", "sentiment": "negative", "priority": "high"})]
    borrowed = completed(given, seed)[4:]
    assert [dict(e.labels) for e in borrowed] == [{"sentiment": "negative", "priority": "high"}]
    assert completed(given + seed, seed) == given + seed


def test_without_a_taxonomy_every_intent_is_permitted_but_no_other_mood(tmp_path: Path) -> None:
    rows = "text,intent,sentiment\na,x,\nb,x,\nc,y,\nd,y,furious\n"
    with pytest.raises(DataError, match=r"rows\.csv:5: unknown sentiment 'furious'"):
        read_examples([written(tmp_path, rows)], None)


def test_a_file_that_is_not_utf8_is_refused(tmp_path: Path, taxonomy: Taxonomy) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(HEADER.encode() + "退钱,zh,refund,negative,high\n".encode("gb18030"))
    assert "not UTF-8" in refusal([path], taxonomy)


def test_missing_paths_and_empty_folders_are_refused(tmp_path: Path, taxonomy: Taxonomy) -> None:
    assert "no such file or folder" in refusal([tmp_path / "nowhere"], taxonomy)
    assert "no .csv or .jsonl" in refusal([tmp_path], taxonomy)


def test_the_default_taxonomy_has_its_25_labels(taxonomy: Taxonomy) -> None:
    assert len(taxonomy.labels["intent"]) == 25
    assert "out_of_scope" in taxonomy.labels["intent"]
    assert all(all(described.values()) for described in taxonomy.intents.values())


@pytest.mark.parametrize(
    "content", ["intents: [a, b]", "intents: {a: {en: A}}", "other: 1", ": : :", ""]
)
def test_a_taxonomy_without_descriptions_is_refused(tmp_path: Path, content: str) -> None:
    path = written(tmp_path, content, "taxonomy.yaml")
    with pytest.raises(TaxonomyError, match=r"taxonomy\.yaml"):
        read_taxonomy(path)


def test_names_and_examples_of_intents_are_further_messages(tmp_path: Path) -> None:
    path = tmp_path / "taxonomy.yaml"
    path.write_text(
        "intents:\n"
        "  menu: {en: The menu, zh: 菜单, meaning: m, owner: o, examples: [soup today, a b]}\n"
        "  table: {en: A table, zh: 订位, meaning: m, owner: o}\n",
        encoding="utf-8",
    )
    examples = [Example("a b", "en", {"intent": "menu"}), Example("c", "en", {"intent": "menu"})]
    found = described(read_taxonomy(path), examples)
    # Not what the data holds already, nor intents it does not have.
    assert [example.text for example in found] == ["The menu", "菜单", "soup today"]
    assert all(example.labels == {"intent": "menu"} for example in found)


def test_a_lone_example_is_refused_not_read_letter_by_letter(tmp_path: Path) -> None:
    path = tmp_path / "taxonomy.yaml"
    path.write_text("intents: {a: {en: a, zh: a, meaning: m, owner: o, examples: hello}}")
    with pytest.raises(TaxonomyError, match="a list of examples"):
        read_taxonomy(path)


def test_intents_of_the_data_alone_are_described_by_their_names() -> None:
    examples = [Example(text, "en", {"intent": f"card_{text}"}) for text in "ab"]
    found = described(derived(["card_a", "card_b"]), examples)
    assert [example.text for example in found] == ["card a", "card b"]


def test_every_default_intent_has_examples_in_both_languages() -> None:
    for label, texts in read_taxonomy(DEFAULT).examples.items():
        chinese = [any("\u4e00" <= letter <= "\u9fff" for letter in text) for text in texts]
        assert any(chinese) and not all(chinese), label
