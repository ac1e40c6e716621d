"""The encoder with its heads as torch trains them, and what is taken back of it."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from peft import LoraConfig, get_peft_model
from torch import nn
from transformers import BertConfig, BertModel

from services.classify.domain.heads import Floats, Head, Heads
from services.classify.training.recipe import Recipe
from shared.encoder.batching import batches
from shared.encoder.checkpoint import Checkpoint
from shared.encoder.huggingface import config_of, from_tensors, to_tensors
from shared.encoder.weights import Weights

UNLABELLED = -100
_LORA_RATE = 10.0
"""The low-rank changes learn best this much faster than the weights themselves would (Schulman et
al. 2025, LoRA without regret)."""
Labels = NDArray[np.int64]


class Network(nn.Module):
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
        bert = _bert(checkpoint)
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
        """Of the rows, all texts of a step in one view after another, and their labels."""
        features = self.features(rows)
        losses = []
        for name, chosen in labels.items():
            if not (chosen != UNLABELLED).any():
                continue
            logits = self.linear[name](features)
            truth = torch.from_numpy(chosen).to(self._device)
            losses.append(
                nn.functional.cross_entropy(
                    logits,
                    truth,
                    weights[name],
                    ignore_index=UNLABELLED,
                    label_smoothing=self._recipe.smoothing,
                )
            )
            if self._recipe.agreement and self._recipe.views > 1:
                views = logits.unflatten(0, (self._recipe.views, -1))
                losses.append(self._recipe.agreement * disagreement(views))
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


def disagreement(views: torch.Tensor) -> torch.Tensor:
    """How far what is said of a text in its views differs: the Kullback-Leibler divergence from one
    view to another, mean over the texts and over all ordered pairs of views (R-Drop: Liang et al.
    2021). Logits [views, texts, labels]."""
    said = nn.functional.log_softmax(views, dim=-1)
    surprise = (said.exp()[:, None] * (said[:, None] - said[None])).sum(-1)
    return surprise.mean(-1).sum() / (len(views) * (len(views) - 1))


def _bert(checkpoint: Checkpoint) -> BertModel:
    """transformers' model with the checkpoint's weights, without a pooler."""
    model = BertModel(BertConfig.from_dict(config_of(checkpoint)), add_pooling_layer=False)
    tensors = to_tensors(checkpoint.weights)
    model.load_state_dict(
        {name: torch.from_numpy(value.copy()) for name, value in tensors.items()}, strict=True
    )
    return model


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


def picked(labels: Mapping[str, Labels], rows: Sequence[int]) -> dict[str, Labels]:
    return {name: values[list(rows)] for name, values in labels.items()}
