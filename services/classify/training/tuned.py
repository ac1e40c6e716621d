"""A classifier with an encoder of its own: fine-tuned on the messages it is to read."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.model_selection import train_test_split
from tqdm import tqdm

from services.classify.artifact import EncoderReference
from services.classify.domain.heads import HEADS, Floats, Head, Heads, softmax
from services.classify.domain.lexicon import Lexicon
from services.classify.training import finetune, fitting, report
from services.classify.training import scope as scopes
from services.classify.training.blending import Blend, blend_of
from services.classify.training.classifier import (
    Settings,
    Trained,
    Workshop,
    figures_of,
    fit_heads,
    moments,
    texts_of,
)
from services.classify.training.data import Example
from services.classify.training.inputs import Inputs, Rows, terms_of
from services.classify.training.linear import Linear, fit_margin
from services.classify.training.network import UNLABELLED
from services.classify.training.recipe import Recipe
from shared.encoder.checkpoint import Checkpoint
from shared.encoder.encoder import Encoder

_VALIDATION = 0.1
_FEW = 30
"""Texts a label, on average, below which none can be spared in the end."""
_STRENGTH = 0.03
"""C of the heads that the tuning starts from."""
_STRENGTH_AFTER = 0.1
"""C of the heads fitted on the tuned encoder."""


def train_encoder(
    examples: Sequence[Example],
    checkpoint: Checkpoint,
    shop: Workshop,
    described: Sequence[Example] = (),
    options: Mapping[str, Any] = MappingProxyType({}),
) -> Trained:
    """Encoder and heads together; `options` are those of the `Recipe`.

    A part of the texts is held back: it calibrates and judges. Of few texts none can be spared:
    then a second encoder is tuned on all of them, and what was learned of the first is believed of
    it. Texts without an intent only teach the other heads, when the encoder is done.
    """
    lessons = _Lessons(
        [example for example in examples if "intent" in example.labels],
        [example for example in examples if "intent" not in example.labels],
        described,
    )
    few = len(lessons.given) < _FEW * len(set(lessons.intents))
    recipe = (Recipe.for_few if few else Recipe)(seed=shop.settings.seed, **options)
    every = np.arange(len(lessons.given))
    held_out = _held_out(lessons.intents, shop.settings.seed)
    learned = np.setdiff1d(every, held_out)
    course = _Course(checkpoint, shop, lessons, recipe)
    tuned = course.run(learned)
    blends, figures = _judged(tuned, lessons, held_out)
    scope, weight = scopes.fit_scope_held_out(
        tuned.features[every], lessons.intents, held_out, false_alarms=shop.settings.false_alarms
    )
    served = course.run(every) if few else tuned
    if few:
        scope = scopes.on_all(scope, weight, served.features[every], lessons.intents)
    untuned = _untuned(served, lessons, shop.settings, set(HEADS) - set(blends))
    heads = {name: found.head for name, found in untuned.items()} | {
        name: blend.head(head.labels, Linear(head.weight, head.bias), served.by_words[name])
        for name, blend, head in ((n, b, served.heads[n]) for n, b in blends.items())
    }
    figures |= figures_of(untuned, [*lessons.given, *lessons.others])
    return Trained(
        Heads(served.mean, served.scale, {name: heads[name] for name in HEADS}, served.lexicon),
        scope,
        EncoderReference(served.encoder.name, served.encoder.version),
        {name: figures[name] for name in HEADS},
        {"recipe": vars(recipe), "few": few},
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
    """An encoder as it will be served with its heads, what stands in every lesson (raw features
    [texts, width], and sparse terms [texts, terms] of a lexicon), and the mean and scale of the
    given messages' features.

    Each head is the sum of the one tuned with it and one fitted on it: neither is the better one
    for all data, and the sum was as good as the better one or within .003 of it. `by_words` is
    what is to be blended in.
    """

    encoder: Encoder
    heads: Mapping[str, Head]
    by_words: Mapping[str, Linear]
    lexicon: Lexicon
    features: Floats
    terms: csr_matrix
    mean: Floats
    scale: Floats

    @property
    def inputs(self) -> Inputs:
        return Inputs((self.features - self.mean) / self.scale, self.terms)


class _Course:
    """Tunes the checkpoint on given messages and the described ones, again and again alike."""

    def __init__(
        self, checkpoint: Checkpoint, shop: Workshop, lessons: _Lessons, recipe: Recipe
    ) -> None:
        self._checkpoint = checkpoint
        self._shop = shop
        self._lessons = lessons
        self._recipe = recipe
        self._features = shop.features(
            shop.encoder(checkpoint), [*lessons.given, *lessons.described]
        )
        self._lexicon, self._terms = terms_of(texts_of(lessons.every))

    def run(self, learned: Rows) -> _Tuned:
        """On the given messages at `learned`."""
        given = self._lessons.given
        described = np.arange(len(given), len(self._features))
        others = len(self._lessons.others)
        rows = np.concatenate([learned, described])
        every = [*given, *self._lessons.described]
        taught = [every[row] for row in rows]
        start, labels = _start(taught, self._features[rows])
        with tqdm(total=len(taught) * self._recipe.epochs, desc="fine-tune", unit="text") as bar:
            tuned = finetune.finetune(
                self._checkpoint,
                start,
                texts_of(taught),
                labels,
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
        mean, scale = moments(features[: len(given)])
        of_taught = np.concatenate([learned, described + others])
        standard = (features[of_taught] - mean) / scale
        terms = self._terms[of_taught]
        heads = {name: _summed(head, standard, labels[name]) for name, head in tuned.heads.items()}
        by_words = {
            name: _by_words(head, terms, labels[name], self._shop.settings.seed)
            if self._recipe.words
            else Linear.silent(len(head.labels), terms.shape[1])
            for name, head in tuned.heads.items()
        }
        return _Tuned(encoder, heads, by_words, self._lexicon, features, self._terms, mean, scale)


def _start(
    examples: Sequence[Example], features: Floats
) -> tuple[Heads, dict[str, NDArray[np.int64]]]:
    """Heads for all that the examples are labelled for, of which these are the raw features [texts,
    width], and the labels as indices."""
    mean, scale = moments(features)
    standard = (features - mean) / scale
    heads: dict[str, Head] = {}
    indices: dict[str, NDArray[np.int64]] = {}
    for name in HEADS:
        told = [example.labels.get(name) for example in examples]
        names = tuple(sorted({label for label in told if label is not None}))
        if len(names) < 2:
            continue
        indices[name] = _indices(examples, name, names)
        known = indices[name] >= 0
        labels = [label for label in told if label is not None]
        heads[name] = fitting.fit_last_layer(standard[known], labels, _STRENGTH)
    return Heads(mean, scale, heads), indices


def _summed(tuned: Head, standard: Floats, truth: NDArray[np.int64]) -> Head:
    """The tuned head and one fitted on these standardised features of the tuned encoder."""
    known = truth >= 0
    labels = [tuned.labels[index] for index in truth[known]]
    fitted = fitting.fit_last_layer(standard[known], labels, _STRENGTH_AFTER)
    return replace(tuned, weight=tuned.weight + fitted.weight, bias=tuned.bias + fitted.bias)


def _by_words(head: Head, terms: csr_matrix, truth: NDArray[np.int64], seed: int) -> Linear:
    """What the words of the taught messages say of this head's labels."""
    known = np.flatnonzero(truth >= 0)
    return fit_margin(terms[known], truth[known], len(head.labels), seed)


