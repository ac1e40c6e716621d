"""Has a classifier read labelled messages, by the worker's own code."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from services.classify.domain.entities import Catalogue
from services.classify.domain.heads import HEADS, Ranked
from services.classify.domain.reading import Reading
from services.classify.evaluation.metrics import Flags, Floats, Indices, Predictions
from services.classify.evaluation.rows import Labels, Row
from services.classify.ports import Model
from services.classify.understanding import Understander
from shared.events import Evidence

_CHUNK = 64


@dataclass(frozen=True)
class Judged:
    """What was said of the messages [rows], of which `predictions` hold those in `judged`.

    `intent_evidence` carried the intent that was guessed. `priorities` are those after the rules.
    """

    rows: Sequence[Row]
    predictions: Mapping[str, Predictions]
    judged: Mapping[str, Indices]
    scores: Floats
    is_out_of_scope: Flags
    priorities: Sequence[str]
    intent_evidence: Sequence[Sequence[Evidence]]


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
    now: datetime,
    progress: Callable[[int], object],
) -> Judged:
    """Reads every message as if it were written `now`; `progress` is told how many were read.

    Messages labelled with none of the head's labels (out of scope, where the classifier has no
    label for it) have no prediction of that head.
    """
    heard = _Heard(model)
    understander = Understander(lambda: heard, catalogue)
    ranked: dict[str, list[Sequence[Ranked]]] = {head: [] for head in HEADS}
    scores: list[float] = []
    outside: list[bool] = []
    priorities: list[str] = []
    evidence: list[list[Evidence]] = []
    for start in range(0, len(rows), _CHUNK):
        texts = [row.text for row in rows[start : start + _CHUNK]]
        for told in understander.understand(texts, [now] * len(texts), now):
            outside.append(told.is_out_of_scope)
            priorities.append(told.priority)
            evidence.append([clue for clue in told.evidence if clue.decision == "intent"])
        for reading in heard.readings:
            scores.append(reading.out_of_scope)
            for head, told_of_head in zip(HEADS, _ranked(reading), strict=True):
                ranked[head].append(told_of_head)
        progress(len(texts))
    judged = {
        head: np.array(
            [i for i, row in enumerate(rows) if row.labels.get(head) in labels[head]], np.int64
        )
        for head in HEADS
    }
    predictions = {
        head: _predictions(
            [rows[i].labels[head] for i in judged[head]],
            [ranked[head][i] for i in judged[head]],
            labels[head],
        )
        for head in HEADS
    }
    return Judged(
        rows,
        predictions,
        judged,
        np.array(scores, np.float64),
        np.array(outside, np.bool_),
        priorities,
        evidence,
    )


def _ranked(reading: Reading) -> tuple[Sequence[Ranked], ...]:
    return reading.intents, reading.sentiments, reading.priorities


def _predictions(
    truth: Sequence[str], ranked: Sequence[Sequence[Ranked]], labels: Sequence[str]
) -> Predictions:
    places = {label: place for place, label in enumerate(labels)}
    return Predictions(
        np.array([places[label] for label in truth], np.int64),
        np.array([places[told[0].label] for told in ranked], np.int64),
        np.array([told[0].probability for told in ranked], np.float64),
        np.array(
            [
                likelihood(label, told, len(labels))
                for label, told in zip(truth, ranked, strict=True)
            ],
            np.float64,
        ),
    )


def likelihood(label: str, ranked: Sequence[Ranked], labels: int) -> float:
    """The probability of a label of `labels` in all. Where only the likeliest are ranked, the
    others share evenly what these leave."""
    for told in ranked:
        if told.label == label:
            return told.probability
    left = 1 - sum(told.probability for told in ranked)
    return max(0.0, left) / (labels - len(ranked))
