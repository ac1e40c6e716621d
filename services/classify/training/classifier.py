"""A whole classifier from labelled messages: heads on a frozen encoder, or a fine-tuned one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import train_test_split
from tqdm import tqdm

from services.classify.artifact import EncoderReference
from services.classify.domain.heads import HEADS, Floats, Head, Heads
from services.classify.domain.scope import OutOfScope
from services.classify.training import fitting, report
from services.classify.training import scope as scopes
from services.classify.training.data import Example
from shared.encoder.build import ensure_encoder
from shared.encoder.checkpoint import Checkpoint
from shared.encoder.encoder import Encoder
from shared.modelstore import ModelStore
from shared.text import squeeze

_CHUNK = 64
_VALIDATION = 0.15
_UNSEEN = "out_of_fold"


@dataclass(frozen=True)
class Settings:
    """`false_alarms` is the share of in-scope messages that may be taken for out of scope.

    `threads` compute one encoder pass, or as many fits; `keep_weights` lets torch serve the
    encoder.
    """

    seed: int = 0
    threads: int = 1
    false_alarms: float = 0.05
    keep_weights: bool = False


@dataclass(frozen=True)
class Trained:
    """A classifier, and how it did on texts it had not seen: figures by head and language."""

    heads: Heads
    scope: OutOfScope
    encoder: EncoderReference
    figures: dict[str, dict[str, report.Figures]]
    chosen: dict[str, Any]


class Workshop:
    """Where encoders are stored and run. `cache` is a folder for what is fetched."""

    def __init__(self, store: ModelStore, cache: Path, settings: Settings) -> None:
        self._store = store
        self._cache = cache
        self.settings = settings

    def encoder(self, checkpoint: Checkpoint) -> Encoder:
        """The checkpoint as it will be served."""
        name, version = ensure_encoder(self._store, checkpoint, self.settings.keep_weights)
        return self.stored(EncoderReference(name, version))

    def stored(self, encoder: EncoderReference) -> Encoder:
        """One that the store has."""
        folder = self._store.fetch(encoder.name, encoder.version, self._cache)
        return Encoder.load(folder, self.settings.threads)

    def features(self, encoder: Encoder, examples: Sequence[Example]) -> Floats:
        """float32 [examples, width]."""
        features = np.empty((len(examples), encoder.width), np.float32)
        with tqdm(total=len(examples), desc="encode", unit="text") as bar:
            for start in range(0, len(examples), _CHUNK):
                texts = [squeeze(e.text).text for e in examples[start : start + _CHUNK]]
                features[start : start + len(texts)] = encoder.read(texts).features
                bar.update(len(texts))
        return features


def train_heads(
    examples: Sequence[Example],
    checkpoint: Checkpoint,
    shop: Workshop,
    described: Sequence[Example] = (),
) -> Trained:
    """Heads on the encoder as it is. `described` are further messages, learned from but not
    judged: names and examples of the intents."""
    settings = shop.settings
    encoder = shop.encoder(checkpoint)
    features = shop.features(encoder, examples)
    mean, scale = _moments(features)
    standard = (features - mean) / scale
    further = (shop.features(encoder, described) - mean) / scale
    fitted = _fit(standard, examples, further, described, settings)
    heads = Heads(mean, scale, {name: found.head for name, found in fitted.items()})
    scope, distances = _scope(features, examples, settings)
    figures = {
        name: report.by_language(
            found.unseen,
            [e.labels[name] for e in examples if name in e.labels],
            found.head.labels,
            [e.language for e in examples if name in e.labels],
        )
        for name, found in fitted.items()
    }
    chosen: dict[str, Any] = {
        name: {
            "C": found.strength,
            "layers": "last" if found.beginning else "all",
            "temperature": found.head.temperature,
        }
        for name, found in fitted.items()
    }
    chosen["out_of_scope"] = _scope_figures(distances, examples, settings)
    reference = EncoderReference(encoder.name, encoder.version)
    return Trained(heads, scope, reference, figures, chosen)


def train_encoder(
    examples: Sequence[Example],
    checkpoint: Checkpoint,
    shop: Workshop,
    described: Sequence[Example] = (),
    options: Mapping[str, Any] = MappingProxyType({}),
) -> Trained:
    """Heads and encoder together; `options` are those of the `Recipe`. Needs torch.

    A part of the texts is held back: it chooses the epoch, calibrates and judges.
    """
    # Here, so that fitting heads needs no torch.
    from services.classify.training import finetune  # noqa: PLC0415

    settings = shop.settings
    start = train_heads(examples, checkpoint, shop, described)
    intents = [example.labels.get("intent", "") for example in examples]
    rows = np.arange(len(examples))
    learning, held_out = _split(rows, intents, settings.seed)
    recipe = finetune.Recipe(seed=settings.seed, **options)
    labels = {name: _indices(examples, name, start.heads.by_name[name].labels) for name in HEADS}
    with tqdm(total=len(learning) * recipe.epochs, desc="fine-tune", unit="text") as bar:
        tuned = finetune.finetune(
            checkpoint,
            start.heads,
            [squeeze(example.text).text for example in examples],
            labels,
            validation=held_out.tolist(),
            recipe=recipe,
            progress=bar.update,
        )
    adapted = replace(
        checkpoint,
        base=f"{checkpoint.base}-tuned",
        source=finetune.digest(tuned.weights),
        weights=tuned.weights,
    )
    encoder = shop.encoder(adapted)
    features = shop.features(encoder, examples)
    standard = (features - tuned.heads.mean) / tuned.heads.scale
    by_name: dict[str, Head] = {}
    figures: dict[str, dict[str, report.Figures]] = {}
    for name, head in tuned.heads.by_name.items():
        judged = held_out[labels[name][held_out] >= 0]
        truth = labels[name][judged]
        logits = (standard[judged] @ head.weight.T + head.bias).astype(np.float32)
        by_name[name] = replace(head, temperature=fitting.temperature_of(logits, truth))
        figures[name] = report.by_language(
            by_name[name].probabilities(standard[judged]),
            [head.labels[index] for index in truth],
            head.labels,
            [examples[row].language for row in judged],
        )
    heads = replace(tuned.heads, by_name=by_name)
    scope = scopes.fit_scope_held_out(
        features, intents, held_out, false_alarms=settings.false_alarms
    )
    chosen = {"recipe": vars(recipe), "validation": list(tuned.scores)}
    reference = EncoderReference(encoder.name, encoder.version)
    return Trained(heads, scope, reference, figures, chosen)


def _moments(features: Floats) -> tuple[Floats, Floats]:
    mean: Floats = features.mean(axis=0)
    scale: Floats = np.maximum(features.std(axis=0), np.float32(1e-6))
    return mean, scale


def _fit(
    features: Floats,
    examples: Sequence[Example],
    further: Floats,
    described: Sequence[Example],
    settings: Settings,
) -> dict[str, fitting.Fitted]:
    rows, labels = _labelled(examples)
    more_rows, more_labels = _labelled(described)
    with tqdm(total=sum(map(fitting.fits_of, labels.values())), desc="fit", unit="fit") as bar:
        return {
            head: fitting.fit_head(
                features[rows[head]],
                labels[head],
                settings.seed,
                further=(further[more_rows[head]], more_labels[head]),
                threads=settings.threads,
                progress=bar.update,
            )
            for head in HEADS
        }


def _labelled(examples: Sequence[Example]) -> tuple[dict[str, list[int]], dict[str, list[str]]]:
    """By head, the rows that are labelled for it, and their labels."""
    rows = {head: [i for i, e in enumerate(examples) if head in e.labels] for head in HEADS}
    labels = {head: [examples[i].labels[head] for i in rows[head]] for head in HEADS}
    return rows, labels


def _scope(
    features: Floats, examples: Sequence[Example], settings: Settings
) -> tuple[OutOfScope, Floats]:
    rows = [row for row, example in enumerate(examples) if "intent" in example.labels]
    intents = [examples[row].labels["intent"] for row in rows]
    with tqdm(total=scopes.fits_of(intents), desc="scope", unit="fit") as bar:
        return scopes.fit_scope(
            features[rows],
            intents,
            false_alarms=settings.false_alarms,
            seed=settings.seed,
            threads=settings.threads,
            progress=bar.update,
        )


def _scope_figures(
    distances: Floats, examples: Sequence[Example], settings: Settings
) -> dict[str, float]:
    intents = [e.labels["intent"] for e in examples if "intent" in e.labels]
    outside = np.isin(intents, scopes.OUTSIDE)
    return {"false_alarms": settings.false_alarms, **report.separation(distances, outside)}


def _split(
    rows: NDArray[np.intp], intents: Sequence[str], seed: int
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows to learn from and rows held out, as alike in their labels as can be."""
    counts = {intent: intents.count(intent) for intent in set(intents)}
    groups = [intent if counts[intent] >= 2 else "" for intent in intents]
    size = max(round(_VALIDATION * len(rows)), len(set(groups)))
    learning, held_out = train_test_split(rows, test_size=size, random_state=seed, stratify=groups)
    return np.sort(learning), np.sort(held_out)


def _indices(examples: Sequence[Example], head: str, labels: Sequence[str]) -> NDArray[np.int64]:
    places = {label: index for index, label in enumerate(labels)}
    return np.array([places.get(e.labels.get(head, ""), -100) for e in examples], np.int64)
