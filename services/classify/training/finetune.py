"""Fine-tuning an encoder; needs torch, transformers and peft (extra `finetune`).

Heads that were fitted on the frozen encoder are where it starts from (linear probing, then
fine-tuning: Kumar et al. 2022), so that the first steps do not tear good features apart. The word
embedding stays frozen: few words of a language occur in the data, the others must not fall behind.
In the end the weights go a part of the way only from where they were to where the tuning led
(Wortsman et al. 2022): what was learned is kept, and less of what was known before is lost.
"""

import copy
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from peft import LoraConfig, get_peft_model
from torch import nn
from transformers import BertConfig, BertModel

from services.classify.domain.heads import Floats, Head, Heads
from shared.encoder.batching import batches
from shared.encoder.checkpoint import Checkpoint
from shared.encoder.huggingface import from_tensors, to_tensors
from shared.encoder.weights import Weights

UNLABELLED = -100
_LORA_RATE = 10.0
"""The low-rank changes learn best this much faster than the weights themselves would (Schulman et
al. 2025, LoRA without regret)."""
_POOL = 8  # steps that share texts of all lengths
Labels = NDArray[np.int64]


@dataclass(frozen=True)
class Recipe:
    """How to fine-tune. `epochs` is the most; `patience` epochs without gain end it sooner.

    Each layer learns by `layer_decay` slower than the one above it. `smoothing` is the share of
    certainty that the heads must not claim. `contrast` weighs the contrastive loss on the intents
    against the heads' own; with it a step sees two texts of every label it sees. `texts` are those
    of a step, `tokens` the padded tokens that are computed at once; `longest` tokens of a text are
    read, at most. A token is left out with the chance `dropped`, each time the text is seen, so
    that no single word decides. `way` is how far the weights go to where the tuning led.
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
    dropped: float = 0.0
    way: float = 0.8
    class_weights: bool = True
    seed: int = 0

    @classmethod
    def for_few(cls, **options: Any) -> "Recipe":
        """For so few texts a label that likeness teaches more than boundaries."""
        few = {"epochs": 14, "learning_rate": 2e-4, "contrast": 1.0, "texts": 154, "dropped": 0.15}
        return cls(**few | options)


@dataclass(frozen=True)
class Tuned:
    """The encoder and its heads after the epoch that validated best.

    The heads are for standardised features of the encoder as it is now. `scores` is the mean
    validation accuracy over the heads, before tuning and after every epoch.
    """

    weights: Weights
    heads: Mapping[str, Head]
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

    heads: where it starts from, by name as in labels; only the last layer's part is used.
    labels: by head, int64 [texts], indices into the head's labels or `UNLABELLED`.
    `progress` is told the texts of each finished step. Same arguments, same machine: same weights.
    """
    torch.manual_seed(recipe.seed)
    network = _Network(checkpoint, heads, recipe)
    ids = _ids(checkpoint, texts, recipe.longest)
    held_out = set(validation)
    train = np.array([row for row in range(len(texts)) if row not in held_out])
    class_weights = {
        name: network.class_weights(name, chosen[train]) for name, chosen in labels.items()
    }
    prefix = 1 + len(
        checkpoint.tokenizer.encode(checkpoint.prefixes["query"], add_special_tokens=False).ids
    )
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
            seen = [_without(ids[row], prefix, recipe.dropped, rng) for row in batch]
            loss = network.loss(seen, _picked(labels, batch), class_weights)
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
    weights = between(checkpoint.weights, network.weights(), recipe.way)
    return Tuned(weights, network.heads(), tuple(scores))


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


