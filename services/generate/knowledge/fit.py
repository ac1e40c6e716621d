"""Calibration: how far similarities can be trusted, learned from questions with known answers.

Every question that has an answer is used twice: as it is, and with its own entry hidden, when none
of the others is the answer. These near misses are what real messages consist of mostly.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedGroupKFold

from services.generate.domain.calibration import Calibration
from services.generate.domain.retrieval import Floats, Query, Shelf
from services.generate.knowledge.documents import Question, UnusableInput

UNANSWERED = 0.7
"""The share of messages that no entry answers in the traffic we calibrate for. Many real messages
are about a case rather than a question. On real ones of other companies scores fitted to this share
were neither too sure nor too doubtful; fitted to fewer, they were too sure."""

THRESHOLDS = (0.3, 0.4, 0.45, 0.5, 0.55, 0.6, 0.7, 0.8, 0.9)
FEWEST = 20
FOLDS = 5


@dataclass(frozen=True)
class Evidence:
    """What retrieval found for questions: one row each.

    `found`: `FEATURES` [questions, features]; `right`: the best entry is the answer; `near`: the
    answer is among the best five; `answered`: there is an answer; `groups`: questions about one
    thing, in whatever language, which must not be split between fitting and judging.
    """

    found: Floats
    right: NDArray[np.bool_]
    near: NDArray[np.bool_]
    answered: NDArray[np.bool_]
    groups: NDArray[np.str_]
    languages: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.right)


def gather(
    shelves: Mapping[str, Shelf], questions: Sequence[Question], queries: Sequence[Query]
) -> tuple[Evidence, Evidence]:
    """Evidence of the questions as they are, and of the answered ones with their entry hidden."""
    rows = [n for n, question in enumerate(questions) if question.language in shelves]
    asked = [(questions[n], queries[n]) for n in rows]
    known = [(question, query) for question, query in asked if question.entry is not None]
    if len(known) < FEWEST:
        raise UnusableInput(f"calibrating takes at least {FEWEST} questions with an answer")
    return _evidence(shelves, asked, hide=False), _evidence(shelves, known, hide=True)


def fit(plain: Evidence, hidden: Evidence) -> Calibration:
    """The logistic regression over everything."""
    return _fit(plain, hidden, np.ones(len(plain), bool), np.ones(len(hidden), bool))


def judge(plain: Evidence, hidden: Evidence) -> dict[str, Any]:
    """Recall by language, and by cross-validation over groups how good the score is.

    `right_answer`: does the score tell right best entries from wrong ones; `answered_here`: does it
    tell questions that have an answer from those that have none. `precision` is the share of right
    ones among what a threshold lets through, `share` how much of all questions that is.
    """
    scores = np.zeros(len(plain))
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=0)
    for fitted, judged in folds.split(plain.found, plain.right, plain.groups):
        inside = np.isin(np.arange(len(plain)), fitted)
        alongside = np.isin(hidden.groups, plain.groups[fitted])
        scores[judged] = _fit(plain, hidden, inside, alongside).scores(plain.found[judged])
    return {
        "questions": len(plain),
        "recall": {
            language: _recall(plain, plain.languages == language)
            for language in sorted(set(plain.languages.tolist()))
        },
        "auroc": {
            "right_answer": _auroc(plain.right, scores),
            "answered_here": _auroc(plain.answered, scores),
        },
        "thresholds": [_at(threshold, plain.right, scores) for threshold in THRESHOLDS],
    }


def _evidence(
    shelves: Mapping[str, Shelf], asked: Sequence[tuple[Question, Query]], *, hide: bool
) -> Evidence:
    parts: list[tuple[Any, ...]] = []
    for language, shelf in shelves.items():
        here = [(question, query) for question, query in asked if question.language == language]
        if not here:
            continue
        place = {entry.id: number for number, entry in enumerate(shelf.entries)}
        wanted = [place.get(question.entry or "", -1) for question, _ in here]
        places = np.arange(len(shelf.entries))
        ranked = [
            shelf.find(query, shelf.centre, places != entry if hide else places >= 0)
            for (_, query), entry in zip(here, wanted, strict=True)
        ]
        nearest = [one.places for one in ranked]
        found = np.array([one.features for one in ranked], np.float32)
        right = [
            not hide and order[0] == entry for order, entry in zip(nearest, wanted, strict=True)
        ]
        near = [not hide and entry in order for order, entry in zip(nearest, wanted, strict=True)]
        answered = [not hide and entry >= 0 for entry in wanted]
        parts.append((found, right, near, answered, _groups(here), [language] * len(here)))
    return Evidence(*(np.concatenate([part[n] for part in parts]) for n in range(6)))


def _groups(asked: Sequence[tuple[Question, Query]]) -> list[str]:
    """An entry and its translations are one group: their ids differ in the language only."""
    return [
        question.entry.partition("/")[2]
        if question.entry
        else f"{question.language} {question.text}"
        for question, _ in asked
    ]


def _fit(
    plain: Evidence, hidden: Evidence, inside: NDArray[np.bool_], alongside: NDArray[np.bool_]
) -> Calibration:
    found = np.concatenate([plain.found[inside], hidden.found[alongside]])
    right = np.concatenate([plain.right[inside], hidden.right[alongside]])
    if right.all() or not right.any():
        raise UnusableInput(
            "calibrating takes questions answered right and questions without answer"
        )
    weight = _weight_of_hidden(plain.answered[inside], int(alongside.sum()))
    weights = np.concatenate([np.ones(int(inside.sum())), np.full(int(alongside.sum()), weight)])
    model = LogisticRegression(C=1e4, max_iter=1000).fit(found, right, weights)
    return Calibration(
        tuple(round(float(weight), 4) for weight in model.coef_[0]),
        round(float(model.intercept_[0]), 4),
    )


def _weight_of_hidden(answered: NDArray[np.bool_], hidden: int) -> float:
    """What makes messages without an answer the share UNANSWERED of all: the solution of
    (none + w hidden) / (all + w hidden) = UNANSWERED."""
    without = int((~answered).sum())
    missing = (UNANSWERED * len(answered) - without) / ((1 - UNANSWERED) * max(hidden, 1))
    return max(missing, 0.1)


def _recall(evidence: Evidence, of: NDArray[np.bool_]) -> dict[str, float]:
    of = of & evidence.answered
    return {
        "questions": int(of.sum()),
        "at_1": _share(evidence.right[of]),
        "at_5": _share(evidence.near[of]),
    }


def _auroc(truth: NDArray[np.bool_], scores: NDArray[np.float64]) -> float | None:
    return round(float(roc_auc_score(truth, scores)), 3) if 0 < truth.sum() < len(truth) else None


def _at(
    threshold: float, right: NDArray[np.bool_], scores: NDArray[np.float64]
) -> dict[str, float | None]:
    passed = scores >= threshold
    precision = _share(right[passed]) if passed.any() else None
    return {"threshold": threshold, "precision": precision, "share": _share(passed)}


def _share(flags: NDArray[np.bool_]) -> float:
    return round(float(flags.mean()), 3) if len(flags) else 0.0
