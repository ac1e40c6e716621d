"""Which texts a step of fine-tuning sees, and what of them."""

from collections.abc import Sequence

import numpy as np

from services.classify.training.network import Labels
from services.classify.training.recipe import Recipe
from shared.encoder.checkpoint import Checkpoint

_POOL = 8  # steps that share texts of all lengths


def ids_of(checkpoint: Checkpoint, texts: Sequence[str], longest: int) -> list[list[int]]:
    prefix = checkpoint.prefixes["query"]
    encodings = checkpoint.tokenizer.encode_batch(
        [prefix + text for text in texts], add_special_tokens=False
    )
    return [
        [checkpoint.begin, *encoding.ids[: longest - 2], checkpoint.end] for encoding in encodings
    ]


def without(
    ids: Sequence[int], prefix: int, dropped: float, rng: np.random.Generator
) -> Sequence[int]:
    """The text without some of its tokens; those of the prefix and the last stay."""
    if not dropped:
        return ids
    kept = rng.random(len(ids)) >= dropped
    kept[:prefix], kept[-1] = True, True
    return [token for token, stays in zip(ids, kept.tolist(), strict=True) if stays]


def shuffled(
    rows: Labels, ids: Sequence[Sequence[int]], recipe: Recipe, rng: np.random.Generator
) -> list[list[int]]:
    """Steps of texts alike in length, in random order and of random company."""
    pool = recipe.texts * _POOL
    order = rng.permutation(rows)
    steps: list[list[int]] = []
    for start in range(0, len(order), pool):
        alike = sorted(order[start : start + pool].tolist(), key=lambda row: len(ids[row]))
        steps += [alike[i : i + recipe.texts] for i in range(0, len(alike), recipe.texts)]
    return [steps[index] for index in rng.permutation(len(steps))]


def pairs(
    rows: Labels, labels: Labels, recipe: Recipe, rng: np.random.Generator
) -> list[list[int]]:
    """Steps of two texts of every label they hold, as far as there are two; in random order."""
    pairs: list[list[int]] = []
    for label in np.unique(labels[rows]):
        of_label = rng.permutation(rows[labels[rows] == label]).tolist()
        pairs += [of_label[i : i + 2] for i in range(0, len(of_label), 2)]
    shuffled = [pairs[index] for index in rng.permutation(len(pairs))]
    half = max(1, recipe.texts // 2)
    return [
        [row for pair in shuffled[i : i + half] for row in pair]
        for i in range(0, len(shuffled), half)
    ]
