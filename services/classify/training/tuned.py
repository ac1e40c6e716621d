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
    Settings,
    Trained,
    Workshop,
    figures_of,
    fit_heads,
    moments,
)
from services.classify.training.data import Example
from shared.encoder.checkpoint import Checkpoint
from shared.encoder.encoder import Encoder
from shared.text import squeeze

Rows = NDArray[np.intp]

_VALIDATION = 0.1
_FEW = 30
"""Texts a label, on average, below which none can be spared in the end."""
_STRENGTH = 0.03
"""C of the heads that the tuning starts from."""


def train_encoder(
    examples: Sequence[Example],
    checkpoint: Checkpoint,
    shop: Workshop,
    described: Sequence[Example] = (),
    options: Mapping[str, Any] = MappingProxyType({}),
) -> Trained:
    """The encoder is tuned, then heads are fitted on it; `options` are those of the `Recipe`.

    A part of the texts is held back: it chooses the epoch, calibrates and judges. Of few texts none
    can be spared: then a second encoder is tuned on all of them, and what was learned of the first
    is believed of it. Texts without an intent only teach the other heads, when the encoder is done.
    """
    lessons = _Lessons(
        [example for example in examples if "intent" in example.labels],
        [example for example in examples if "intent" not in example.labels],
        described,
    )
    few = len(lessons.given) < _FEW * len(set(lessons.intents))
    recipe = (finetune.Recipe.for_few if few else finetune.Recipe)(
        seed=shop.settings.seed, **options
    )
    every = np.arange(len(lessons.given))
    held_out = _held_out(lessons.intents, shop.settings.seed)
    learned = np.setdiff1d(every, held_out)
    course = _Course(checkpoint, shop, lessons, recipe)
    tuned = course.run(learned) if few else course.run(learned, held_out)
    fitted = _fitted(tuned, lessons, shop.settings)
    verdicts = {
        name: _verdict(name, found, tuned, lessons, held_out) for name, found in fitted.items()
    }
    scope, weight = scopes.fit_scope_held_out(
        tuned.features[every], lessons.intents, held_out, false_alarms=shop.settings.false_alarms
    )
    served = tuned
    if few:
        served = course.run(every)
        fitted = _fitted(served, lessons, shop.settings)
        scope = scopes.on_all(scope, weight, served.features[every], lessons.intents)
    heads = {
        name: replace(fitted[name].head, temperature=verdict.temperature)
        for name, verdict in verdicts.items()
    }
    return Trained(
        Heads(served.mean, served.scale, heads),
        scope,
        EncoderReference(served.encoder.name, served.encoder.version),
        {name: verdict.figures for name, verdict in verdicts.items()},
        {"recipe": vars(recipe), "validation": list(tuned.scores), "few": few},
    )


@dataclass(frozen=True)
class _Lessons:
    """What is learned from: messages with an intent, messages with none, names and examples of
    intents."""

    given: Sequence[Example]
    others: Sequence[Example]
    described: Sequence[Example]

    @property
    def intents(self) -> list[str]:
        return [example.labels["intent"] for example in self.given]

    @property
    def every(self) -> list[Example]:
        return [*self.given, *self.others, *self.described]


@dataclass(frozen=True)
class _Tuned:
    """An encoder as it will be served, its validation scores, raw features of every lesson [texts,
    width], and the mean and scale of the given messages'."""

    encoder: Encoder
    scores: Sequence[float]
    features: Floats
    mean: Floats
    scale: Floats

    @property
    def standardised(self) -> Floats:
        return (self.features - self.mean) / self.scale


