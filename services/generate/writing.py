"""From a verdict to the response: composed, checked, prepared for whoever takes over."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from services.generate.acting import status_of
from services.generate.case import Case
from services.generate.domain import composer, handover
from services.generate.domain.actions.orders import Result, key_of
from services.generate.domain.composer import Letter
from services.generate.domain.decision import Verdict
from services.generate.domain.entries import Entry
from services.generate.domain.guarding import broken_rules
from services.generate.domain.handover import Queues
from services.generate.domain.names import usable_name
from services.generate.domain.phrases import NAME, phrases_for
from services.generate.domain.policy import Policy
from services.generate.domain.reasons import OF_RESULT
from services.generate.domain.standing import HANDED_OVER
from services.generate.ports import Kept
from shared.envelope import Event, data_of
from shared.events import (
    Action,
    Asked,
    Choice,
    Citation,
    Handoff,
    ResponseGenerated,
    TicketPersonalized,
)

SOURCE = "/careloop/generate"


@dataclass(frozen=True, slots=True)
class Body:
    """What a language model wrote for a case: the text between the courtesies, if it wrote one that
    may be used, what that cost, and what it was told."""

    text: str | None
    written_by: str
    cost: dict[str, float]
    prompt: str = ""


class Scribe:
    """Writes responses. `agent_language` is that of hand-overs, or `auto` for the customer's."""

    def __init__(self, queues: Queues, agent_language: str) -> None:
        self._queues = queues
        self._agent_language = agent_language

    def write(
        self,
        case: Case,
        policy: Policy,
        now: datetime,
        *,
        result: Result | None = None,
        body: Body | None = None,
    ) -> Kept:
        """The response. What breaks a rule of the guardrails is not sent: somebody else's words
        give way to the composer's, and these to a draft or a hand-over."""
        verdict = _after(case.verdict, result)
        queue = self._queues.queue(case.message.understood.intent)
        by_name = usable_name(case.arrival.originals.get(NAME)) is not None
        letter = Letter(by_name, queue, result)
        if body is not None:
            letter = replace(letter, body=body.text, prompt=body.prompt)
        reply = _checked(case, verdict, letter)
        cost = body.cost if body else {}
        if reply.broken and letter.body is not None:
            reply = _checked(case, verdict, replace(letter, body=None))
            cost = {**cost, "llm_rejected": 1.0}
        if reply.broken:
            held = _held_back(verdict, reply.broken)
            said = None if held.entry else composer.handover(case.message, queue)
            plain = replace(letter, body=said, done=None)
            reply = _Reply(held, plain, composer.compose(case.message, held, plain))
        is_bodys = body is not None and body.text is not None and reply.letter.body == body.text
        return self._respond(
            case,
            reply,
            policy=policy,
            now=now,
            cost=cost,
            written_by=body.written_by if body and is_bodys else "composer",
            result=result,
        )

    def _respond(
        self,
        case: Case,
        reply: "_Reply",
        *,
        policy: Policy,
        now: datetime,
        cost: Mapping[str, float],
        written_by: str,
        result: Result | None,
    ) -> Kept:
        data, message, verdict = case.event.data, case.message, reply.verdict
        ticket, understanding = data.ticket, data.understanding
        offer = composer.offered(message, verdict, reply.letter.done)
        language = composer.reply_language(message, verdict)
        response = ResponseGenerated(
            ticket_id=ticket.ticket_id,
            response_id=case.arrival.response_id,
            message_id=ticket.message_id,
            decision=verdict.decision,
            text=reply.text,
            language=language,
            confidence=verdict.confidence,
            intent=understanding.intent,
            intent_confidence=understanding.confidence,
            sentiment=understanding.sentiment,
            priority=understanding.priority,
            reasons=tuple(map(str, verdict.reasons)),
            citations=_citations(verdict),
            action=_action(case, verdict, result),
            recommendations=(offer,) if offer else (),
            handoff=self._handoff(case, reply, result),
            evidence=understanding.evidence,
            entities=understanding.entities,
            model_version=understanding.model_version,
            policy_version=f"v{policy.version}",
            propensity=verdict.propensity,
            choices=tuple(
                Choice(
                    slot=one.slot,
                    context=one.context,
                    option=one.option,
                    propensity=one.propensity,
                )
                for one in case.choices
            ),
            disclosure=phrases_for(language).disclosure,
            timings=timings(data, now),
            cost={"encoder_passes": case.encoder_passes, "llm_tokens": 0, **cost},
            channel=ticket.channel,
            customer_key=ticket.customer_key,
            asked=_asked(case),
            written_by=written_by,
            created_at=now,
        )
        envelope = case.event.derive(response, source=SOURCE, now=now)
        event = Event(envelope.id, SOURCE, now, envelope.traceparent, response)
        # Once for the store and the loop.
        return Kept(replace(event, written=data_of(event)), ticket.turn, case.seals)

    def _handoff(self, case: Case, reply: "_Reply", result: Result | None) -> Handoff | None:
        verdict = reply.verdict
        if verdict.decision not in HANDED_OVER:
            return None
        words = handover.words_for(self._agent_language, case.message.language)
        standing = case.arrival.standing
        return Handoff(
            queue=reply.letter.queue,
            summary=handover.summary(case.message, verdict, words, standing=standing, done=result),
            suggested_replies=tuple(entry.text for entry in verdict.suggested),
            sources=tuple(map(_citation, verdict.suggested)),
        )


