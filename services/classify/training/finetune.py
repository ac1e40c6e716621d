"""Fine-tuning an encoder; needs torch, transformers and peft (extra `finetune`).

Heads that were fitted on the frozen encoder are where it starts from (linear probing, then
fine-tuning: Kumar et al. 2022), so that the first steps do not tear good features apart. The word
embedding stays frozen: few words of a language occur in the data, the others must not fall behind.
In the end the weights go a part of the way only from where they were to where the tuning led
(Wortsman et al. 2022): what was learned is kept, and less of what was known before is lost.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import nn

from services.classify.domain.heads import Head, Heads
from services.classify.training.network import Labels, Network, picked
from services.classify.training.recipe import Recipe
from services.classify.training.steps import ids_of, pairs, shuffled, without
from shared.encoder.checkpoint import Checkpoint
from shared.encoder.weights import Weights


@dataclass(frozen=True)
class Tuned:
    """The encoder, and its heads for standardised features of the encoder as it is now."""

    weights: Weights
    heads: Mapping[str, Head]


def finetune(
    checkpoint: Checkpoint,
    heads: Heads,
    texts: Sequence[str],
    labels: Mapping[str, Labels],
    *,
    recipe: Recipe,
    progress: Callable[[int], object],
) -> Tuned:
    """Fine-tunes on all texts, to the end: only there, with steps grown small, is it at its best.

    heads: where it starts from, by name as in labels; only the last layer's part is used.
    labels: by head, int64 [texts], indices into the head's labels or `UNLABELLED`.
    `progress` is told the texts of each finished step. Same arguments, same machine: same weights.
    """
    torch.manual_seed(recipe.seed)
    network = Network(checkpoint, heads, recipe)
    ids = ids_of(checkpoint, texts, recipe.longest)
    class_weights = {name: network.class_weights(name, chosen) for name, chosen in labels.items()}
    prefix = 1 + len(
        checkpoint.tokenizer.encode(checkpoint.prefixes["query"], add_special_tokens=False).ids
    )
    rng = np.random.default_rng(recipe.seed)
    every = np.arange(len(texts))

    def steps() -> list[list[int]]:
        return (
            pairs(every, labels["intent"], recipe, rng)
            if recipe.contrast
            else shuffled(every, ids, recipe, rng)
        )

    planned = [step for _ in range(recipe.epochs) for step in steps()]
    optimiser = network.optimiser()
    schedule = _warming_then_falling(optimiser, len(planned))
    network.train()
    for batch in planned:
        rows = batch * recipe.views
        seen = [without(ids[row], prefix, recipe.dropped, rng) for row in rows]
        loss = network.loss(seen, picked(labels, rows), class_weights)
        optimiser.zero_grad()
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        progress(len(batch))
    weights = between(checkpoint.weights, network.weights(), recipe.way)
    return Tuned(weights, network.heads())


def between(before: Weights, after: Weights, way: float) -> Weights:
    """`before` at 0, `after` at 1, and the straight line between them."""
    arrays = {
        name: (array + np.float32(way) * (after.arrays[name] - array)).astype(np.float32)
        for name, array in before.arrays.items()
    }
    return replace(after, arrays=arrays)


def digest(weights: Weights) -> str:
    """Hexadecimal, different for different weights."""
    told = hashlib.sha256()
    for name in sorted(weights.arrays):
        told.update(name.encode() + np.ascontiguousarray(weights.arrays[name]).tobytes())
    return told.hexdigest()


def _warming_then_falling(
    optimiser: torch.optim.Optimizer, steps: int
) -> torch.optim.lr_scheduler.LambdaLR:
    """Up over the first tenth of the steps, then down to nothing, both in a straight line."""
    warm = max(1, steps // 10)

    def rate(step: int) -> float:
        if step < warm:
            return (step + 1) / warm
        return max(0.0, (steps - step) / max(1, steps - warm))

    return torch.optim.lr_scheduler.LambdaLR(optimiser, rate)
