"""A whole classifier from labelled messages: heads on the encoder as it is."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from tqdm import tqdm

from services.classify.artifact import EncoderReference
from services.classify.domain.heads import HEADS, Floats, Heads
from services.classify.domain.scope import OutOfScope
from services.classify.training import fitting, memo, report
from services.classify.training import scope as scopes
from services.classify.training.data import Example
from services.classify.training.inputs import Inputs, terms_of
from shared.encoder.build import ensure_encoder
from shared.encoder.checkpoint import Checkpoint
from shared.encoder.encoder import Encoder
from shared.modelstore import ModelStore
from shared.text import squeeze

_CHUNK = 64


@dataclass(frozen=True)
class Settings:
    """`false_alarms` is the share of in-scope messages that may be taken for out of scope.

    `threads` encode a batch each, or make a fit each; `keep_weights` lets torch serve the
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

    def remembered_features(self, encoder: Encoder, examples: Sequence[Example]) -> Floats:
        """The same, for a list that trainings to come will read again."""
        key = memo.key_of(
            [example.text for example in examples],
            encoder.version,
            onnxruntime.__version__,
        )
        return memo.remembered(
            self._cache / ".features", key, lambda: self.features(encoder, examples)
        )

    def features(self, encoder: Encoder, examples: Sequence[Example]) -> Floats:
        """float32 [examples, width]."""
        features = np.empty((len(examples), encoder.width), np.float32)
        with tqdm(total=len(examples), desc="encode", unit="text") as bar:
            for start in range(0, len(examples), _CHUNK):
                texts = texts_of(examples[start : start + _CHUNK])
                features[start : start + len(texts)] = encoder.read(texts).features
                bar.update(len(texts))
        return features


def texts_of(examples: Sequence[Example]) -> list[str]:
    """The texts as the model reads them."""
    return [squeeze(example.text).text for example in examples]


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
    features = shop.remembered_features(encoder, examples)
    mean, scale = moments(features)
    lexicon, terms = terms_of(texts_of([*examples, *described]))
    fitted = fit_heads(
        Inputs((features - mean) / scale, terms[: len(examples)]),
        examples,
        settings,
        further=Inputs((shop.features(encoder, described) - mean) / scale, terms[len(examples) :]),
        described=described,
    )
    heads = Heads(mean, scale, {name: found.head for name, found in fitted.items()}, lexicon)
    scope, distances = _scope(features, examples, settings)
    figures = figures_of(fitted, examples)
    chosen: dict[str, Any] = {
        name: {
            "C": found.strength,
            "layers": "last" if found.beginning else "all",
            "temperature": found.blend.temperature,
            "words": found.blend.share,
        }
        for name, found in fitted.items()
    }
    chosen["out_of_scope"] = _scope_figures(distances, examples, settings)
    reference = EncoderReference(encoder.name, encoder.version)
    return Trained(heads, scope, reference, figures, chosen)


def figures_of(
    fitted: Mapping[str, fitting.Fitted], examples: Sequence[Example]
) -> dict[str, dict[str, report.Figures]]:
    """How each head did on its examples while it had not seen them."""
    return {
        name: report.by_language(
            found.unseen,
            [e.labels[name] for e in examples if name in e.labels],
            found.head.labels,
            [e.language for e in examples if name in e.labels],
        )
        for name, found in fitted.items()
    }


def moments(features: Floats) -> tuple[Floats, Floats]:
    """Mean and scale, which is never nothing, of every feature: float32 [width] each."""
    mean: Floats = features.mean(axis=0)
    scale: Floats = np.maximum(features.std(axis=0), np.float32(1e-6))
    return mean, scale


def fit_heads(
    inputs: Inputs,
    examples: Sequence[Example],
    settings: Settings,
    *,
    further: Inputs,
    described: Sequence[Example],
    names: Container[str] = HEADS,
) -> dict[str, fitting.Fitted]:
    """A head of each of the names that occurs among the examples' labels; `further` are the inputs
    of the `described`."""
    rows, labels = _labelled(examples)
    labels = {head: found for head, found in labels.items() if head in names and found}
    more_rows, more_labels = _labelled(described)
    with tqdm(total=sum(map(fitting.fits_of, labels.values())), desc="fit", unit="fit") as bar:
        return {
            head: fitting.fit_head(
                inputs.at(rows[head]),
                labels[head],
                settings.seed,
                further=(further.at(more_rows[head]), more_labels[head]),
                threads=settings.threads,
                progress=bar.update,
            )
            for head in labels
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
