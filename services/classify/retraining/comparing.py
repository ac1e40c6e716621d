"""The current model and a candidate, side by side on the same texts."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from services.classify.domain.reading import Reading
from services.classify.ports import Model
from services.classify.retraining.bootstrap import Floats
from services.classify.retraining.gate import Answers, Corrected, gate
from services.classify.retraining.heads import JUDGED, Marks
from services.classify.retraining.limits import Limits
from services.classify.retraining.material import Lessons
from services.classify.retraining.verdict import Verdict
from services.classify.training.data import Example

_CHUNK = 64
_TIMED = 32  # texts of one round
_ROUNDS = 7


@dataclass(frozen=True)
class Rivals:
    """`baseline` is the current model, or, where that one has learned from the holdout, one trained
    like it on all but the holdout: a model is always better on what it has seen."""

    current: Model
    baseline: Model
    candidate: Model


def judged(found: Lessons, rivals: Rivals, limits: Limits, seed: int) -> Verdict:
    """The gate's verdict on what was held out, each head by the rows that are labelled for it."""
    texts = [example.text for example in found.held_out]
    before, after = read(rivals.baseline, texts), read(rivals.candidate, texts)
    rows = _labelled(found.held_out, "intent")
    return gate(
        [found.held_out[row].labels["intent"] for row in rows],
        _answers([before[row] for row in rows]),
        _answers([after[row] for row in rows]),
        heads={
            head: Marks(_right(found.held_out, before, head), _right(found.held_out, after, head))
            for head in JUDGED
        },
        corrected=_corrected(found, rivals),
        seconds=_seconds(rivals, texts[:_TIMED]),
        limits=limits,
        seed=seed,
    )


def read(model: Model, texts: Sequence[str]) -> list[Reading]:
    """One reading a text."""
    starts = range(0, len(texts), _CHUNK)
    return [reading for i in starts for reading in model.read(texts[i : i + _CHUNK])]


def _labelled(examples: Sequence[Example], head: str) -> list[int]:
    return [row for row, example in enumerate(examples) if head in example.labels]


def _answers(readings: Sequence[Reading]) -> Answers:
    first = [reading.intents[0] for reading in readings]
    return Answers([told.label for told in first], [told.probability for told in first])


def _right(examples: Sequence[Example], readings: Sequence[Reading], head: str) -> Floats:
    """Of the examples labelled for the head, 1 for those read right, else 0: float64 [rows]."""
    rows = _labelled(examples, head)
    return np.array(
        [_first(readings[row], head) == examples[row].labels[head] for row in rows], float
    )


def _first(reading: Reading, head: str) -> str:
    return (reading.sentiments if head == "sentiment" else reading.priorities)[0].label


def _corrected(found: Lessons, rivals: Rivals) -> Corrected:
    """Of the corrections as they stand: one that the current model has learned is no longer wrong.
    A text that several corrections are about counts once."""
    cases = {row.text: (row.intent, learned) for row, learned in reversed(found.corrections)}
    texts = list(cases)
    before = _answers(read(rivals.current, texts))
    after = _answers(read(rivals.candidate, texts))
    wrong = fixed = unseen_wrong = unseen_fixed = 0
    for (intent, learned), old, new in zip(
        cases.values(), before.intents, after.intents, strict=True
    ):
        if old != intent:
            wrong += 1
            fixed += new == intent
            unseen_wrong += not learned
            unseen_fixed += not learned and new == intent
    return Corrected(wrong, fixed, unseen_wrong, unseen_fixed)


def _seconds(rivals: Rivals, texts: Sequence[str]) -> tuple[list[float], list[float]]:
    """Seconds of the processor that each round took, by turns: a busy machine does not count, and
    one that gets slower or faster meanwhile does so for both."""
    current: list[float] = []
    candidate: list[float] = []
    for _ in range(_ROUNDS):
        for model, times in ((rivals.current, current), (rivals.candidate, candidate)):
            start = time.process_time()
            model.read(texts)
            times.append(time.process_time() - start)
    return current, candidate
