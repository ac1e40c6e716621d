"""Writes the packed vocabulary as a Hugging Face `tokenizers` file (Unigram, XLM-RoBERTa's)."""

import re
import unicodedata

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

from shared.encoder.packed import Vocabulary

_PRIVATE_USE = 0xE000


def build_tokenizer(vocabulary: Vocabulary) -> Tokenizer:
    """A tokenizer that frames every text as `<s> ... </s>` and neither truncates nor pads."""
    pairs = list(zip(vocabulary.pieces, vocabulary.scores, strict=True))
    tokenizer = Tokenizer(models.Unigram(pairs, vocabulary.unknown, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(_normalisation(vocabulary))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    bos, eos = vocabulary.pieces[vocabulary.bos], vocabulary.pieces[vocabulary.eos]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{bos} $A {eos}", special_tokens=[(bos, vocabulary.bos), (eos, vocabulary.eos)]
    )
    return tokenizer


def _normalisation(vocabulary: Vocabulary) -> list[normalizers.Normalizer]:
    """NFKC, preceded by what the table does differently, then runs of spaces made one.

    The table deletes control characters, turns line breaks and zero-width characters into spaces,
    and keeps some characters (the full-width tilde) that NFKC would change: those pass NFKC in
    disguise. NFKC itself also joins combining marks, as the model's first tokenizer did.
    """
    deleted, spaced, kept = _differences(vocabulary)
    disguises = [(char, chr(_PRIVATE_USE + i)) for i, char in enumerate(kept)]
    return [
        normalizers.Replace(_any_of(deleted), ""),
        normalizers.Replace(_any_of(spaced), " "),
        *(normalizers.Replace(char, disguise) for char, disguise in disguises),
        normalizers.NFKC(),
        *(normalizers.Replace(disguise, char) for char, disguise in disguises),
        normalizers.Replace(Regex(" {2,}"), " "),
    ]


def _differences(vocabulary: Vocabulary) -> tuple[list[str], list[str], list[str]]:
    """Characters the table deletes, turns into a space, and keeps, where NFKC does otherwise."""
    alphabet = {char for piece in vocabulary.pieces for char in piece}
    table = vocabulary.normalisation
    deleted = [char for char, text in table.items() if text == ""]
    spaced = [char for char, text in table.items() if text == " " and _nfkc(char) != " "]
    kept = [
        char for char in sorted(alphabet) if char not in table and _nfkc(char) not in (char, "")
    ]
    return deleted, spaced, kept


def _any_of(characters: list[str]) -> Regex:
    return Regex("[" + "".join(re.escape(char) for char in characters) + "]")


def _nfkc(text: str) -> str:
    return unicodedata.normalize("NFKC", text)