def _judged(
    tuned: _Tuned, lessons: _Lessons, held_out: Rows
) -> tuple[dict[str, Blend], dict[str, dict[str, report.Figures]]]:
    """How the heads tuned are blended with the words, and how they do: on messages they have not
    seen; none where these are not labelled for it."""
    blends: dict[str, Blend] = {}
    figures: dict[str, dict[str, report.Figures]] = {}
    for name, head in tuned.heads.items():
        indices = _indices(lessons.given, name, head.labels)
        rows = held_out[indices[held_out] >= 0]
        if not len(rows):
            continue
        inputs = tuned.inputs.at(rows)
        read = Linear(head.weight, head.bias).logits(inputs.features)
        worded = tuned.by_words[name].logits(inputs.terms)
        blends[name] = blend_of(read, worded, indices[rows])
        figures[name] = report.by_language(
            softmax(blends[name].logits(read, worded)),
            [head.labels[index] for index in indices[rows]],
            head.labels,
            [lessons.given[row].language for row in rows],
        )
    return blends, figures


def _untuned(
    served: _Tuned, lessons: _Lessons, settings: Settings, names: Container[str]
) -> dict[str, fitting.Fitted]:
    """The heads of these names, for which the encoder was not tuned."""
    examples = [*lessons.given, *lessons.others]
    rows = np.arange(len(served.features))
    inputs, further = map(served.inputs.at, np.split(rows, [len(examples)]))
    return fit_heads(
        inputs, examples, settings, further=further, described=lessons.described, names=names
    )


def _held_out(intents: Sequence[str], seed: int) -> Rows:
    """Rows to judge by, with every intent among them as often as among all; an intent needs two."""
    size = max(round(_VALIDATION * len(intents)), len(set(intents)))
    rows = np.arange(len(intents))
    _, held_out = train_test_split(rows, test_size=size, random_state=seed, stratify=intents)
    return np.sort(held_out)


def _indices(examples: Sequence[Example], head: str, labels: Sequence[str]) -> NDArray[np.int64]:
    places = {label: index for index, label in enumerate(labels)}
    unlabelled = UNLABELLED
    return np.array([places.get(e.labels.get(head, ""), unlabelled) for e in examples], np.int64)
