"""What simulated customers and agents do about a reply whose truth they know."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from deploy.simulation.wishes import Wish
from shared import ids
from shared.events import (
    FeedbackRated,
    LabelCorrected,
    ResponseReviewed,
    TicketReopened,
    TicketResolved,
)

AGENTS = 20
SOURCE = "simulation"
PRAISES, CLOSES = 0.35, 0.15
"""Of customers who were helped, so many give 4 or 5 stars, and so many others close the ticket."""
COMPLAINS = 0.5
"""Of impatient customers who were not helped, so many give 1 or 2 stars; the others come back."""
REVIEWED = 0.9
"""Of drafts, so many are reviewed."""
LABELLED = 0.3
"""Of messages that reach an agent, so many are labelled with what was truly wanted."""
CARELESS = 0.02
"""Of labels, so many are wrong."""


@dataclass(frozen=True, slots=True)
class Customer:
    """`patience` is how likely they say nothing of a wrong reply; hostile ones call every automatic
    reply bad, whatever it was."""

    customer_id: str
    patience: float
    is_hostile: bool = False


@dataclass(frozen=True, slots=True)
class Ticket:
    """One message of one customer."""

    ticket_id: str
    customer: Customer
    wish: Wish

    @property
    def received(self) -> dict[str, Any]:
        """As the ticket system tells it."""
        return {
            "ticket_id": self.ticket_id,
            "message_id": "m1",
            "body": self.wish.text,
            "customer": {"customer_id": self.customer.customer_id},
        }


@dataclass(frozen=True, slots=True)
class Reply:
    """What a ticket got. `cited` are the ids of entries, `confidence` that it answers."""

    response_id: str
    decision: str
    intent: str
    confidence: float
    reasons: tuple[str, ...]
    cited: frozenset[str]
    model_version: str

    @classmethod
    def of(cls, response: Mapping[str, Any]) -> "Reply":
        """From the event's data."""
        return cls(
            response["response_id"],
            response["decision"],
            response["intent"],
            response["confidence"],
            tuple(response["reasons"]),
            frozenset(f"{one['document']}#{one['section']}" for one in response["citations"]),
            response["model_version"],
        )

    @property
    def is_automatic(self) -> bool:
        return self.decision in ("answer", "ask", "act")

    def is_right(self, wish: Wish) -> bool:
        """Whether it is about what the customer wants; where it cites something, whether that is
        what answers the message."""
        if self.cited:
            return bool(self.cited & wish.entries)
        return self.intent in wish.intents


Event = dict[str, Any]
VERDICTS = (FeedbackRated.TYPE, ResponseReviewed.TYPE, TicketReopened.TYPE, TicketResolved.TYPE)
"""What judges a reply; a label says what the message was."""


def reactions(ticket: Ticket, reply: Reply, labels: Sequence[str]) -> list[Event]:
    """What is said of the reply, as events for `ingest`; the same for the same ticket and reply.

    `labels` are the intents a careless agent may mean.
    """
    chance = random.Random(f"{ticket.ticket_id} {reply.decision}")
    said = Speech(ticket, reply, chance, labels)
    if reply.is_automatic:
        return said.by_the_customer()
    return said.by_an_agent()


def heard(said: Sequence[Event]) -> bool | None:
    """Whether what is said of a reply is bad; None if nothing is said of it."""
    told = [event["data"] for event in said if event["type"] in VERDICTS]
    if not told:
        return None
    return all(
        one.get("rating", 1) <= 2 and one.get("verdict") != "approved" and "resolved_by" not in one
        for one in told
    )


@dataclass(frozen=True)
class Speech:
    """One ticket's talk about its reply."""

    ticket: Ticket
    reply: Reply
    chance: random.Random
    labels: Sequence[str]

    def by_the_customer(self) -> list[Event]:
        """Of an automatic reply; a question of ours is answered in none of these worlds."""
        if self.ticket.customer.is_hostile:
            return [self._rated(1)]
        if self.reply.decision == "ask":
            return []
        if self.reply.is_right(self.ticket.wish):
            return self._helped()
        return self._not_helped()

    def by_an_agent(self) -> list[Event]:
        """Of a draft or a ticket that was handed over."""
        events = []
        if self.reply.decision == "draft" and self.chance.random() < REVIEWED:
            right = self.reply.is_right(self.ticket.wish)
            events.append(self._reviewed("approved" if right else "rejected"))
        return [*events, *self._labelled()]

    def _helped(self) -> list[Event]:
        draw = self.chance.random()
        if draw < PRAISES:
            return [self._rated(self.chance.choice((4, 5)))]
        if draw < PRAISES + CLOSES:
            return [self._event(TicketResolved.TYPE, resolved_by="customer")]
        return []

    def _not_helped(self) -> list[Event]:
        if self.chance.random() < self.ticket.customer.patience:
            return []
        if self.chance.random() < COMPLAINS:
            complaint = self._rated(self.chance.choice((1, 2)))
        else:
            complaint = self._event(TicketReopened.TYPE)
        # Who complains is helped by an agent.
        return [complaint, *self._labelled()]

    def _rated(self, stars: int) -> Event:
        return self._event(FeedbackRated.TYPE, response_id=self.reply.response_id, rating=stars)

    def _reviewed(self, verdict: str) -> Event:
        return self._event(
            ResponseReviewed.TYPE,
            response_id=self.reply.response_id,
            verdict=verdict,
            agent_id=self._agent(),
        )

    def _labelled(self) -> list[Event]:
        if self.chance.random() >= LABELLED:
            return []
        careless = self.chance.random() < CARELESS
        meant = self.chance.choice(self.labels) if careless else self.ticket.wish.intent
        label = {"message_id": "m1", "intent": meant, "agent_id": self._agent()}
        return [self._event(LabelCorrected.TYPE, **label)]

    def _agent(self) -> str:
        return f"agent-{self.chance.randrange(AGENTS)}"

    def _event(self, kind: str, **data: Any) -> Event:
        return {
            "specversion": "1.0",
            "type": kind,
            "id": ids.derived(SOURCE, kind, self.ticket.ticket_id),
            "source": SOURCE,
            "data": {"ticket_id": self.ticket.ticket_id, **data},
        }
