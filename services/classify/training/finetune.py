"""Fine-tuning the encoder with its heads; needs torch, transformers and peft (extra `finetune`).

The heads that were fitted on the frozen encoder are where it starts from (linear probing, then
fine-tuning: Kumar et al. 2022), so that the first steps do not tear good features apart. The word
embedding stays frozen: few words of a language occur in the data, the others must not fall behind.
"""

import copy
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from peft import LoraConfig, get_peft_model
from torch import nn
from transformers import BertConfig, BertModel

from services.classify.domain.heads import HEADS, Floats, Head, Heads
from shared.encoder.batching import batches
from shared.encoder.checkpoint import Checkpoint
from shared.encoder.huggingface import from_tensors, to_tensors
from shared.encoder.weights import Weights

UNLABELLED = -100
_POOL = 8  # steps that share texts of all lengths
Labels = NDArray[np.int64]


@dataclass(frozen=True)
class Recipe:
    """How to fine-tune. `epochs` is the most; `patience` epochs without gain end it sooner.

    Each layer learns by `layer_decay` slower than the one above it. `smoothing` is the share of
    certainty that the heads must not claim. `contrast` weighs the contrastive loss on the intents
    against the heads' own; with it a step sees two texts of every label it sees. `texts` are those
    of a step, `tokens` the padded tokens that are computed at once; `longest` tokens of a text are
    read, at most.
    """

    method: Literal["full", "lora"] = "full"
    epochs: int = 8
    patience: int = 3
    learning_rate: float = 1.5e-4
    layer_decay: float = 0.9
    head_learning_rate: float = 1e-3
    smoothing: float = 0.1
    contrast: float = 0.0
    texts: int = 32
    tokens: int = 1024
    longest: int = 256
    class_weights: bool = True
    seed: int = 0

    @classmethod
    def for_few(cls, **options: Any) -> "Recipe":
        """For so few texts a label that likeness teaches more than boundaries."""
        return cls(**{"epochs": 12, "learning_rate": 2e-4, "contrast": 1.0, "texts": 154} | options)


@dataclass(frozen=True)
class Tuned:
    """The encoder and the heads as they were in the epoch that validated best.

    `scores` is the mean validation accuracy over the heads, before tuning and after every epoch.
    """

    weights: Weights
    heads: Heads
    scores: tuple[float, ...]


def finetune(
    checkpoint: Checkpoint,
    heads: Heads,
    texts: Sequence[str],
    labels: Mapping[str, Labels],
    *,
    validation: Sequence[int],
    recipe: Recipe,
    progress: Callable[[int], object],
) -> Tuned:
    """Fine-tunes on all texts but those at `validation`, which choose the epoch; without any it is
    the last.

    labels: by head, int64 [texts], indices into the head's labels or `UNLABELLED`.
    `progress` is told the texts of each finished step. Same arguments, same machine: same weights.
    """
    torch.manual_seed(recipe.seed)
    network = _Network(checkpoint, heads, recipe)
    ids = _ids(checkpoint, texts, recipe.longest)
    held_out = set(validation)
    train = np.array([row for row in range(len(texts)) if row not in held_out])
    weights = {name: _class_weights(labels[name][train], heads, name, recipe) for name in labels}
    rng = np.random.default_rng(recipe.seed)

    def steps() -> list[list[int]]:
        return (
            _pairs(train, labels["intent"], recipe, rng)
            if recipe.contrast
            else _shuffled(train, ids, recipe, rng)
        )

    planned = [steps() for _ in range(recipe.epochs)]
    optimiser = network.optimiser()
    schedule = _warming_then_falling(optimiser, sum(map(len, planned)))
    scores = [network.accuracy(ids, labels, validation)]
    best, kept = scores[0], network.state()
    for epoch, batches_of_epoch in enumerate(planned):
        network.train()
        for batch in batches_of_epoch:
            loss = network.loss([ids[row] for row in batch], _picked(labels, batch), weights)
            optimiser.zero_grad()
            torch.autograd.backward(loss)
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            progress(len(batch))
        scores.append(network.accuracy(ids, labels, validation))
        if not held_out:
            continue
        if scores[-1] > best:
            best, kept = scores[-1], network.state()
        elif epoch + 1 - int(np.argmax(scores)) >= recipe.patience:
            break
    if held_out:
        network.load_state_dict(kept)
    return Tuned(network.weights(), network.heads(), tuple(scores))


