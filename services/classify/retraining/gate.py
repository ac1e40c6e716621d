"""What a candidate must show on the frozen holdout before it may replace the current model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.classify.retraining.bootstrap import (
    Floats,
    calibration_difference,
    mean_difference,
)
from services.classify.retraining.heads import Marks, head_checks
from services.classify.retraining.limits import Limits
from services.classify.retraining.verdict import Check, Verdict


@dataclass(frozen=True)
class Answers:
    """What a model says of rows: its first intent and how sure it is, one each."""

    intents: Sequence[str]
    confidences: Sequence[float]

    def right(self, truth: Sequence[str]) -> Floats:
        """1 for right, 0 for wrong: float64 [rows]."""
        return np.array([a == b for a, b in zip(self.intents, truth, strict=True)], np.float64)


@dataclass(frozen=True)
class Corrected:
    """Cases that people corrected and the current model still gets wrong: how many there are, how
    many the candidate gets right; the same of those that were held out from its training."""

    wrong: int
    fixed: int
    unseen_wrong: int
    unseen_fixed: int


def gate(
    truth: Sequence[str],
    current: Answers,
    candidate: Answers,
    *,
    heads: Mapping[str, Marks],
    corrected: Corrected,
    seconds: tuple[Sequence[float], Sequence[float]],
    limits: Limits,
    seed: int,
) -> Verdict:
    """Judges by the frozen rows, whose intents are `truth`; there must be some.

    `heads` says by name what each further one read right, of the rows labelled for it. `seconds`
    are single-threaded times of the current model and the candidate on the same texts in turns.
    All checks must be passed. Equal arguments give an equal verdict.
    """
    rng = np.random.default_rng(seed)
    before, after = current.right(truth), candidate.right(truth)
    checks = (
        _overall(before, after, corrected, limits, rng),
        _labels(np.array(truth), before, after, limits, rng),
        *head_checks(heads, limits, rng),
        _calibration(
            (np.array(current.confidences, np.float64), before),
            (np.array(candidate.confidences, np.float64), after),
            limits,
            rng,
        ),
        _latency(seconds, limits),
        _corrected(corrected, limits),
    )
    return Verdict(len(truth), checks)


def _overall(
    before: Floats, after: Floats, corrected: Corrected, limits: Limits, rng: np.random.Generator
) -> Check:
    """Better: the whole 95 % interval of the difference lies above 0. Or not worse, that is above
    what may be lost, and corrected cases are fixed."""
    difference = mean_difference(before, after, rng)
    low, high = difference.interval(1 - limits.alpha)
    better, not_worse = low > 0, low >= -limits.worse
    figures = {
        "current": float(before.mean()),
        "candidate": float(after.mean()),
        "difference": difference.seen,
        "low": low,
        "high": high,
    }
    kept = not_worse and corrected.fixed > 0
    said = "better" if better else "not worse" if not_worse else "not shown to be as good"
    return Check("overall", better or kept, figures, f"accuracy is {said}")


def _labels(
    truth: NDArray[np.str_], before: Floats, after: Floats, limits: Limits, rng: np.random.Generator
) -> Check:
    """No label may lose more than `worse` of its recall beyond noise. Many labels are tested at
    once, each at alpha over their number (Bonferroni): else some label of a model that is just as
    good would fail most of the time."""
    names, counts = np.unique(truth, return_counts=True)
    judged = names[counts >= limits.label_rows].tolist()
    worse: dict[str, float] = {}
    lowest = 0.0
    for name in judged:
        rows = truth == name
        difference = mean_difference(before[rows], after[rows], rng)
        lowest = min(lowest, difference.seen)
        if difference.chance_at_least(-limits.worse) <= limits.alpha / len(judged):
            worse[name] = difference.seen
    figures = {"labels": float(len(judged)), "largest_loss": -lowest} | {
        f"loss of {name}": -seen for name, seen in worse.items()
    }
    said = f"worse: {', '.join(worse)}" if worse else "no label is worse beyond noise"
    return Check("labels", not worse, figures, said)


def _calibration(
    current: tuple[Floats, Floats],
    candidate: tuple[Floats, Floats],
    limits: Limits,
    rng: np.random.Generator,
) -> Check:
    difference = calibration_difference(current, candidate, rng)
    low, high = difference.interval(1 - 2 * limits.alpha)
    kept = low <= limits.calibration
    figures = {"difference": difference.seen, "low": low, "high": high}
    said = "calibration error is kept" if kept else "calibration error grows"
    return Check("calibration", kept, figures, said)


def _latency(seconds: tuple[Sequence[float], Sequence[float]], limits: Limits) -> Check:
    current, candidate = (float(np.median(told)) for told in seconds)
    ratio = candidate / current
    figures = {"current_seconds": current, "candidate_seconds": candidate, "ratio": ratio}
    kept = ratio <= limits.slower
    return Check("latency", kept, figures, "as fast" if kept else "slower")


def _corrected(corrected: Corrected, limits: Limits) -> Check:
    figures: Mapping[str, float] = {
        "wrong": float(corrected.wrong),
        "fixed": float(corrected.fixed),
        "unseen_wrong": float(corrected.unseen_wrong),
        "unseen_fixed": float(corrected.unseen_fixed),
    }
    fixed = corrected.fixed >= limits.fixed * corrected.wrong
    said = f"{corrected.fixed} of {corrected.wrong} corrected cases fixed"
    return Check("corrected", fixed, figures, said)
