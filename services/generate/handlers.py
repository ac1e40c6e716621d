"""A ticket in, its one response out. The only place that knows both the contract and the domain."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.generate.current import Current
from services.generate.domain import composer, handover
from services.generate.domain.decision import Policy, Verdict, decide
from services.generate.domain.handover import Queues
from services.generate.domain.message import Background, Message, Understood
from services.generate.domain.phrases import NAME, phrases_for
from services.generate.domain.retrieval import Match, Query
from services.generate.knowledge_base import KnowledgeBase
from services.generate.ports import Encoder, Responses, Stored
from services.generate.vectors import sentences_of, text_of
from shared import ids, log
from shared.envelope import Event
from shared.events import Citation, Handoff, ResponseGenerated, TicketPersonalized
from shared.outcome import Outcome, Outgoing
from shared.sealing import KeyRing, SealBroken
from shared.topics import FEEDBACK, RESPONSES

SOURCE = "/careloop/generate"
logger = log.get(__name__)
Incoming = Event[TicketPersonalized]
Response = Event[ResponseGenerated]


@dataclass(frozen=True, slots=True)
class _Case:
    """A message to respond to: whether its customer can be greeted by name, what the knowledge
    base has on it, and how many encoder passes it has cost."""

    event: Incoming
    by_name: bool
    match: Match
    encoder_passes: int


class GenerateHandler:
    """Decides and writes. A response found in the store is published again, not made again."""

    def __init__(
        self,
        responses: Responses,
        encoder: Encoder,
        seals: KeyRing,
        current: Current,
        *,
        queues: Queues,
        now: Callable[[], datetime],
    ) -> None:
        self._responses = responses
        self._encoder = encoder
        self._seals = seals
        self._current = current
        self._queues = queues
        self._now = now

    async def respond(self, events: Sequence[Incoming]) -> list[Outcome]:
        """One response for each message: on `responses` ready to send, on `feedback` without
        personal data, both with the same id."""
        names = [self._name(event) for event in events]
        wanted = [response_id(event.data) for event in events]
        stored = await self._responses.find(wanted)
        fresh = [
            (event, name)
            for event, name, key in zip(events, names, wanted, strict=True)
            if key not in stored
        ]
        if fresh:
            stored = {**stored, **await self._respond_to(fresh)}
        return [_outcome(stored[key], name) for key, name in zip(wanted, names, strict=True)]

    async def _respond_to(self, fresh: Sequence[tuple[Incoming, str | None]]) -> Stored:
        policy, knowledge, now = self._current.policy, self._current.knowledge, self._now()
        made = await asyncio.to_thread(self._make, fresh, policy, knowledge, now)
        return await self._responses.keep(made)

    def _make(
        self,
        fresh: Sequence[tuple[Incoming, str | None]],
        policy: Policy,
        knowledge: KnowledgeBase,
        now: datetime,
    ) -> list[Response]:
        tickets = [event.data for event, _ in fresh]
        sentences = sentences_of(tickets, knowledge, self._encoder)
        matches = knowledge.index.search(
            [
                Query(data.ticket.words, data.ticket.language, vector, intents_of(data))
                for data, vector in zip(tickets, sentences.vectors, strict=True)
            ],
            on=now.date(),
        )
        cases = [
            _Case(event, name is not None, match, passes)
            for (event, name), match, passes in zip(fresh, matches, sentences.passes, strict=True)
        ]
        return [self._write(case, policy, now) for case in cases]

    def _write(self, case: _Case, policy: Policy, now: datetime) -> Response:
        data = case.event.data
        ticket, understanding = data.ticket, data.understanding
        message = message_of(data)
        verdict = decide(message, case.match, policy)
        language = composer.reply_language(message, verdict)
        handoff = self._handoff(message, verdict)
        queue = handoff.queue if handoff else ""
        response = ResponseGenerated(
            ticket_id=ticket.ticket_id,
            response_id=response_id(data),
            message_id=ticket.message_id,
            decision=verdict.decision,
            text=composer.compose(message, verdict, by_name=case.by_name, queue=queue),
            language=language,
            confidence=verdict.confidence,
            intent=understanding.intent,
            intent_confidence=understanding.confidence,
            sentiment=understanding.sentiment,
            priority=understanding.priority,
            reasons=tuple(reason.value for reason in verdict.reasons),
            citations=_citations(verdict),
            handoff=handoff,
            evidence=understanding.evidence,
            entities=understanding.entities,
            model_version=understanding.model_version,
            policy_version=f"v{policy.version}",
            # The policy leaves nothing to chance, so it chose this with certainty.
            propensity=1.0,
            disclosure=phrases_for(language).disclosure,
            timings=timings(data, now),
            cost={"encoder_passes": case.encoder_passes, "llm_tokens": 0},
            channel=ticket.channel,
            customer_key=ticket.customer_key,
            created_at=now,
        )
        envelope = case.event.derive(response, source=SOURCE, now=now)
        return Event(envelope.id, SOURCE, now, envelope.traceparent, response)

    def _handoff(self, message: Message, verdict: Verdict) -> Handoff | None:
        if verdict.decision != "escalate":
            return None
        return Handoff(
            queue=self._queues.queue(message.understood.intent),
            summary=handover.summary(message, verdict),
            suggested_replies=tuple(entry.text for entry in verdict.suggested),
        )

    def _name(self, event: Incoming) -> str | None:
        """The customer's name, for the greeting. Without one, or with a broken seal, there is
        none: no reply is worth holding up for it."""
        ticket = event.data.ticket
        if ticket.sealed is None:
            return None
        try:
            originals = self._seals.open(ticket.sealed, ticket.ticket_id)
        except SealBroken:
            logger.warning("seal does not open: greeting without a name", **log.about(event))
            return None
        return composer.usable_name(originals.get(NAME))


def response_id(data: TicketPersonalized) -> str:
    """One message has one response, whatever event brought it."""
    return ids.derived("response", data.ticket.ticket_id, data.ticket.message_id)


def message_of(data: TicketPersonalized) -> Message:
    """The message as the domain sees it."""
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
        ),
        background=Background(
            known=customer.known,
            messages=customer.messages,
            by_intent=customer.by_intent,
            sentiment_trend=customer.sentiment_trend,
            last_contact_at=customer.last_contact_at,
            satisfaction=customer.satisfaction,
        ),
        turn=ticket.turn,
        received_at=ticket.received_at,
        has_unread_files=any(file.status != "read" for file in ticket.attachments),
        flags=frozenset(ticket.flags),
    )


def intents_of(data: TicketPersonalized) -> dict[str, float]:
    """The probabilities of the intents that classify ranked highest."""
    understanding = data.understanding
    ranked = {label.label: label.probability for label in understanding.intents}
    return {understanding.intent: understanding.confidence} | ranked


def timings(data: TicketPersonalized, now: datetime) -> dict[str, float]:
    """Milliseconds from each worker's result to the next one's, waiting included.

    Ingest stamps the arrival, so its own share is in `classify`. Clocks of several machines may
    disagree by a little; no time is negative.
    """
    stages = {
        "classify": (data.ticket.received_at, data.understanding.classified_at),
        "personalize": (data.understanding.classified_at, data.customer.personalized_at),
        "generate": (data.customer.personalized_at, now),
        "total": (data.ticket.received_at, now),
    }
    return {
        name: round(max(0.0, (end - start).total_seconds() * 1000), 1)
        for name, (start, end) in stages.items()
    }


def _citations(verdict: Verdict) -> tuple[Citation, ...]:
    entry = verdict.entry
    if entry is None:
        return ()
    return (Citation(document=entry.document, section=entry.section, quote=entry.text),)


def _outcome(stored: Response, name: str | None) -> Outcome:
    text = composer.with_name(stored.data.text, name)
    ready = stored.data.model_copy(update={"text": text})
    sent = Event(stored.id, stored.source, stored.time, stored.traceparent, ready)
    return Outcome(publish=(Outgoing(RESPONSES, sent), Outgoing(FEEDBACK, stored)))