def digest(weights: Weights) -> str:
    """Hexadecimal, different for different weights."""
    told = hashlib.sha256()
    for name in sorted(weights.arrays):
        told.update(name.encode() + np.ascontiguousarray(weights.arrays[name]).tobytes())
    return told.hexdigest()


class _Network(nn.Module):
    """transformers' BertModel with linear heads on the standardised features."""

    mean: torch.Tensor
    scale: torch.Tensor

    def __init__(self, checkpoint: Checkpoint, heads: Heads, recipe: Recipe) -> None:
        super().__init__()
        self._checkpoint = checkpoint
        self._heads = heads
        self._recipe = recipe
        bert = bert_model(checkpoint.weights)
        bert.embeddings.requires_grad_(False)
        if recipe.method == "lora":
            lora = LoraConfig(r=16, lora_alpha=32, target_modules=["query", "value", "dense"])
            bert = get_peft_model(bert, lora)  # type: ignore[assignment]
        self.bert: Any = bert
        self.register_buffer("mean", torch.from_numpy(heads.mean.copy()))
        self.register_buffer("scale", torch.from_numpy(heads.scale.copy()))
        self.linear = nn.ModuleDict({name: _linear(heads.by_name[name]) for name in HEADS})

    def features(self, rows: Sequence[Sequence[int]]) -> torch.Tensor:
        """Standardised features [texts, width], texts of like length computed together."""
        parts = batches([len(row) for row in rows], self._recipe.tokens)
        computed = torch.cat([self._padded([rows[i] for i in part]) for part in parts])
        order = torch.tensor([i for part in parts for i in part])
        return computed[torch.argsort(order)]

    def _padded(self, rows: Sequence[Sequence[int]]) -> torch.Tensor:
        width = max(map(len, rows))
        ids = torch.full((len(rows), width), self._checkpoint.padding)
        mask = torch.zeros_like(ids)
        for number, row in enumerate(rows):
            ids[number, : len(row)] = torch.tensor(row)
            mask[number, : len(row)] = 1
        states = self.bert(
            input_ids=ids, attention_mask=mask, output_hidden_states=True
        ).hidden_states
        layers = torch.cat([states[layer] for layer in self._checkpoint.feature_layers], -1)
        share = (mask / mask.sum(1, keepdim=True)).unsqueeze(1)
        return ((share @ layers).squeeze(1) - self.mean) / self.scale

    def loss(
        self,
        rows: Sequence[Sequence[int]],
        labels: Mapping[str, Labels],
        weights: Mapping[str, torch.Tensor | None],
    ) -> torch.Tensor:
        features = self.features(rows)
        losses = [
            nn.functional.cross_entropy(
                self.linear[name](features),
                torch.from_numpy(chosen),
                weights[name],
                ignore_index=UNLABELLED,
                label_smoothing=self._recipe.smoothing,
            )
            for name, chosen in labels.items()
            if (chosen != UNLABELLED).any()
        ]
        if self._recipe.contrast:
            intents = torch.from_numpy(labels["intent"])
            losses.append(self._recipe.contrast * contrast(features, intents))
        return torch.stack(losses).sum()

    @torch.no_grad()
    def accuracy(
        self,
        ids: Sequence[Sequence[int]],
        labels: Mapping[str, Labels],
        rows: Sequence[int],
    ) -> float:
        """Mean over the heads of the share of labelled rows that are right; 0 without rows."""
        if not rows:
            return 0.0
        self.eval()
        features = self.features([ids[row] for row in rows])
        right = []
        for name, truth in _picked(labels, rows).items():
            known = truth != UNLABELLED
            guessed = self.linear[name](features).argmax(1).numpy()
            right.append((guessed == truth)[known].mean() if known.any() else np.nan)
        return float(np.nanmean(right))

    def optimiser(self) -> torch.optim.Optimizer:
        recipe = self._recipe
        layers = self._checkpoint.weights.config.layers
        groups: list[dict[str, Any]] = [
            {
                "params": [tensor],
                "lr": recipe.learning_rate * recipe.layer_decay ** (layers - above),
            }
            for name, tensor in self.bert.named_parameters()
            if tensor.requires_grad
            for above in (int(name.split("layer.")[1].split(".")[0]) + 1,)
        ]
        heads = list(self.linear.parameters())
        return torch.optim.AdamW([*groups, {"params": heads, "lr": recipe.head_learning_rate}])

    def state(self) -> dict[str, Any]:
        return copy.deepcopy(self.state_dict())

    def weights(self) -> Weights:
        """The encoder's weights; the word embedding as it came."""
        bert = self.bert.merge_and_unload() if self._recipe.method == "lora" else self.bert
        tensors = {name: tensor.numpy() for name, tensor in bert.state_dict().items()}
        before = self._checkpoint.weights
        return from_tensors(before.config, tensors, before.words)

    def heads(self) -> Heads:
        return Heads(
            self._heads.mean,
            self._heads.scale,
            {name: self._head(name, linear) for name, linear in self.linear.items()},
        )

    def _head(self, name: str, linear: Any) -> Head:
        weight, bias = (p.detach().numpy().copy() for p in (linear.weight, linear.bias))
        return Head(self._heads.by_name[name].labels, weight, bias, 1.0)


