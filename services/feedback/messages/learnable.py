"""What stored messages and labels hold to learn from."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.feedback.domain.learning.drift import Window
from services.feedback.domain.learning.rows import Label, Message, TrainingRow
from shared.vectors import unit_vector

Floats = NDArray[np.float32]
Stored = Mapping[str, Any]


@dataclass(frozen=True)
class Learnable:
    """Messages with what was said of them, their sentence vectors by ticket and message, and when
    and by which model they were read. Vectors are of one encoder."""

    messages: Sequence[Message]
    vectors: Mapping[tuple[str, str], Floats]
    documents: Sequence[Stored]

    def vectors_of(self, rows: Sequence[TrainingRow]) -> Floats:
        """float32 [rows, width]; nothing but zeros, which is like no other, where none is known."""
        width = len(next(iter(self.vectors.values()))) if self.vectors else 1
        unknown = np.zeros(width, np.float32)
        found = [self.vectors.get((row.ticket_id, row.message_id), unknown) for row in rows]
        return np.array(found, np.float32).reshape(len(rows), width)

    @property
    def model(self) -> str | None:
        """The model that read the newest message."""
        newest = max(self.documents, key=lambda one: one["at"], default=None)
        return None if newest is None else str(newest["model_version"])

    def texts(self, most: int) -> list[str]:
        """The newest messages, one of each ticket."""
        newest = sorted(self.documents, key=lambda one: one["at"], reverse=True)
        by_ticket: dict[str, str] = {}
        for one in newest:
            by_ticket.setdefault(one["ticket_id"], one["text"])
        return [text for text in by_ticket.values() if text.strip()][:most]

    def window(self, since: datetime | None, until: datetime) -> Window:
        """The messages of a time whose vectors are known, the first of each ticket."""
        by_ticket: dict[str, Stored] = {}
        for one in sorted(self.documents, key=lambda one: one["at"]):
            if (since is None or one["at"] >= since) and one["at"] < until:
                by_ticket.setdefault(one["ticket_id"], one)
        known = [one for one in by_ticket.values() if _key(one) in self.vectors]
        return Window(
            np.array([self.vectors[_key(one)] for one in known], np.float32),
            [one["intent"] for one in known],
            [one["intent_confidence"] for one in known],
            [one["is_out_of_scope"] for one in known],
        )


def learnable(
    documents: Sequence[Stored], labels: Sequence[Stored], confirmed: Mapping[str, datetime]
) -> Learnable:
    """`confirmed` says by the message's key when the reply to it was verified as good."""
    said = _labels(documents, labels)
    messages = [
        Message(
            ticket_id=one["ticket_id"],
            message_id=one["message_id"],
            text=one["text"],
            language=one["language"],
            said=one["intent"],
            customer_key=one.get("customer_key"),
            labels=tuple(said[_key(one)]),
            confirmed_at=confirmed.get(one["_id"]),
        )
        for one in documents
    ]
    newest = max((one for one in documents if "encoder" in one), key=_at, default=None)
    vectors = {
        _key(one): vector
        for one in documents
        if newest is not None
        and one.get("encoder") == newest["encoder"]
        and (vector := unit_vector(one["vector"])) is not None
    }
    return Learnable(messages, vectors, documents)


def _labels(
    documents: Sequence[Stored], labels: Sequence[Stored]
) -> Mapping[tuple[str, str], list[Label]]:
    """Each label with its message: the one it names, or the ticket's newest one before it."""
    by_ticket: dict[str, list[Stored]] = defaultdict(list)
    for one in sorted(documents, key=_at):
        by_ticket[one["ticket_id"]].append(one)
    found: dict[tuple[str, str], list[Label]] = defaultdict(list)
    for label in labels:
        meant = [
            one
            for one in by_ticket[label["ticket_id"]]
            if (label["message_id"] or one["message_id"]) == one["message_id"]
            and (label["message_id"] is not None or one["at"] <= label["at"])
        ]
        if meant:
            told = Label(label["intent"], label["agent_key"], label["at"])
            found[_key(meant[-1])].append(told)
    return found


def _key(document: Stored) -> tuple[str, str]:
    return document["ticket_id"], document["message_id"]


def _at(document: Stored) -> datetime:
    at: datetime = document["at"]
    return at
