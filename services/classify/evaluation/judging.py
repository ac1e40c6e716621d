"""Has a classifier read labelled messages, by the worker's own code."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from services.classify.domain.entities import Catalogue
from services.classify.domain.evidence import Clue
from services.classify.domain.heads import HEADS, Ranked
from services.classify.domain.reading import Reading
from services.classify.evaluation.metrics import Predictions
from services.classify.evaluation.rows import Labels, Row
from services.classify.ports import Model
from services.classify.understanding import Understander
from shared.events import Understanding

_CHUNK = 64


@dataclass(slots=True)
class Said:
    """What was said of one message; no more of it, so that many fit into memory.

    first: the likeliest label by head. true: the probability of the true one by head, for heads it
    is labelled for. `clues` carried a wrong intent.
    `priority` is the one after the rules.
    """

    first: Mapping[str, Ranked]
    true: Mapping[str, float]
    out_of_scope: float
    is_out_of_scope: bool
    priority: str
    clues: Sequence[Clue]


@dataclass(frozen=True)
class Judged:
    """Messages and what was said of them. `judged` are the rows that a head has labels for, by
    head, and `predictions` hold these."""

    rows: Sequence[Row]
    said: Sequence[Said]
    judged: Mapping[str, Sequence[int]]
    predictions: Mapping[str, Predictions]


class _Heard:
    """A model that keeps what it read last: an understanding tells only a part of it."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self.readings: Sequence[Reading] = ()

    @property
    def version(self) -> str:
        return self._model.version

    @property
    def encoder_name(self) -> str:
        return self._model.encoder_name

    @property
    def encoder_version(self) -> str:
        return self._model.encoder_version

    def read(self, texts: Sequence[str]) -> Sequence[Reading]:
        self.readings = self._model.read(texts)
        return self.readings


def judge(
    rows: Sequence[Row],
    model: Model,
    catalogue: Catalogue,
    labels: Labels,
    *,
    now: datetime,
    progress: Callable[[int], object],
) -> Judged:
    """Reads every message as if it were written `now`; `progress` is told how many were read.
    The model ranks all labels: the log loss needs the true one's probability.

    Messages labelled with none of the head's labels (out of scope, where the classifier has no
    label for it) have no prediction of that head.
    """
    said: list[Said] = []
    for start in range(0, len(rows), _CHUNK):
        chunk = rows[start : start + _CHUNK]
        said += _read(chunk, model, catalogue, labels, now)
        progress(len(chunk))
    judged = {head: [i for i, told in enumerate(said) if head in told.true] for head in HEADS}
    predictions = {
        head: _predictions(
            [rows[i].labels[head] for i in judged[head]],
            [said[i].first[head] for i in judged[head]],
            [said[i].true[head] for i in judged[head]],
            labels[head],
        )
        for head in HEADS
    }
    return Judged(rows, said, judged, predictions)


def _read(
    rows: Sequence[Row], model: Model, catalogue: Catalogue, labels: Labels, now: datetime
) -> Iterator[Said]:
    heard = _Heard(model)
    understander = Understander(lambda: heard, catalogue)
    understood = understander.understand([row.text for row in rows], [now] * len(rows), now)
    for row, reading, understanding in zip(rows, heard.readings, understood, strict=True):
        yield _said(row, reading, understanding, labels)


def _said(row: Row, reading: Reading, understanding: Understanding, labels: Labels) -> Said:
    told = (reading.intents, reading.sentiments, reading.priorities)
    ranked: dict[str, Sequence[Ranked]] = dict(zip(HEADS, told, strict=True))
    is_right = ranked["intent"][0].label == row.labels["intent"]
    return Said(
        {head: ranked[head][0] for head in HEADS},
        {
            head: _probability(label, ranked[head])
            for head, label in row.labels.items()
            if label in labels[head]
        },
        reading.out_of_scope,
        understanding.is_out_of_scope,
        understanding.priority,
        () if is_right else reading.clues.get("intent", ()),
    )


def _probability(label: str, ranked: Sequence[Ranked]) -> float:
    return next(told.probability for told in ranked if told.label == label)


def _predictions(
    truth: Sequence[str], guesses: Sequence[Ranked], true: Sequence[float], labels: Sequence[str]
) -> Predictions:
    places = {label: place for place, label in enumerate(labels)}
    return Predictions(
        np.array([places[label] for label in truth], np.int64),
        np.array([places[guess.label] for guess in guesses], np.int64),
        np.array([guess.probability for guess in guesses], np.float64),
        np.array(true, np.float64),
    )
