"""Which rows are learned from: all steps from messages to a training set."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from services.feedback.domain.learning.caps import Caps, capped
from services.feedback.domain.learning.rows import (
    Message,
    Selection,
    TrainingRow,
    candidates,
    settled,
)
from services.feedback.domain.learning.suspicion import Caution, of_flagged, suspects

Floats = NDArray[np.float32]


def select(
    messages: Sequence[Message],
    vectors_of: Callable[[Sequence[TrainingRow]], Floats],
    *,
    caps: Caps,
    caution: Caution,
    beside: int = 0,
) -> Selection:
    """Rows that nobody contradicts, no more of anybody than the caps allow.

    Whoever labels against everybody else is left out first: else their rows would count as
    disagreement and take good ones with them. `vectors_of` gives float32 [rows, dimension],
    normalised; `beside` as in `capped`. Order of the messages does not matter.
    """
    rows = candidates(messages)
    if not rows:
        return Selection((), ())
    flagged = of_flagged(rows, suspects(rows, vectors_of(rows), caution))
    left_out = {one.row.speaker for one in flagged}
    undisputed = settled([row for row in rows if row.speaker not in left_out])
    within = capped(undisputed.rows, caps, beside)
    return Selection(within.rows, (*flagged, *undisputed.aside, *within.aside))
