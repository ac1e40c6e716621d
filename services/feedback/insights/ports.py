"""What the report needs from outside."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from services.feedback.domain.insight.message import Message


class Messages(Protocol):
    """The messages of customers with what became of them. Raises TemporaryError."""

    async def messages(self, since: datetime) -> Sequence[Message]:
        """All that came since then, in any order. Vectors of another encoder than the one of most
        are None."""
