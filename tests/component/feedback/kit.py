"""Feedback's handler over the real database, the events it is told, and what they count up to."""

import contextlib
import uuid
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from services.feedback.domain.efficiency import Effort
from services.feedback.domain.history import STEPS, WAITING
from services.feedback.domain.intervals import Pairs, Sample
from services.feedback.domain.policy import Promise
from services.feedback.domain.quality import Contacts, Dimension, Group, bucket_of
from services.feedback.domain.savings import Waits
from services.feedback.domain.verdicts import JudgedResponse
from services.feedback.handlers import FeedbackHandler
from services.feedback.messages.mongo import MongoMessages
from services.feedback.mongo import MongoHistories, MongoOutcomes
from services.feedback.quality.ports import ALL, Period
from shared import topics
from shared.envelope import Event, encode
from shared.events import FeedbackRated, Payload, ResponseReviewed, TicketResolved
from shared.mongo import Mongo
from shared.topics import TopicCard
from tests.unit.feedback.quality_kit import Memory, at, response, told

__all__ = [
    "EFFORTS",
    "PROMISE",
    "STEPPED",
    "Counting",
    "Heard",
    "Killed",
    "at",
    "database",
    "empty_database",
    "handler",
    "judged_badly",
    "messages",
    "response",
    "stored",
    "told",
    "verdicts",
]

STEPPED = {"classify": 100.0, "personalize": 200.0, "generate": 700.0, "total": 1000.0}
SLOWLY = {"classify": 1000.0, "personalize": 2000.0, "generate": 1000.0, "total": 4000.0}
UNSURE: dict[str, Any] = {"decision": "escalate", "reasons": ("below_threshold",)}
EFFORTS: list[Event[Any]] = [
    # Answered and closed, and after a second message handed to an agent, who is done after an hour;
    # the system's own closing before that says nothing.
    response(1, "E-1", intent="login", timings=STEPPED, cost={"llm_tokens": 100, "llm_cost": 0.5}),
    told(TicketResolved(ticket_id="E-1", resolved_by="customer", occurred_at=at(5))),
    response(10, "E-1", intent="login", timings=SLOWLY, cost={"encoder_passes": 2}, **UNSURE),
    told(TicketResolved(ticket_id="E-1", resolved_by="system", occurred_at=at(20))),
    told(TicketResolved(ticket_id="E-1", resolved_by="agent", occurred_at=at(70))),
    # A draft is approved after half an hour, before the customer says that all is well.
    response(20, "E-2", intent="login", decision="draft", timings=STEPPED, reasons=("urgent",)),
    told(
        ResponseReviewed(
            ticket_id="E-2", response_id="E-2/r20", verdict="approved", occurred_at=at(50)
        )
    ),
    told(TicketResolved(ticket_id="E-2", resolved_by="customer", occurred_at=at(80))),
    # Of this one nobody says a word; nor is known what time its first reply took.
    response(30, "E-3", intent="login", timings={}, **UNSURE),
    response(40, "E-3", intent="login", timings=STEPPED, **UNSURE),
]
"""Tickets that took their time, and some people's."""

PROMISE = Promise(alpha=0.1, delta=0.1, default_threshold=0.55)


class Heard:
    """What everybody heard on the feedback topic, in Kafka's own bytes."""

    def __init__(self) -> None:
        self.events: list[Event[Any]] = []

    async def publish(self, topic: TopicCard, *events: Event[Payload]) -> None:
        assert topic == topics.FEEDBACK
        self.events += events

    @property
    def contents(self) -> list[Any]:
        return [encode(event) for event in self.events]


class Killed(BaseException):
    """The process ends here: nothing after it is carried out, nothing catches it."""


