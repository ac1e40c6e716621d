"""The tokenizer gives the ids the model was trained with."""

from pathlib import Path

import pytest
from tokenizers import Tokenizer

from shared.encoder import packed, vocabulary


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    model = packed.read(packed.default_path())
    return vocabulary.build_tokenizer(model.vocabulary)


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        # As XLM-RoBERTa's own tokenizer gives them.
        ("Hello world", [0, 35378, 8999, 2]),
        ("query: 你好", [0, 41, 1294, 12, 6, 124084, 2]),
    ],
)
def test_known_texts_have_their_known_ids(tokenizer: Tokenizer, text: str, ids: list[int]) -> None:
    assert tokenizer.encode(text).ids == ids


@pytest.mark.parametrize(
    ("text", "same_as"),
    [
        ("ＡＢＣ　１２３", "ABC 123"),
        ("a\r\n\tb", "a b"),
        ("a   b", "a b"),
        ("a\u200bb", "a b"),
        ("a\x07b", "ab"),
        ("\ufeffhello", " hello"),
        ("cafe\u0301", "café"),
    ],
)
def test_writing_variants_are_the_same_to_the_model(
    tokenizer: Tokenizer, text: str, same_as: str
) -> None:
    assert tokenizer.encode(text).ids == tokenizer.encode(same_as).ids


def test_the_full_width_tilde_keeps_its_own_piece(tokenizer: Tokenizer) -> None:
    assert "～" in "".join(tokenizer.encode("好的～").tokens)
    assert tokenizer.encode("好的～").ids != tokenizer.encode("好的~").ids


def test_unknown_characters_are_read_as_unknown(tokenizer: Tokenizer) -> None:
    assert tokenizer.encode("\U0001fae8").ids.count(3) == 1


def test_another_file_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "e5-small-q4.bin"
    other.write_bytes(packed.MAGIC + b"\x01\x00\x00\x00 not the weights")
    with pytest.raises(packed.PackedFileError, match="not the multilingual-e5-small"):
        packed.read(other)
