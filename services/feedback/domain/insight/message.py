"""A message of a customer with what became of it: what all findings are made from."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from services.feedback.domain.history import AUTOMATIC
from services.feedback.domain.verdicts import Verdict

UNHAPPY = ("negative", "very_negative")


@dataclass(frozen=True, slots=True)
class Cited:
    """The section of the knowledge base that a reply cites."""

    document: str
    section: str


@dataclass(frozen=True, slots=True, eq=False)
class Message:
    """Texts hold placeholders such as `[NAME_1]` where personal data stood.

    `words` are the different words of the text without stop words. `vector` is its sentence vector,
    float32 [384] of unit length; vectors of one report come from one encoder, and None stands for
    one of another. `answerable` is how sure the nearest entry of the knowledge base answers it,
    `products` are those it names, `queue` is the team it went to, and `agent_reply` what an agent
    finally wrote.
    """

    ticket_id: str
    message_id: str
    customer_key: str | None
    at: datetime
    text: str
    words: tuple[str, ...]
    language: str
    vector: NDArray[np.float32] | None
    intent: str
    sentiment: str
    is_out_of_scope: bool
    decision: str
    reasons: tuple[str, ...]
    verdict: Verdict
    answerable: float
    queue: str | None = None
    products: tuple[str, ...] = ()
    cited: Cited | None = None
    agent_reply: str | None = None

    @property
    def key(self) -> tuple[str, str]:
        return self.ticket_id, self.message_id

    @property
    def person(self) -> tuple[str, str]:
        """Who wrote it: the customer, or where nobody knows, whoever wrote this ticket."""
        if self.customer_key is None:
            return "ticket", self.ticket_id
        return "customer", self.customer_key

    @property
    def is_unhappy(self) -> bool:
        """The customer is annoyed, or the reply turned out bad."""
        return self.sentiment in UNHAPPY or self.verdict == "bad"

    @property
    def is_automatic(self) -> bool:
        """The reply reached the customer without a person."""
        return self.decision in AUTOMATIC


def in_order(messages: Iterable[Message]) -> tuple[Message, ...]:
    """Each message once, the oldest first: equal sets of messages give equal tuples."""
    found: dict[tuple[str, str], Message] = {}
    for message in messages:
        known = found.get(message.key)
        if known is None or _rank(known) < _rank(message):
            found[message.key] = message
    return tuple(sorted(found.values(), key=lambda message: (message.at, message.key)))


def customers(messages: Iterable[Message]) -> int:
    """How many different people wrote them."""
    return len({message.person for message in messages})


def tickets(messages: Iterable[Message]) -> tuple[str, ...]:
    """Their different tickets, in order."""
    return tuple(dict.fromkeys(message.ticket_id for message in messages))


def _rank(message: Message) -> tuple[bool, datetime, str, str]:
    """Of two states of one message the one that was judged, or else the later, is kept."""
    return message.verdict != "unknown", message.at, message.decision, message.intent
