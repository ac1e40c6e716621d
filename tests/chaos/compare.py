"""Whether two systems that were given the same hold the same, whatever the clock said meanwhile."""

import math
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson

from tests.e2e.mongo import Dump

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?")
TOOK = ("timings", "steps", "total_ms", "first_response_ms", "bucket", "expires_at")
PLACED = ("place", "traceparent")
DRAWN = ("sealed", "seals")
TRIED = ("begun", "vector")
"""How often an order was begun; the last digits of a vector depend on its batch."""
LIVED = frozenset((*TOOK, *PLACED, *DRAWN, *TRIED))
"""Fields that tell of the way there, not of what is."""
WAYS = frozenset(("feedback.state", "classify.offsets", "personalize.offsets", "generate.offsets"))
"""Collections of offsets and of what was looked at when."""
JUDGED = frozenset(("is_contact", "verdict", "judged", "because", "resolved", "flags"))
"""Fields that also tell what came before what."""
CLOSE = 2e-3
"""Numbers of a model that read a message within another batch differ by less."""


def differences(one: Dump, other: Dump, *, timed: bool = False) -> list[str]:
    """Where the two differ, as paths with both values; times and ways left out, and what is judged
    by times if those were others (`timed`)."""
    left_out = LIVED | JUDGED if timed else LIVED
    found: list[str] = []
    for name in sorted({*one, *other} - WAYS):
        left, right = (_plain(side.get(name, {}), name, left_out) for side in (one, other))
        _compare(name, left, right, found)
    return found


def _plain(value: Any, path: str, left_out: frozenset[str]) -> Any:
    """Without times; stored JSON is read."""
    if isinstance(value, datetime) or (isinstance(value, str) and MOMENT.fullmatch(value)):
        return "a moment"
    if isinstance(value, str) and value.startswith("{"):
        return _plain(orjson.loads(value), path, left_out)
    if isinstance(value, Mapping):
        # Profiles count how often they were written.
        kept = {
            k: v for k, v in value.items() if k not in left_out and (path, k) != PROFILE_VERSION
        }
        return {str(key): _plain(item, path, left_out) for key, item in kept.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item, path, left_out) for item in value]
    return value


PROFILE_VERSION = ("personalize.profiles", "version")


def _compare(path: str, one: Any, other: Any, found: list[str]) -> None:
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted({*one, *other}):
            _compare(f"{path}.{key}", one.get(key, "nothing"), other.get(key, "nothing"), found)
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for number, (left, right) in enumerate(zip(one, other, strict=True)):
            _compare(f"{path}.{number}", left, right, found)
    elif isinstance(one, float) and isinstance(other, float):
        if not math.isclose(one, other, abs_tol=CLOSE):
            found.append(f"{path}: {one} is not {other}")
    elif one != other:
        found.append(f"{path}: {str(one)[:120]} is not {str(other)[:120]}")
