"""A classifier with an encoder of its own: fine-tuned on the messages it is to read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import train_test_split
from tqdm import tqdm

from services.classify.artifact import EncoderReference
from services.classify.domain.heads import HEADS, Floats, Head, Heads
from services.classify.training import finetune, fitting, report
from services.classify.training import scope as scopes
from services.classify.training.classifier import (
    Trained,
    Workshop,
    figures_of,
    fit_heads,
    train_heads,
)
from services.classify.training.data import Example
from shared.encoder.checkpoint import Checkpoint
from shared.encoder.encoder import Encoder
from shared.text import squeeze

Rows = NDArray[np.intp]

_VALIDATION = 0.1
_FEW = 30
"""Texts a label, on average, below which none can be spared in the end."""


def train_encoder(
    examples: Sequence[Example],
    checkpoint: Checkpoint,
    shop: Workshop,
    described: Sequence[Example] = (),
    options: Mapping[str, Any] = MappingProxyType({}),
) -> Trained:
    """Heads and encoder together; `options` are those of the `Recipe`.

    A part of the texts is held back: it chooses the epoch, calibrates and judges. Of few texts none
    can be spared: then the encoder is tuned once more, on all of them. Texts without an intent only
    teach the other heads, when the encoder is done.
    """
    start = train_heads(examples, checkpoint, shop, described)
    given = [example for example in examples if "intent" in example.labels]
    others = [example for example in examples if "intent" not in example.labels]
    intents = [example.labels["intent"] for example in given]
    few = len(given) < _FEW * len(set(intents))
    recipe = (finetune.Recipe.for_few if few else finetune.Recipe)(
        seed=shop.settings.seed, **options
    )
    course = _Course(checkpoint, shop, start.heads, given, described)
    held_out = _held_out(intents, shop.settings.seed)
    tuned = course.run(held_out, recipe)
    scores = tuned.scores
    heads, figures = _calibrated(tuned, given, held_out)
    scope, weight = scopes.fit_scope_held_out(
        tuned.features, intents, held_out, false_alarms=shop.settings.false_alarms
    )
    if few:
        epochs = max(1, int(np.argmax(scores)))
        tuned = course.run(np.array([], np.intp), replace(recipe, epochs=epochs))
        heads = {
            name: replace(head, temperature=heads[name].temperature)
            for name, head in tuned.heads.by_name.items()
            if name in heads
        }
        scope = scopes.on_all(scope, weight, tuned.features, intents)
    if others:
        features = tuned.standardised(shop.features(tuned.encoder, others))
        none = np.empty((0, features.shape[1]), np.float32)
        fitted = fit_heads(features, others, shop.settings, further=none, described=())
        heads |= {name: found.head for name, found in fitted.items()}
        figures |= figures_of(fitted, others)
    chosen = {"recipe": vars(recipe), "validation": list(scores), "few": few}
    return Trained(
        replace(tuned.heads, by_name={name: heads[name] for name in HEADS}),
        scope,
        EncoderReference(tuned.encoder.name, tuned.encoder.version),
        {name: figures[name] for name in HEADS},
        chosen,
    )


@dataclass(frozen=True)
class _Tuned:
    """A tuned encoder as it will be served, the heads tuned with it, the validation scores, and raw
    features of the given texts [texts, width]."""

    encoder: Encoder
    heads: Heads
    scores: Sequence[float]
    features: Floats

    def standardised(self, features: Floats) -> Floats:
        return (features - self.heads.mean) / self.heads.scale


class _Course:
    """Tunes the checkpoint on the given texts and the described ones, again and again alike."""

    def __init__(
        self,
        checkpoint: Checkpoint,
        shop: Workshop,
        start: Heads,
        given: Sequence[Example],
        described: Sequence[Example],
    ) -> None:
        self._checkpoint = checkpoint
        self._shop = shop
        self._start = start
        self._given = given
        self._lessons = [*given, *described]
        self._labels = {
            name: _indices(self._lessons, name, start.by_name[name].labels) for name in HEADS
        }

    def run(self, held_out: Rows, recipe: finetune.Recipe) -> _Tuned:
        steps = (len(self._lessons) - len(held_out)) * recipe.epochs
        with tqdm(total=steps, desc="fine-tune", unit="text") as bar:
            tuned = finetune.finetune(
                self._checkpoint,
                self._start,
                [squeeze(example.text).text for example in self._lessons],
                self._labels,
                validation=held_out.tolist(),
                recipe=recipe,
                progress=bar.update,
            )
        adapted = replace(
            self._checkpoint,
            base=f"{self._checkpoint.base}-tuned",
            source=finetune.digest(tuned.weights),
            weights=tuned.weights,
        )
        encoder = self._shop.encoder(adapted)
        features = self._shop.features(encoder, self._given)
        return _Tuned(encoder, tuned.heads, tuned.scores, features)


def _calibrated(
    tuned: _Tuned, given: Sequence[Example], held_out: Rows
) -> tuple[dict[str, Head], dict[str, dict[str, report.Figures]]]:
    """The heads that the given texts are labelled for, and how they do on those held out."""
    heads: dict[str, Head] = {}
    figures: dict[str, dict[str, report.Figures]] = {}
    standard = tuned.standardised(tuned.features)
    for name, head in tuned.heads.by_name.items():
        labels = _indices(given, name, head.labels)
        judged = held_out[labels[held_out] >= 0]
        if not len(judged):
            continue
        logits = (standard[judged] @ head.weight.T + head.bias).astype(np.float32)
        temperature = fitting.temperature_of(logits, labels[judged])
        heads[name] = replace(head, temperature=temperature)
        figures[name] = report.by_language(
            heads[name].probabilities(standard[judged]),
            [head.labels[index] for index in labels[judged]],
            head.labels,
            [given[row].language for row in judged],
        )
    return heads, figures


def _held_out(intents: Sequence[str], seed: int) -> Rows:
    """Rows to judge by, with every intent among them as often as among all; an intent needs two."""
    size = max(round(_VALIDATION * len(intents)), len(set(intents)))
    rows = np.arange(len(intents))
    _, held_out = train_test_split(rows, test_size=size, random_state=seed, stratify=intents)
    return np.sort(held_out)


def _indices(examples: Sequence[Example], head: str, labels: Sequence[str]) -> NDArray[np.int64]:
    places = {label: index for index, label in enumerate(labels)}
    unlabelled = finetune.UNLABELLED
    return np.array([places.get(e.labels.get(head, ""), unlabelled) for e in examples], np.int64)
