"""The seed messages are many, varied and labelled as the taxonomy says."""

import csv
from collections import Counter
from functools import partial
from itertools import chain
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from services.classify.train import SEED_FILES
from services.classify.training import memo
from services.classify.training.data import read_examples
from services.classify.training.taxonomy import DEFAULT, read_taxonomy
from shared.encoder.encoder import Encoder

NEAR = 0.97
MOST_NEAR = 0.02
LEAST_ROWS = 100
"""For each label in each language."""


@pytest.mark.slow
def test_few_messages_are_nearly_the_same(encoder: Encoder, model_cache: Path) -> None:
    """Rows with a neighbour above a cosine of `NEAR`, in their own language and label or not.

    Vectors of the same texts by the same encoder are kept from one run to the next.
    """
    for path in SEED_FILES:
        with path.open(encoding="utf-8", newline="") as rows:
            texts = [row["text"] for row in csv.DictReader(rows)]
        key = memo.key_of(texts, encoder.version, onnxruntime.__version__)
        vectors = memo.remembered(model_cache / "seed", key, partial(encoder.encode, texts))
        likeness = vectors @ vectors.T
        np.fill_diagonal(likeness, 0)
        near = int((likeness.max(axis=1) > NEAR).sum())
        assert near <= MOST_NEAR * len(texts), path.name


def test_every_label_has_many_messages_in_each_language() -> None:
    taxonomy = read_taxonomy(DEFAULT)
    examples = read_examples(SEED_FILES, taxonomy)
    counts = Counter((example.labels["intent"], example.language) for example in examples)
    for label in taxonomy.labels["intent"]:
        for language in ("en", "zh"):
            assert counts[label, language] >= LEAST_ROWS, (label, language)


def test_every_sentiment_and_priority_occurs_in_each_language() -> None:
    taxonomy = read_taxonomy(DEFAULT)
    examples = read_examples(SEED_FILES, taxonomy)
    for head in ("sentiment", "priority"):
        found = {(example.labels[head], example.language) for example in examples}
        wanted = set(chain.from_iterable(((n, "en"), (n, "zh")) for n in taxonomy.labels[head]))
        assert wanted <= found


def test_no_message_holds_personal_data_of_known_form() -> None:
    texts = [example.text for example in read_examples(SEED_FILES, None)]
    assert not [text for text in texts if "@" in text.replace("[", "")]
