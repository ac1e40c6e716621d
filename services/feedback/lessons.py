"""What the classifier is taught next: rows from what people said, and whether it is time."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np

from services.feedback.domain.learning.caps import Caps
from services.feedback.domain.learning.drift import Drift, drift
from services.feedback.domain.learning.rows import Selection
from services.feedback.domain.learning.selection import select
from services.feedback.domain.learning.suspicion import Caution
from services.feedback.domain.learning.triggers import Reason, Triggers, due
from services.feedback.messages.learnable import Learnable

SEED_ROWS = 8_500
"""Of the seed, about so many are learned from beside the rows of people."""
RECENT = 500
"""Messages that both models read for comparison."""
LEAST_COMPARED = 150
"""Messages of either time that drift is looked for in."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Lessons:
    """The rows to learn from and those set aside, the newest texts, the model that read them, and
    why to train now, if there is a reason; `drifted` are the tests that found a change."""

    selection: Selection
    recent: Sequence[str]
    model: str | None
    reasons: tuple[Reason, ...]
    new_rows: int
    drifted: tuple[str, ...] = ()


def lessons(
    known: Learnable, triggers: Triggers, *, last: datetime | None, now: datetime
) -> Lessons:
    """`last` is when training began last; the schedule begins with the first."""
    selection = select(
        known.messages,
        known.vectors_of,
        caps=Caps(),
        caution=Caution(),
        beside=SEED_ROWS,
    )
    seen = _drift(known, last, now)
    new = sum(last is None or row.at > last for row in selection.rows)
    reasons = due(
        triggers if last else replace(triggers, every=None),
        new_rows=new,
        drift=seen,
        last=last or EPOCH,
        now=now,
    )
    drifted = tuple(one.kind for one in seen.drifted) if seen else ()
    return Lessons(selection, known.texts(RECENT), known.model, reasons, new, drifted)


def _drift(known: Learnable, last: datetime | None, now: datetime) -> Drift | None:
    """Between the messages from before the last training and those after it."""
    if last is None:
        return None
    before, recent = known.window(None, last), known.window(last, now)
    if min(len(before.intents), len(recent.intents)) < LEAST_COMPARED:
        return None
    return drift(before, recent, np.random.default_rng(0))