def contrast(
    features: torch.Tensor, labels: torch.Tensor, temperature: float = 0.1
) -> torch.Tensor:
    """Supervised contrastive loss (Khosla et al. 2020): texts of a label attract each other, all
    others repel, by the cosine of their features [texts, width]. Labels [texts]; those that occur
    once, and `UNLABELLED` ones, attract nothing."""
    directions = nn.functional.normalize(features, dim=1)
    itself = torch.eye(len(labels), dtype=torch.bool)
    likeness = (directions @ directions.T / temperature).masked_fill(itself, -torch.inf)
    alike = (labels[:, None] == labels) & ~itself & (labels != UNLABELLED)
    log_shares = likeness - torch.logsumexp(likeness, dim=1, keepdim=True)
    partners = alike.sum(dim=1)
    attracted = partners > 0
    if not attracted.any():
        return features.sum() * 0.0
    sums = log_shares.masked_fill(~alike, 0.0).sum(dim=1)
    return -(sums[attracted] / partners[attracted]).mean()


def bert_model(weights: Weights) -> BertModel:
    """transformers' model with these weights, without a pooler."""
    config = weights.config
    described = BertConfig(
        vocab_size=config.vocabulary,
        hidden_size=config.hidden,
        num_hidden_layers=config.layers,
        num_attention_heads=config.heads,
        intermediate_size=config.feed_forward,
        max_position_embeddings=len(weights.arrays["emb.pos"]),
        type_vocab_size=len(weights.arrays["emb.type"]),
        layer_norm_eps=config.epsilon,
    )
    model = BertModel(described, add_pooling_layer=False)
    tensors = {name: torch.from_numpy(value.copy()) for name, value in to_tensors(weights).items()}
    model.load_state_dict(tensors, strict=True)
    return model


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


def _linear(head: Head) -> nn.Linear:
    linear = nn.Linear(head.weight.shape[1], head.weight.shape[0])
    with torch.no_grad():
        linear.weight.copy_(torch.from_numpy(head.weight / head.temperature))
        linear.bias.copy_(torch.from_numpy(head.bias / head.temperature))
    return linear


def _ids(checkpoint: Checkpoint, texts: Sequence[str], longest: int) -> list[list[int]]:
    prefix = checkpoint.prefixes["query"]
    encodings = checkpoint.tokenizer.encode_batch(
        [prefix + text for text in texts], add_special_tokens=False
    )
    return [
        [checkpoint.begin, *encoding.ids[: longest - 2], checkpoint.end] for encoding in encodings
    ]


def _shuffled(
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


def _pairs(
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


def _picked(labels: Mapping[str, Labels], rows: Sequence[int]) -> dict[str, Labels]:
    return {name: values[list(rows)] for name, values in labels.items()}


def _class_weights(labels: Labels, heads: Heads, name: str, recipe: Recipe) -> torch.Tensor | None:
    """Rare labels count more: the root of how much rarer than even they are."""
    if not recipe.class_weights:
        return None
    counts = np.bincount(labels[labels >= 0], minlength=len(heads.by_name[name].labels))
    even = counts.sum() / len(counts)
    weights: Floats = np.sqrt(even / np.maximum(counts, 1)).astype(np.float32)
    return torch.from_numpy(weights)