class Counting(Memory):
    """All that the database counts, counted in plain Python."""

    async def counted(self, period: Period, by: Dimension) -> Sequence[Group]:
        return [
            replace(one, stars_squared=one.stars**2, edit_distance_squared=one.edit_distance**2)
            for one in await super().counted(period, by)
        ]

    async def contact_rates(self, period: Period, by: Dimension | None) -> Mapping[str, Contacts]:
        written = Counter(
            (self.value(one, by), one.response.customer_key)
            for one in self._within(period)
            if one.is_contact and one.response.customer_key
        )
        return {
            value: replace(
                rates,
                contacts_squared=sum(n**2 for (of, _), n in written.items() if of == value),
            )
            for value, rates in (await super().contact_rates(period, by)).items()
        }

    async def efforts(self, period: Period, by: Dimension | None) -> Mapping[str, Effort]:
        tickets: defaultdict[str, defaultdict[str, list[JudgedResponse]]]
        tickets = defaultdict(lambda: defaultdict(list))
        for one in self._within(period):
            tickets[self.value(one, by)][one.ticket_id].append(one)
        return {value: _effort(list(those.values())) for value, those in tickets.items()}

    async def waits_for_people(self, period: Period) -> Sequence[Waits]:
        of_intent: defaultdict[str, list[JudgedResponse]] = defaultdict(list)
        for one in self._within(period):
            of_intent[one.response.intent].append(one)
        return [self._waits(intent, those) for intent, those in of_intent.items()]

    def _waits(self, intent: str, replies: Sequence[JudgedResponse]) -> Waits:
        waited = [one for one in replies if one.response.decision in WAITING]
        reasons = Counter(reason for one in waited for reason in one.response.reasons)
        times = Counter(bucket_of(ms) for one in waited for ms in self._until_done(one))
        return Waits(intent, len(replies), len(waited), reasons, times)

    def _until_done(self, one: JudgedResponse) -> Iterable[float]:
        began = one.response.created_at
        done = [
            signal.occurred_at
            for signal in self.tickets[one.ticket_id].signals.values()
            if (signal.kind in ("reviewed", "sent") and signal.response == one.response.key)
            or (
                signal.kind == "resolved"
                and signal.value in ("customer", "agent")
                and signal.occurred_at >= began
            )
        ]
        return [(min(done) - began).total_seconds() * 1000] if done else []

    @staticmethod
    def value(one: JudgedResponse, by: Dimension | None) -> str:
        response = one.response
        names = {"model": "model_version", "policy": "policy_version"}
        if by in (None, "day"):
            return ALL if by is None else f"{response.created_at:%Y-%m-%d}"
        return str(getattr(response, names.get(by, by)))


def _effort(tickets: Sequence[Sequence[JudgedResponse]]) -> Effort:
    def summed(figure: Callable[[JudgedResponse], float]) -> list[float]:
        return [sum(figure(one) for one in replies) for replies in tickets]

    def used(name: str) -> list[float]:
        return summed(lambda one: one.response.cost.get(name, 0.0))

    def taken(step: str) -> list[float]:
        took = summed(lambda one: one.response.steps.get(step, 0.0))
        return [took[number] for number in stepped]

    resolved = summed(lambda one: float(one.resolved))
    passes, tokens = used("encoder_passes"), used("llm_tokens")
    everything = summed(lambda one: sum(one.response.steps.values()))
    stepped = [number for number, ms in enumerate(everything) if ms]
    return Effort(
        len(tickets),
        sum(map(len, tickets)),
        time=_sample(
            sum(one.response.total_ms or 0.0 for one in replies)
            for replies in tickets
            if all(one.response.total_ms is not None for one in replies)
        ),
        passes=_sample(passes),
        tokens=_sample(tokens),
        price=_sample(used("llm_cost")),
        steps={
            step: _pairs(taken(step), [everything[number] for number in stepped]) for step in STEPS
        },
        passes_resolved=_pairs(passes, resolved),
        tokens_resolved=_pairs(tokens, resolved),
    )


def _sample(figures: Iterable[float]) -> Sample:
    known = list(figures)
    return Sample(len(known), sum(known), sum(one**2 for one in known))


def _pairs(top: Sequence[float], bottom: Sequence[float]) -> Pairs:
    one, other = _sample(top), _sample(bottom)
    products = sum(a * b for a, b in zip(top, bottom, strict=True))
    return Pairs(one.count, one.total, other.total, one.squares, other.squares, products)


@contextlib.asynccontextmanager
async def empty_database(url: str) -> AsyncIterator[Mongo]:
    mongo = Mongo(url, f"feedback_{uuid.uuid4().hex}")
    yield mongo
    await mongo.database.client.drop_database(mongo.database.name)
    await mongo.close()


@contextlib.asynccontextmanager
async def database(url: str) -> AsyncIterator[Mongo]:
    async with empty_database(url) as mongo:
        await MongoOutcomes(mongo).create_indexes()
        yield mongo


def handler(mongo: Mongo, outcomes: MongoOutcomes | None = None) -> FeedbackHandler:
    outcomes = outcomes or MongoOutcomes(mongo)
    return FeedbackHandler(MongoHistories(mongo), outcomes, messages(mongo))


def messages(mongo: Mongo) -> MongoMessages:
    return MongoMessages(mongo, timedelta(days=3650))


async def stored(mongo: Mongo, *names: str) -> dict[str, list[Any]]:
    """Documents of these collections; not when they expire, which counts from the last write."""
    wanted = names or ("tickets", "outcomes", "waiting", "policies", "state")
    found = {name: mongo.database[name].find({}, {"expires_at": 0}) for name in wanted}
    return {name: await documents.sort("_id").to_list(None) for name, documents in found.items()}


async def verdicts(mongo: Mongo) -> dict[str, str]:
    return {one["response_id"]: one["verdict"] for one in (await stored(mongo))["outcomes"]}


async def judged_badly(mongo: Mongo, *confidences: float, intent: str = "refund") -> None:
    for number, confidence in enumerate(confidences):
        ticket = f"{intent} {number}"
        await handler(mongo).record([response(number, ticket, confidence, intent)])
        rated = FeedbackRated(ticket_id=ticket, rating=1, occurred_at=at(number + 1))
        await handler(mongo).record([told(rated)])
