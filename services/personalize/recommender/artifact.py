"""The recommender artifact's files: numbers as .npz without pickle, the rest as JSON.

parts.npz          <part>.<array> for each part, popularity
recommender.json   items with their titles, the parts with their reasons, weights and recencies
metrics.json       what validation chose, and how well that did

Nothing in it tells of a single customer.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from services.personalize.domain.recommending import Catalogue, Code, Part, Recommender, Scorer
from services.personalize.recommender.scorers import Factors, Neighbours

NAME = "recommender"
"""The artifact's name in the model store."""

FORMAT = "1"
"""Changes when what is served cannot read what was stored before."""

_ARRAYS = "parts.npz"
_DESCRIPTION = "recommender.json"
_METRICS = "metrics.json"

Arrays = Mapping[str, NDArray[Any]]


class ArtifactUnusable(ValueError):
    """The artifact's numbers do not fit each other; the message names the first that do not."""


def save(folder: Path, recommender: Recommender, metrics: Mapping[str, Any]) -> None:
    """Writes the artifact's files into an existing folder; equal content gives equal bytes."""
    arrays: dict[str, NDArray[Any]] = {"popularity": recommender.popularity}
    for part in recommender.parts:
        arrays |= {f"{part.name}.{name}": a for name, a in _arrays(part.scorer).items()}
    np.savez(folder / _ARRAYS, allow_pickle=False, **arrays)
    catalogue = recommender.catalogue
    description = {
        "format": FORMAT,
        "items": list(catalogue.items),
        "titles": list(catalogue.titles),
        "unavailable": np.flatnonzero(~catalogue.available).tolist(),
        "repeatable": np.flatnonzero(catalogue.repeatable).tolist(),
        "popularity_weight": recommender.popularity_weight,
        "parts": [_described(part) for part in recommender.parts],
    }
    _write(folder / _DESCRIPTION, description)
    _write(folder / _METRICS, metrics)


def load(folder: Path) -> Recommender:
    """The recommender. Raises OSError, KeyError or ValueError, of these ArtifactUnusable."""
    description = json.loads((folder / _DESCRIPTION).read_text(encoding="utf-8"))
    if description["format"] != FORMAT:
        raise ArtifactUnusable(f"format {description['format']!r}, not {FORMAT!r}")
    size = len(description["items"])
    _require(len(description["titles"]) == size, "as many titles as items")
    _require(len(set(description["items"])) == size, "each item once")
    catalogue = Catalogue(
        tuple(description["items"]),
        tuple(description["titles"]),
        ~_flags(description["unavailable"], size),
        _flags(description["repeatable"], size),
    )
    with np.load(folder / _ARRAYS, allow_pickle=False) as file:
        arrays: Arrays = {name: file[name] for name in file.files}
    popularity = arrays["popularity"]
    _require(popularity.shape == (size,), "popularity [items]")
    _require_finite("popularity", popularity)
    parts = tuple(_part(told, arrays, size) for told in description["parts"])
    weight = float(description["popularity_weight"])
    _require(weight >= 0, "a popularity weight that is not negative")
    return Recommender(catalogue, popularity, weight, parts)


def _arrays(scorer: Scorer) -> dict[str, NDArray[Any]]:
    match scorer:
        case Neighbours():
            return {"starts": scorer.starts, "items": scorer.items, "weights": scorer.weights}
        case Factors():
            return {"factors": scorer.items}
    raise TypeError(f"cannot be stored: {type(scorer).__name__}")


def _described(part: Part) -> dict[str, Any]:
    told = {
        "name": part.name,
        "code": part.code,
        "recency": part.recency,
        "weight": part.weight,
    }
    if isinstance(part.scorer, Factors):
        told |= {"regularisation": part.scorer.regularisation, "alpha": part.scorer.alpha}
    return told


def _part(told: Mapping[str, Any], arrays: Arrays, size: int) -> Part:
    name, code = told["name"], told["code"]
    _require(code in get_args(Code), f"{name}: a known reason, not {code!r}")
    _require(told["weight"] >= 0 and told["recency"] >= 0, f"{name}: no negative weight or recency")
    scorer: Scorer = (
        _factors(told, arrays[f"{name}.factors"], size)
        if f"{name}.factors" in arrays
        else _neighbours(name, arrays, size)
    )
    return Part(name, code, scorer, float(told["recency"]), float(told["weight"]))


def _factors(told: Mapping[str, Any], items: NDArray[Any], size: int) -> Factors:
    name = told["name"]
    _require(items.ndim == 2 and len(items) == size, f"{name}: factors [items, factors]")
    _require_finite(name, items)
    _require(told["regularisation"] > 0, f"{name}: a positive regularisation")
    return Factors(items, float(told["regularisation"]), float(told["alpha"]))


def _neighbours(name: str, arrays: Arrays, size: int) -> Neighbours:
    starts, items, weights = (arrays[f"{name}.{of}"] for of in ("starts", "items", "weights"))
    _require(starts.shape == (size + 1,), f"{name}: starts [items + 1]")
    _require(items.ndim == 1 and items.shape == weights.shape, f"{name}: a weight for each item")
    ordered = starts[0] == 0 and starts[-1] == len(items) and bool((np.diff(starts) >= 0).all())
    _require(ordered, f"{name}: starts that ascend from 0 to the end")
    _require(bool(((items >= 0) & (items < size)).all()), f"{name}: items of the catalogue")
    _require_finite(name, weights)
    return Neighbours(starts, items, weights)


def _flags(numbers: list[int], size: int) -> NDArray[np.bool_]:
    _require(all(0 <= number < size for number in numbers), "flags of items of the catalogue")
    flags = np.zeros(size, np.bool_)
    flags[numbers] = True
    return flags


def _require_finite(name: str, numbers: NDArray[Any]) -> None:
    _require(bool(np.isfinite(numbers).all()), f"{name}: finite numbers")


def _require(holds: bool, what: str) -> None:
    if not holds:
        raise ArtifactUnusable(f"the recommender needs {what}")


def _write(path: Path, content: Mapping[str, Any]) -> None:
    text = json.dumps(content, indent=2, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")
