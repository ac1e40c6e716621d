"""A way to promise something."""

import re
from dataclasses import dataclass
from typing import Literal

from services.generate.domain.guardrails.characters import FLAGS

Promised = Literal["benefit", "guarantee", "liability", "deed"]


@dataclass(frozen=True, slots=True)
class Promise:
    """Words that promise. A deed may be told when an action has done it; anything else never."""

    kind: Promised
    pattern: re.Pattern[str]


def promise(kind: Promised, pattern: str) -> Promise:
    return Promise(kind, re.compile(pattern, FLAGS))
