"""What the report needs from outside."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Protocol

from services.feedback.domain.insight.message import Message


class Messages(Protocol):
    """The messages of customers with what became of them. Raises TemporaryError."""

    def messages(self, since: datetime) -> AsyncIterator[Message]:
        """All that came since then, one after the other, in any order. Vectors of another encoder
        than the one of most are None."""

    def outlines(self, since: datetime) -> AsyncIterator[Message]:
        """The same without text, words, vector and agent's reply, which are most of it: for
        whoever holds them all."""
