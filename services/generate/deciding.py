"""From messages to verdicts: encoded, looked up, planned, decided."""

from collections.abc import Sequence
from datetime import datetime

from services.generate.case import Arrival, Case
from services.generate.domain.actions.catalogue import Catalogue
from services.generate.domain.choosing import chosen
from services.generate.domain.decision import decide
from services.generate.domain.message import Background, Message, Understood
from services.generate.domain.planning import plan_of
from services.generate.domain.policy import Margins, Policy
from services.generate.domain.retrieval import Match, Query
from services.generate.knowledge_base import KnowledgeBase
from services.generate.ports import Encoder
from services.generate.vectors import sentences_of, text_of
from shared.events import CUSTOMER_ID, TicketPersonalized


class Decider:
    """Blocking: encodes and searches."""

    def __init__(self, encoder: Encoder, catalogue: Catalogue, margins: Margins) -> None:
        self._encoder = encoder
        self._catalogue = catalogue
        self._margins = margins

    def decide(
        self,
        arrivals: Sequence[Arrival],
        policy: Policy,
        knowledge: KnowledgeBase,
        now: datetime,
    ) -> list[Case]:
        """What each message gets. Raises TemporaryError without the encoder."""
        tickets = [arrival.event.data for arrival in arrivals]
        sentences = sentences_of(tickets, knowledge, self._encoder)
        matches = knowledge.index.search(
            [
                Query(data.ticket.words, data.ticket.language, vector, intents_of(data))
                for data, vector in zip(tickets, sentences.vectors, strict=True)
            ],
            on=now.date(),
        )
        return [
            self._case(arrival, match, passes, policy)
            for arrival, match, passes in zip(arrivals, matches, sentences.passes, strict=True)
        ]

    def _case(self, arrival: Arrival, match: Match, passes: int, policy: Policy) -> Case:
        message = message_of(arrival)
        plan = plan_of(self._catalogue, message, arrival.standing)
        verdict = decide(
            message,
            match,
            policy,
            plan=plan,
            standing=arrival.standing,
            margins=self._margins,
        )
        taken = chosen(message, verdict, policy, self._margins, arrival.response_id)
        return Case(arrival, taken.message, taken.verdict, passes, match.score, taken.choices)


def message_of(arrival: Arrival) -> Message:
    """The message as the domain sees it."""
    data = arrival.event.data
    ticket, understanding, customer = data.ticket, data.understanding, data.customer
    return Message(
        text=text_of(ticket),
        language=ticket.language,
        understood=Understood(
            intent=understanding.intent,
            intents=intents_of(data),
            sentiment=understanding.sentiment,
            priority=understanding.priority,
            is_out_of_scope=understanding.is_out_of_scope,
            entities=understanding.entities,
        ),
        background=Background(
            known=customer.known,
            messages=customer.messages,
            by_intent=customer.by_intent,
            sentiment_trend=customer.sentiment_trend,
            last_contact_at=customer.last_contact_at,
            satisfaction=customer.satisfaction,
            open_tickets=customer.open_tickets,
            segment=customer.segment.name if customer.segment else None,
            likely=tuple(
                (f"{one.target}={one.positive}", one.probability)
                for one in customer.predictions
                if not one.cold
            ),
            manner=customer.manner,
            recommendations=customer.recommendations,
            tone_wanted=ticket.preferences.tone is not None,
        ),
        turn=ticket.turn,
        received_at=ticket.received_at,
        has_unread_files=any(file.status != "read" for file in ticket.attachments),
        flags=frozenset(ticket.flags),
        identity=ticket.identity,
        customer_known=CUSTOMER_ID in arrival.originals,
        told_before=tuple(
            text
            for text in (
                *(turn.text for turn in ticket.history),
                ticket.quoted,
                *(file.text for file in ticket.attachments),
            )
            if text
        ),
    )


def intents_of(data: TicketPersonalized) -> dict[str, float]:
    """The probabilities of the intents that classify ranked highest."""
    understanding = data.understanding
    ranked = {label.label: label.probability for label in understanding.intents}
    return {understanding.intent: understanding.confidence} | ranked
