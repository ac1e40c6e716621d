"""How good probabilities are, on rows that had no part in making them."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from services.personalize.behaviour.schema import Flags, Floats

Figures = dict[str, float | int | list[float]]
Indices = NDArray[np.intp]
Measure = Callable[[Floats, Flags], float]

BINS = 15
RESAMPLES = 500
_TINY = 1e-15
_LEVEL = 0.95


def auc(scores: Floats, truth: Flags) -> float:
    """Area under the ROC curve: how often a row with the label is above one without, a tie being
    half (Mann and Whitney 1947). Needs rows of both."""
    _, place, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]
    having = int(truth.sum())
    above = float(ranks[truth].sum()) - having * (having + 1) / 2
    return above / (having * (len(truth) - having))


def brier(probabilities: Floats, truth: Flags) -> float:
    """Mean squared error of the probabilities (Brier 1950); lower is better."""
    return float(((probabilities - truth) ** 2).mean())


def log_loss(probabilities: Floats, truth: Flags) -> float:
    """Mean negative logarithm of the probability of what happened, in nats."""
    happened = np.where(truth, probabilities, 1 - probabilities)
    return float(-np.log(np.maximum(happened, _TINY)).mean())


def calibration_error(probabilities: Floats, truth: Flags) -> float:
    """Mean gap between probability and share over 15 bins of equal width, weighted by rows
    (Naeini et al. 2015)."""
    bins = np.minimum((probabilities * BINS).astype(int), BINS - 1)
    total = np.bincount(bins, minlength=BINS)
    gaps = np.bincount(bins, probabilities - truth, minlength=BINS)
    return float(np.abs(gaps).sum() / total.sum())


def figures(probabilities: Floats, truth: Flags, folds: list[Indices], seed: int) -> Figures:
    """All of them, with 95 % intervals; `auc_folds` is the mean of the AUC within each fold.

    The intervals are percentiles over rows drawn with replacement (Efron 1979). The calibration
    error has none: drawing rows alone makes it larger.
    """
    told: Figures = {
        "rows": len(truth),
        "base_rate": round(float(truth.mean()), 4),
        "brier_of_base_rate": round(float(truth.mean() * (1 - truth.mean())), 4),
        "auc_folds": round(float(np.mean([auc(probabilities[f], truth[f]) for f in folds])), 4),
    }
    measures: Mapping[str, Measure] = {"auc": auc, "brier": brier, "log_loss": log_loss}
    told["ece"] = round(calibration_error(probabilities, truth), 4)
    for name, measure in measures.items():
        told[name] = round(measure(probabilities, truth), 4)
    intervals = _intervals(measures, probabilities, truth, seed)
    return told | {f"{name}_95": interval for name, interval in intervals.items()}


def _intervals(
    measures: Mapping[str, Measure],
    probabilities: Floats,
    truth: Flags,
    seed: int,
) -> dict[str, list[float]]:
    random = np.random.default_rng(seed)
    drawn: dict[str, list[float]] = {name: [] for name in measures}
    for _ in range(RESAMPLES):
        rows = random.integers(0, len(truth), len(truth))
        if truth[rows].any() and not truth[rows].all():
            for name, measure in measures.items():
                drawn[name].append(measure(probabilities[rows], truth[rows]))
    ends = [(1 - _LEVEL) / 2, (1 + _LEVEL) / 2]
    return {
        name: [round(float(end), 4) for end in np.quantile(values, ends)]
        for name, values in drawn.items()
    }


def table(told: Figures) -> str:
    """Lines for people."""
    lines = [f"{told['rows']} rows, {told['base_rate']:.1%} have the label", ""]
    lines.append(f"{'figure':<10} {'value':>7}   95 % interval")
    for name in ("auc", "brier", "log_loss"):
        interval = told[f"{name}_95"]
        assert isinstance(interval, list)
        lines.append(f"{name:<10} {told[name]:>7.4f}   {interval[0]:.4f} to {interval[1]:.4f}")
    lines += [f"{'ece':<10} {told['ece']:>7.4f}", ""]
    lines.append(f"AUC within folds, mean: {told['auc_folds']:.4f}")
    lines.append(f"Brier score of saying the base rate: {told['brier_of_base_rate']:.4f}")
    return "\n".join(lines)
