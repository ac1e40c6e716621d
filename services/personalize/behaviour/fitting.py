"""Fitting single members: logistic regression, and histogram gradient boosting as trees."""

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

from services.personalize.behaviour.forest import LEAF, NUMBER, Forest
from services.personalize.behaviour.linear import (
    ABSENT,
    HINGE,
    LEVEL,
    LOGARITHM,
    STRAIGHT,
    Features,
    Linear,
)
from services.personalize.behaviour.schema import Flags, Floats, Schema

KNOTS = 8
"""Where the slope over a number may change: evenly spaced quantiles."""
SEEDS = 2
"""Boosted models whose mean is one member: each draws other columns for its splits."""
RATE = 0.08
_SMALLEST_LEAF = 40
_COLUMNS_DRAWN = 0.3
_PENALTY = 5.0
_NO_CODE = -1.0
_ITERATIONS = 200


def fit_linear(
    schema: Schema, values: Floats, truth: Flags, *, curved: bool, strength: float
) -> Linear:
    """L2-regularised logistic regression on standardised features of cells [rows, columns].

    curved: numbers also bend, by their logarithm and by piecewise linear terms, so that the model
    is a generalised additive one. strength: scikit-learn's C.
    """
    features = _features(schema, values, curved)
    found = features.of(values)
    centre, scale = found.mean(axis=0), found.std(axis=0)
    tells = scale > 1e-9 * np.maximum(1.0, np.abs(centre))
    features = Features(
        features.column[tells], features.shape[tells], features.knot[tells], features.fill
    )
    centre, scale = centre[tells], scale[tells]
    if not tells.any():
        share = float(truth.mean())
        return Linear(features, centre, centre, float(np.log(share / (1 - share))))
    model = LogisticRegression(C=strength, solver="newton-cholesky", max_iter=_ITERATIONS)
    model.fit((found[:, tells] - centre) / scale, truth)
    return Linear(features, centre, model.coef_[0] / scale, float(model.intercept_[0]))


def _features(schema: Schema, values: Floats, curved: bool) -> Features:
    entries: list[tuple[int, int, float]] = []
    fill = np.full(len(schema.columns), _NO_CODE)
    for place, column in enumerate(schema.columns):
        entries.append((place, ABSENT, 0.0))
        if column.kind == "category":
            entries += [(place, LEVEL, float(code)) for code in range(column.codes)]
            continue
        given = values[~np.isnan(values[:, place]), place]
        fill[place] = np.median(given) if len(given) else column.lower
        entries.append((place, STRAIGHT, 0.0))
        if curved and len(given):
            shares = np.linspace(0, 1, KNOTS + 2)[1:-1]
            knots = np.unique(np.quantile(given, shares))
            entries.append((place, LOGARITHM, column.lower))
            entries += [(place, HINGE, float(k)) for k in knots if column.lower < k < column.upper]
    where, shapes, bends = zip(*entries, strict=True)
    return Features(
        np.array(where, np.int64), np.array(shapes, np.int64), np.array(bends, np.float64), fill
    )


def fit_boosted(
    schema: Schema, values: Floats, truth: Flags, *, depth: int, trees: int, seed: int
) -> list[HistGradientBoostingClassifier]:
    """Gradient boosted trees of limited depth on `split_matrix`, one model for each of SEEDS."""
    matrix = split_matrix(schema, values)
    return [
        HistGradientBoostingClassifier(
            learning_rate=RATE,
            max_iter=trees,
            max_depth=depth,
            min_samples_leaf=min(_SMALLEST_LEAF, max(5, len(truth) // 50)),
            l2_regularization=_PENALTY,
            max_features=_COLUMNS_DRAWN,
            early_stopping=False,
            random_state=seed * SEEDS + number,
        ).fit(matrix, truth)
        for number in range(SEEDS)
    ]


def splits(schema: Schema) -> list[tuple[int, int]]:
    """What trees may ask for: a column with NUMBER, or one of a category's codes."""
    return [
        (place, code)
        for place, column in enumerate(schema.columns)
        for code in (range(column.codes) if column.kind == "category" else (NUMBER,))
    ]


def split_matrix(schema: Schema, values: Floats) -> Floats:
    """What trees learn from, float64 [rows, splits]: numbers as they are, codes as 0 or 1."""
    return np.stack(
        [
            values[:, place] if level == NUMBER else (values[:, place] == level).astype(np.float64)
            for place, level in splits(schema)
        ],
        axis=1,
    )


def forest_of(
    models: list[HistGradientBoostingClassifier], schema: Schema, trees: int | None = None
) -> Forest:
    """The mean of the models as one forest; `trees` keeps the first of each only."""
    asked = np.array([*splits(schema), (0, NUMBER)], np.int64)
    kept = [tree.nodes for model in models for (tree,) in model._predictors[:trees]]
    sizes = [len(nodes) for nodes in kept]
    starts = np.cumsum([0, *sizes[:-1]]).astype(np.int64)
    nodes = np.concatenate(kept)
    leaf = nodes["is_leaf"].astype(np.bool_)
    column, level = asked[np.where(leaf, len(asked) - 1, nodes["feature_idx"])].T
    offset = np.repeat(starts, sizes)
    value = np.concatenate([_expected(tree) for tree in kept]) / len(models)
    return Forest(
        column.copy(),
        level.copy(),
        np.where(leaf, 0.0, nodes["num_threshold"]),
        nodes["missing_go_to_left"].astype(np.bool_) & ~leaf,
        np.where(leaf, LEAF, nodes["left"] + offset).astype(np.int64),
        np.where(leaf, LEAF, nodes["right"] + offset).astype(np.int64),
        value,
        starts,
        float(np.mean([float(model._baseline_prediction.item()) for model in models])),
    )


def _expected(nodes: NDArray[np.void]) -> Floats:
    """For each node of a tree the mean value of the rows that came by; children follow parents."""
    value, count = nodes["value"].astype(np.float64), nodes["count"].astype(np.float64)
    for place in range(len(nodes) - 1, -1, -1):
        node = nodes[place]
        if not node["is_leaf"]:
            both = np.array([node["left"], node["right"]])
            value[place] = float(value[both] @ count[both]) / float(count[both].sum())
    return value
