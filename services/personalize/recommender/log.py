"""What customers did, as columns of numbers, and the histories that follow from it."""

from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np
from scipy.sparse import csr_matrix

from services.personalize.domain.histories import Doubles, Flags, Floats, Histories, Indices


@dataclass(frozen=True)
class Log:
    """Events in order: each user's together, oldest first, those of one moment as they were read.

    users: how many there are; items: their names. user, item: int64 [events]; time: float64
    [events], unix seconds; weight: float32 [events], as `signals` has it; owned, liked, returned:
    bool [events].
    """

    users: int
    items: tuple[str, ...]
    user: Indices
    item: Indices
    time: Doubles
    weight: Floats
    owned: Flags
    liked: Flags
    returned: Flags

    def __len__(self) -> int:
        return len(self.user)

    def only(self, events: "Flags | Indices") -> "Log":
        """The log with some of its events, or with all in another order."""
        columns = {f.name: getattr(self, f.name) for f in fields(self)}
        kept = {k: v[events] for k, v in columns.items() if isinstance(v, np.ndarray)}
        return Log(**{**columns, **kept})

    @cached_property
    def pairs(self) -> "Pairs":
        """Each user with each of their items once; see `Histories`."""
        return _pairs(self)


@dataclass(frozen=True)
class Pairs:
    """Histories of all users, and when each entry's last event was: float64 [entries]."""

    histories: Histories
    times: Doubles


def ordered(log: Log) -> Log:
    """The events of a log as `Log` wants them."""
    return log.only(np.lexsort((np.arange(len(log)), log.time, log.user)))


def matrix(histories: Histories, strengths: Floats, items: int) -> csr_matrix:
    """The strengths as a sparse matrix [customers, items]."""
    entries = (strengths, histories.items, histories.starts)
    return csr_matrix(entries, shape=(len(histories), items), dtype=np.float32)


def _pairs(log: Log) -> Pairs:
    """As `signals.past_of` has it, for all users at once."""
    keys = log.user * len(log.items) + log.item
    known, pair = np.unique(keys, return_inverse=True)
    events = np.arange(len(log))
    last = np.zeros(len(known), np.int64)
    np.maximum.at(last, pair, events)
    taken_back = np.full(len(known), -1)
    np.maximum.at(taken_back, pair[log.returned], events[log.returned])
    counts = events > taken_back[pair]
    weights = np.zeros(len(known), np.float32)
    np.maximum.at(weights, pair[counts], log.weight[counts])
    owned = np.zeros(len(known), np.bool_)
    owned[pair[log.owned]] = True
    order = np.argsort(last)
    per_user = np.bincount(known // max(1, len(log.items)), minlength=log.users)
    histories = Histories(
        np.concatenate([[0], np.cumsum(per_user)]),
        known[order] % max(1, len(log.items)),
        weights[order],
        owned[order],
    )
    return Pairs(histories, log.time[last[order]])
