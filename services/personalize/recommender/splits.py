"""What a recommender is judged by: each user's last items, with nothing later known to it."""

from dataclasses import dataclass

import numpy as np

from services.personalize.domain.histories import Indices
from services.personalize.recommender.log import Log

LEAST_BEFORE = 3
"""Items a user must have liked before those they are judged by."""


@dataclass(frozen=True)
class Split:
    """`known` is all that may be learned from. users: int64 [judged]; targets: int64 [judged, k],
    new items that each of them came to like, oldest first."""

    known: Log
    users: Indices
    targets: Indices


def leave_last_out(log: Log, k: int) -> Split:
    """Of each user with enough of them the last k items they came to like become targets.

    An item stands where the user first had to do with it, were it by a look: to foresee what is in
    the basket already is no art. All that such a user did from the first target on is unknown,
    whatever it was.
    """
    keys = log.user * len(log.items) + log.item
    _, first, pair = np.unique(keys, return_index=True, return_inverse=True)
    found = np.sort(first[np.unique(pair[log.liked])])
    counts = np.bincount(log.user[found], minlength=log.users)
    users = np.flatnonzero(counts >= k + LEAST_BEFORE)
    ends = np.cumsum(counts)[users]
    events = found[ends[:, None] + np.arange(-k, 0)]
    cut = np.full(log.users, len(log))
    cut[users] = events[:, 0]
    return Split(log.only(np.arange(len(log)) < cut[log.user]), users, log.item[events])