@dataclass(frozen=True, slots=True)
class _Reply:
    """A text, what it was made of, and which rules it breaks."""

    verdict: Verdict
    letter: Letter
    text: str
    broken: tuple[str, ...] = ()


def _checked(case: Case, verdict: Verdict, letter: Letter) -> _Reply:
    text = composer.compose(case.message, verdict, letter)
    return _Reply(verdict, letter, text, broken_rules(text, case.message, verdict, letter))


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


def _after(verdict: Verdict, result: Result | None) -> Verdict:
    """The verdict once the action was tried: one that failed is a person's."""
    if result is None:
        return verdict
    reasons = (OF_RESULT[result.status], *verdict.reasons)
    decision = "escalate" if result.status == "failed" else verdict.decision
    return replace(verdict, decision=decision, reasons=reasons)


def _held_back(verdict: Verdict, broken: tuple[str, ...]) -> Verdict:
    """A text that must not be sent, and a person who sees to it: an answer as a draft, for they may
    mend it, all else as a hand-over."""
    reasons = (*broken, *verdict.reasons)
    if verdict.decision in ("answer", "draft") and verdict.entry is not None:
        return replace(verdict, decision="draft", reasons=reasons, suggested=(verdict.entry,))
    return replace(verdict, decision="escalate", reasons=reasons, entry=None)


def _citations(verdict: Verdict) -> tuple[Citation, ...]:
    return (_citation(verdict.entry),) if verdict.entry else ()


def _citation(entry: Entry) -> Citation:
    return Citation(document=entry.document, section=entry.section, quote=entry.text)


def _asked(case: Case) -> Asked:
    ticket, understanding = case.event.data.ticket, case.event.data.understanding
    return Asked(
        text=case.message.text,
        words=ticket.words,
        vector=understanding.vector,
        intents=understanding.intents,
        is_out_of_scope=understanding.is_out_of_scope,
        answerable=case.answerable,
        turn=ticket.turn,
        received_at=ticket.received_at,
    )


def _action(case: Case, verdict: Verdict, result: Result | None) -> Action | None:
    plan = verdict.plan
    status = status_of(plan, result) if plan is not None else None
    if plan is None or status is None:
        return None
    ticket = case.event.data.ticket
    return Action(
        name=plan.action.name,
        arguments=dict(plan.arguments),
        idempotency_key=key_of(ticket.ticket_id, ticket.message_id, plan.action.name),
        result=dict(result.fields) if result else {},
        status=status,
        missing=plan.told.to_ask,
    )