class _Network(nn.Module):
    """transformers' BertModel with linear heads on the standardised means of its last layer.

    It computes on CUDA where there is one, and in bfloat16 where the processor has it; weights,
    losses and steps are in full precision.
    """

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
        last = self._last = slice(-checkpoint.weights.config.hidden, None)
        self.register_buffer("mean", torch.from_numpy(heads.mean[last].copy()))
        self.register_buffer("scale", torch.from_numpy(heads.scale[last].copy()))
        self.linear = nn.ModuleDict(
            {
                name: _linear(head.weight[:, last] / head.temperature, head.bias / head.temperature)
                for name, head in heads.by_name.items()
            }
        )
        self._device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.to(self._device)

    def features(self, rows: Sequence[Sequence[int]]) -> torch.Tensor:
        """Standardised features [texts, width], texts of like length computed together."""
        parts = batches([len(row) for row in rows], self._recipe.tokens)
        # Around all of them, for it converts the weights once.
        with torch.autocast(self._device.type, torch.bfloat16, enabled=_has_bfloat16(self._device)):
            means = torch.cat([self._means([rows[i] for i in part]) for part in parts])
        order = torch.tensor([i for part in parts for i in part])
        standardised: torch.Tensor = (means - self.mean) / self.scale
        return standardised[torch.argsort(order).to(self._device)]

    def _means(self, rows: Sequence[Sequence[int]]) -> torch.Tensor:
        """The mean over the tokens of each text [texts, hidden], padded to one length."""
        width = max(map(len, rows))
        ids = torch.full((len(rows), width), self._checkpoint.padding)
        mask = torch.zeros_like(ids)
        for number, row in enumerate(rows):
            ids[number, : len(row)] = torch.tensor(row)
            mask[number, : len(row)] = 1
        ids, mask = ids.to(self._device), mask.to(self._device).unsqueeze(-1)
        states = self.bert(input_ids=ids, attention_mask=mask.squeeze(-1)).last_hidden_state.float()
        means: torch.Tensor = (states * mask).sum(1) / mask.sum(1)
        return means

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
                torch.from_numpy(chosen).to(self._device),
                weights[name],
                ignore_index=UNLABELLED,
                label_smoothing=self._recipe.smoothing,
            )
            for name, chosen in labels.items()
            if (chosen != UNLABELLED).any()
        ]
        if self._recipe.contrast:
            intents = torch.from_numpy(labels["intent"]).to(self._device)
            losses.append(self._recipe.contrast * contrast(features, intents))
        return torch.stack(losses).sum()

    def class_weights(self, name: str, labels: Labels) -> torch.Tensor | None:
        """Rare labels count more: the root of how much rarer than even they are."""
        if not self._recipe.class_weights:
            return None
        count = len(self._heads.by_name[name].labels)
        counts = np.bincount(labels[labels >= 0], minlength=count)
        even = counts.sum() / len(counts)
        weights: Floats = np.sqrt(even / np.maximum(counts, 1)).astype(np.float32)
        return torch.from_numpy(weights).to(self._device)

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
            guessed = self.linear[name](features).argmax(1).cpu().numpy()
            right.append((guessed == truth)[known].mean() if known.any() else np.nan)
        return float(np.nanmean(right))

    def optimiser(self) -> torch.optim.Optimizer:
        recipe = self._recipe
        rate = recipe.learning_rate * (_LORA_RATE if recipe.method == "lora" else 1.0)
        layers = self._checkpoint.weights.config.layers
        of_layer: list[list[nn.Parameter]] = [[] for _ in range(layers)]
        for name, tensor in self.bert.named_parameters():
            if tensor.requires_grad:
                of_layer[int(name.split("layer.")[1].split(".")[0])].append(tensor)
        groups: list[dict[str, Any]] = [
            {"params": tensors, "lr": rate * recipe.layer_decay ** (layers - 1 - layer)}
            for layer, tensors in enumerate(of_layer)
        ]
        heads = list(self.linear.parameters())
        return torch.optim.AdamW([*groups, {"params": heads, "lr": recipe.head_learning_rate}])

    def state(self) -> dict[str, Any]:
        return copy.deepcopy(self.state_dict())

    def weights(self) -> Weights:
        """The encoder's weights; the word embedding as it came."""
        bert = self.bert.merge_and_unload() if self._recipe.method == "lora" else self.bert
        tensors = {name: tensor.cpu().numpy() for name, tensor in bert.state_dict().items()}
        before = self._checkpoint.weights
        return from_tensors(before.config, tensors, before.words)

    def heads(self) -> dict[str, Head]:
        """Not calibrated; of all features they read the last layer's."""
        return {name: self._head(name, linear) for name, linear in self.linear.items()}

    def _head(self, name: str, linear: Any) -> Head:
        before = self._heads.by_name[name]
        weight = np.zeros_like(before.weight)
        weight[:, self._last] = linear.weight.detach().cpu().numpy()
        return Head(before.labels, weight, linear.bias.detach().cpu().numpy().copy(), 1.0)


def contrast(
    features: torch.Tensor, labels: torch.Tensor, temperature: float = 0.1
) -> torch.Tensor:
    """Supervised contrastive loss (Khosla et al. 2020): texts of a label attract each other, all
    others repel, by the cosine of their features [texts, width]. Labels [texts]; those that occur
    once, and `UNLABELLED` ones, attract nothing."""
    directions = nn.functional.normalize(features, dim=1)
    itself = torch.eye(len(labels), dtype=torch.bool, device=labels.device)
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


def _has_bfloat16(device: torch.device) -> bool:
    """Whether the hardware multiplies in it; elsewhere it would be slower than full precision."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    able = torch.cpu.get_capabilities()
    return bool(able.get("avx512_bf16") or able.get("amx_bf16"))


def _linear(weight: Floats, bias: Floats) -> nn.Linear:
    linear = nn.Linear(weight.shape[1], weight.shape[0])
    with torch.no_grad():
        linear.weight.copy_(torch.from_numpy(weight))
        linear.bias.copy_(torch.from_numpy(bias))
    return linear


def _ids(checkpoint: Checkpoint, texts: Sequence[str], longest: int) -> list[list[int]]:
    prefix = checkpoint.prefixes["query"]
    encodings = checkpoint.tokenizer.encode_batch(
        [prefix + text for text in texts], add_special_tokens=False
    )
    return [
        [checkpoint.begin, *encoding.ids[: longest - 2], checkpoint.end] for encoding in encodings
    ]


def _without(
    ids: Sequence[int], prefix: int, dropped: float, rng: np.random.Generator
) -> Sequence[int]:
    """The text without some of its tokens; those of the prefix and the last stay."""
    if not dropped:
        return ids
    kept = rng.random(len(ids)) >= dropped
    kept[:prefix], kept[-1] = True, True
    return [token for token, stays in zip(ids, kept.tolist(), strict=True) if stays]


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