class _Course:
    """Tunes the checkpoint on given messages and the described ones, again and again alike."""

    def __init__(
        self, checkpoint: Checkpoint, shop: Workshop, lessons: _Lessons, recipe: finetune.Recipe
    ) -> None:
        self._checkpoint = checkpoint
        self._shop = shop
        self._lessons = lessons
        self._recipe = recipe
        features = shop.features(shop.encoder(checkpoint), [*lessons.given, *lessons.described])
        self._last = features[:, -checkpoint.weights.config.hidden :]

    def run(self, learned: Rows, validation: Rows | None = None) -> _Tuned:
        """On the given messages at `learned`; those at `validation` choose the epoch."""
        judging = np.arange(0) if validation is None else validation
        given = self._lessons.given
        described = np.arange(len(given), len(self._last))
        rows = np.concatenate([learned, described, judging])
        every = [*given, *self._lessons.described]
        used = [every[row] for row in rows]
        start, labels = _start(used, self._last[rows])
        taught = len(rows) - len(judging)
        with tqdm(total=taught * self._recipe.epochs, desc="fine-tune", unit="text") as bar:
            tuned = finetune.finetune(
                self._checkpoint,
                start,
                [squeeze(example.text).text for example in used],
                labels,
                validation=range(taught, len(rows)),
                recipe=self._recipe,
                progress=bar.update,
            )
        adapted = replace(
            self._checkpoint,
            base=f"{self._checkpoint.base}-tuned",
            source=finetune.digest(tuned.weights),
            weights=tuned.weights,
        )
        encoder = self._shop.encoder(adapted)
        features = self._shop.features(encoder, self._lessons.every)
        return _Tuned(encoder, tuned.scores, features, *moments(features[: len(given)]))


def _start(
    examples: Sequence[Example], features: Floats
) -> tuple[Heads, dict[str, NDArray[np.int64]]]:
    """Heads for all that the examples are labelled for, on features [texts, hidden], and the labels
    as their indices."""
    mean, scale = moments(features)
    standard = (features - mean) / scale
    heads: dict[str, Head] = {}
    indices: dict[str, NDArray[np.int64]] = {}
    for name in HEADS:
        names = tuple(sorted({e.labels[name] for e in examples if name in e.labels}))
        if len(names) < 2:
            continue
        truth = indices[name] = _indices(examples, name, names)
        known = truth >= 0
        weight, bias = fitting.fit_linear(standard[known], truth[known], len(names), _STRENGTH)
        heads[name] = Head(names, weight, bias, 1.0)
    return Heads(mean, scale, heads), indices


def _fitted(tuned: _Tuned, lessons: _Lessons, settings: Settings) -> dict[str, fitting.Fitted]:
    """Heads on the tuned encoder, from all that is learned from."""
    judged = [*lessons.given, *lessons.others]
    features, further = np.split(tuned.standardised, [len(judged)])
    return fit_heads(features, judged, settings, further=further, described=lessons.described)


@dataclass(frozen=True)
class _Verdict:
    """The temperature that makes a head's probabilities honest, and its figures by language."""

    temperature: float
    figures: dict[str, report.Figures]


def _verdict(
    name: str, found: fitting.Fitted, tuned: _Tuned, lessons: _Lessons, held_out: Rows
) -> _Verdict:
    """By a head like the one found, on messages that neither it nor the encoder has seen.

    Where none of these is labelled for it, the encoder saw none of what the head was judged by.
    """
    every = lessons.every
    learned = [
        row for row in np.setdiff1d(np.arange(len(every)), held_out) if name in every[row].labels
    ]
    labels = [every[row].labels[name] for row in learned]
    judged = [row for row in held_out if every[row].labels.get(name) in set(labels)]
    if len(set(labels)) < 2 or not judged:
        judged_by = [*lessons.given, *lessons.others]
        return _Verdict(found.head.temperature, figures_of({name: found}, judged_by)[name])
    standard = tuned.standardised
    head = fitting.fit_alike(found, standard[learned], labels)
    logits = (standard[judged] @ head.weight.T + head.bias).astype(np.float32)
    truth = [every[row].labels[name] for row in judged]
    temperature = fitting.temperature_of(logits, np.searchsorted(head.labels, truth))
    probabilities = replace(head, temperature=temperature).probabilities(standard[judged])
    languages = [every[row].language for row in judged]
    return _Verdict(temperature, report.by_language(probabilities, truth, head.labels, languages))


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
