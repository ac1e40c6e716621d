"""The behaviour artifact's files: numbers as .npz without pickle, the rest as JSON.

members.npz       <number>.<array> of each member: trees or weights
behaviour.json    target, columns, calibration, what each member is
model-card.md     for people
metrics.json      how well it did on rows it had not seen

Reading it needs numpy only, and runs nothing of it.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from services.personalize.behaviour.forest import Forest
from services.personalize.behaviour.linear import Linear
from services.personalize.behaviour.model import BehaviourModel, Blend
from services.personalize.behaviour.schema import schema_of

FORMAT = "1"
"""Changes when what is served cannot read what was stored before."""

_MEMBERS = "members.npz"
_DESCRIPTION = "behaviour.json"
_METRICS = "metrics.json"
_KINDS: dict[str, type[Forest | Linear]] = {"trees": Forest, "weights": Linear}


def name_of(target: str) -> str:
    """The artifact's name in the model store: `behaviour-` and the target in lower case.

    Of a target whose name has nothing that a store may hold, the first digits of its sha256.
    """
    plain = re.sub(r"[^a-z0-9._-]+", "-", target.lower()).strip("-._")[:60]
    return f"behaviour-{plain or hashlib.sha256(target.encode()).hexdigest()[:12]}"


def save(folder: Path, model: BehaviourModel, metrics: Mapping[str, Any]) -> None:
    """Writes the artifact's files into an existing folder; equal content gives equal bytes."""
    members = model.blend.members
    kinds = [next(k for k, kind in _KINDS.items() if isinstance(m, kind)) for m in members]
    arrays = {
        f"{number}.{name}": array
        for number, member in enumerate(members)
        if isinstance(member, Forest | Linear)
        for name, array in member.arrays().items()
    }
    np.savez(folder / _MEMBERS, allow_pickle=False, **arrays)
    description = {
        "target": model.target,
        "positive": model.positive,
        "prior": model.prior,
        "members": kinds,
        "slope": model.blend.slope,
        "intercept": model.blend.intercept,
        "matter": model.matter.tolist(),
        "columns": model.schema.described(),
    }
    _write(folder / _DESCRIPTION, description)
    _write(folder / _METRICS, metrics)


def load(folder: Path) -> BehaviourModel:
    """The model as it is served. Raises OSError, ValueError, TypeError or KeyError."""
    description = json.loads((folder / _DESCRIPTION).read_text(encoding="utf-8"))
    with np.load(folder / _MEMBERS, allow_pickle=False) as file:
        arrays = dict(file)
    members = tuple(
        _KINDS[kind].stored(
            {
                name.removeprefix(f"{number}."): array
                for name, array in arrays.items()
                if name.startswith(f"{number}.")
            }
        )
        for number, kind in enumerate(description["members"])
    )
    return BehaviourModel(
        description["target"],
        description["positive"],
        schema_of(description["columns"]),
        Blend(members, description["slope"], description["intercept"]),
        description["prior"],
        np.array(description["matter"], np.float64),
    )


def _write(path: Path, content: Mapping[str, Any]) -> None:
    text = json.dumps(content, indent=2, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")
