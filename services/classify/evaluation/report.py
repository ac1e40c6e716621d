"""Everything measured, as one JSON object: what programs read, and what the page is drawn from."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from services.classify.domain.evidence import Clue
from services.classify.domain.heads import HEADS
from services.classify.evaluation import metrics
from services.classify.evaluation.judging import Judged
from services.classify.evaluation.metrics import Flags, Predictions
from services.classify.evaluation.rows import Labels
from services.classify.training.report import separation

Report = dict[str, Any]

RISK = 0.05
MOST_MISTAKES = 30
MOST_PAIRS = 30
_CURVE_STEPS = 200
_DIGITS = 4


@dataclass(frozen=True)
class Subject:
    """What was judged, by which data. `threshold`: the score from which on it is out of scope."""

    model: str
    encoder: str
    data: Sequence[str]
    labels: Labels
    threshold: float


def report(subject: Subject, judged: Judged) -> Report:
    """Equal arguments give an equal report. Heads without labelled messages are left out."""
    heads = {
        head: _head(subject.labels[head], judged, head)
        for head in HEADS
        if len(judged.judged[head])
    }
    told: Report = {
        "model": subject.model,
        "encoder": subject.encoder,
        "data": list(subject.data),
        "rows": len(judged.rows),
        "heads": heads,
        "out_of_scope": _out_of_scope(judged, subject.threshold),
    }
    if "priority" in heads:
        heads["priority"]["after_rules"] = _after_rules(subject.labels["priority"], judged)
    if "intent" in heads:
        told["intent"] = _intent(subject.labels["intent"], judged)
    rounded: Report = _rounded(told)
    return rounded


def _head(labels: Sequence[str], judged: Judged, head: str) -> Report:
    predictions = judged.predictions[head]
    languages = np.array([judged.rows[i].language for i in judged.judged[head]])
    of_labels = metrics.by_label(metrics.confusion(predictions, len(labels)))
    return {
        "all": asdict(metrics.figures(predictions)),
        "by_language": {
            language: asdict(metrics.figures(predictions.of(languages == language)))
            for language in np.unique(languages).tolist()
        },
        "by_label": {
            labels[found.label]: {
                "rows": found.rows,
                "guesses": found.guesses,
                "precision": found.precision,
                "recall": found.recall,
                "f1": found.f1,
            }
            for found in of_labels
            if found.rows or found.guesses
        },
    }


def _after_rules(labels: Sequence[str], judged: Judged) -> Report:
    """Accuracy and macro-F1 of the priorities as published, which rules may have raised."""
    predictions = judged.predictions["priority"]
    published = [labels.index(judged.said[i].priority) for i in judged.judged["priority"]]
    guess = np.array(published, np.int64)
    after = Predictions(predictions.truth, guess, predictions.confidence, predictions.likelihood)
    told = metrics.figures(after)
    return {
        "accuracy": told.accuracy,
        "macro_f1": told.macro_f1,
        "raised": int((guess != predictions.guess).sum()),
    }


def _out_of_scope(judged: Judged, threshold: float) -> Report:
    outside = np.array([row.is_outside for row in judged.rows], np.bool_)
    held = np.array([told.is_out_of_scope for told in judged.said], np.bool_)
    scores = np.array([told.out_of_scope for told in judged.said], np.float32)
    return {
        "positive": "out of scope",
        "rows_out_of_scope": int(outside.sum()),
        "rows_in_scope": int((~outside).sum()),
        **separation(scores, outside),
        "threshold": threshold,
        "found": _share(held[outside]),
        "false_alarms": _share(held[~outside]),
    }


def _share(flags: Flags) -> float | None:
    return float(flags.mean()) if len(flags) else None


def _intent(labels: Sequence[str], judged: Judged) -> Report:
    predictions = judged.predictions["intent"]
    counts = metrics.confusion(predictions, len(labels))
    occurring = np.flatnonzero(counts.sum(axis=0) + counts.sum(axis=1))
    curve = metrics.risk_coverage(predictions.confidence, predictions.right)
    steps = len(curve.coverage)
    shown = np.unique(np.linspace(0, steps - 1, min(steps, _CURVE_STEPS)).astype(int))
    return {
        "confusion": {
            "labels": [labels[i] for i in occurring.tolist()],
            "counts": counts[np.ix_(occurring, occurring)].tolist(),
        },
        "confused": [
            {"label": labels[truth], "predicted": labels[guess], "rows": rows}
            for truth, guess, rows in metrics.confused(counts, MOST_PAIRS)
        ],
        "reliability": [
            asdict(found)
            for found in metrics.reliability(predictions.confidence, predictions.right)
        ],
        "risk_coverage": {
            "aurc": curve.area,
            "risk": RISK,
            "coverage": curve.coverage_at(RISK),
            "curve": np.column_stack([curve.coverage, curve.risk])[shown].tolist(),
        },
        "mistakes": _mistakes(labels, judged),
    }


def _mistakes(labels: Sequence[str], judged: Judged) -> list[Report]:
    """The wrong intents that the classifier was surest of, the surest first."""
    predictions = judged.predictions["intent"]
    wrong = np.flatnonzero(~predictions.right)
    surest = wrong[np.argsort(-predictions.confidence[wrong], kind="stable")][:MOST_MISTAKES]
    mistakes = []
    for place in surest.tolist():
        index = judged.judged["intent"][place]
        row = judged.rows[index]
        mistakes.append(
            {
                "where": row.where,
                "text": row.text,
                "language": row.language,
                "label": labels[predictions.truth[place]],
                "predicted": labels[predictions.guess[place]],
                "confidence": float(predictions.confidence[place]),
                "evidence": _evidence(judged.said[index].clues),
            }
        )
    return mistakes


def _evidence(found: Sequence[Clue]) -> list[Report]:
    """The words that spoke for the intent; what is no word is left out."""
    return [
        {"start": clue.start, "end": clue.end, "weight": clue.weight}
        for clue in found
        if clue.end and clue.weight > 0
    ]


def _rounded(told: Any) -> Any:
    if isinstance(told, float):
        return round(told, _DIGITS)
    if isinstance(told, Mapping):
        return {name: _rounded(value) for name, value in told.items()}
    if isinstance(told, list):
        return [_rounded(value) for value in told]
    return told
