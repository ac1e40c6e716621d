"""How good a head is on texts it has not seen, and a table of it."""

from collections.abc import Mapping, Sequence

import numpy as np
from sklearn.metrics import f1_score, roc_auc_score

from services.classify.domain.heads import Floats

Figures = dict[str, float]
_BINS = 15


def figures_of(unseen: Floats, labels: Sequence[str], names: Sequence[str]) -> Figures:
    """Rows, accuracy, macro-F1 (over labels that occur) and expected calibration error.

    unseen: probabilities [rows, names] of rows whose true labels are `labels`.
    """
    guessed = [names[i] for i in unseen.argmax(axis=1)]
    right = np.array([a == b for a, b in zip(guessed, labels, strict=True)])
    occurring = sorted(set(labels))
    macro = f1_score(labels, guessed, labels=occurring, average="macro", zero_division=0)
    return {
        "rows": len(labels),
        "accuracy": round(float(right.mean()), 4),
        "macro_f1": round(float(macro), 4),
        "ece": round(calibration_error(unseen.max(axis=1), right), 4),
    }


def calibration_error(
    confidence: Floats, right: "np.ndarray[tuple[int], np.dtype[np.bool_]]"
) -> float:
    """Mean gap between confidence and accuracy over 15 bins of equal width, weighted by rows
    (Naeini et al. 2015)."""
    bins = np.minimum((confidence * _BINS).astype(int), _BINS - 1)
    gaps = [
        abs(float(confidence[bins == b].mean()) - float(right[bins == b].mean()))
        * float((bins == b).mean())
        for b in np.unique(bins)
    ]
    return sum(gaps)


def by_language(
    unseen: Floats, labels: Sequence[str], names: Sequence[str], languages: Sequence[str]
) -> dict[str, Figures]:
    """Figures of all rows (`all`) and of each language."""
    result = {"all": figures_of(unseen, labels, names)}
    for language in sorted(set(languages)):
        rows = [i for i, other in enumerate(languages) if other == language]
        result[language] = figures_of(unseen[rows], [labels[i] for i in rows], names)
    return result


def separation(
    distances: Floats, outside: "np.ndarray[tuple[int], np.dtype[np.bool_]]"
) -> dict[str, float]:
    """How well distances tell texts from outside: AUROC, and the share of in-scope texts beyond
    the distance that 95 % of those outside reach. Nothing without texts of both kinds."""
    if outside.all() or not outside.any():
        return {}
    reached = np.quantile(distances[outside], 0.05)
    return {
        "auroc": round(float(roc_auc_score(outside, distances)), 4),
        "fpr_at_95_tpr": round(float((distances[~outside] >= reached).mean()), 4),
    }


def table(metrics: Mapping[str, Mapping[str, Figures]]) -> str:
    """Lines for people, from figures by head and language."""
    lines = [f"{'head':<10} {'lang':<5} {'rows':>6} {'accuracy':>9} {'macro-F1':>9} {'ECE':>6}"]
    for head, languages in metrics.items():
        for language, f in languages.items():
            lines.append(
                f"{head:<10} {language:<5} {f['rows']:>6.0f} {f['accuracy']:>9.3f}"
                f" {f['macro_f1']:>9.3f} {f['ece']:>6.3f}"
            )
    return "\n".join(lines)
