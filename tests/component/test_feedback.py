"""Feedback over the real database: any order, any repetition, and crashes at every step."""

import asyncio
import contextlib
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prometheus_client import REGISTRY

from services.feedback.domain.history import TicketHistory
from services.feedback.domain.policy import Observation, Promise
from services.feedback.domain.verdicts import JudgedResponse, judge
from services.feedback.gauges import ALL, Gauges
from services.feedback.handlers import FeedbackHandler
from services.feedback.mongo import MongoHistories, MongoOutcomes, MongoPolicies
from services.feedback.periodic import repeat
from services.feedback.report import read
from services.feedback.tuner import Tuner
from shared import topics
from shared.envelope import Event, encode, new_event
from shared.errors import TemporaryError
from shared.events import (
    Decision,
    FeedbackRated,
    LabelCorrected,
    Payload,
    PolicyUpdated,
    ResponseGenerated,
    ResponseReviewed,
    TicketReopened,
    TicketResolved,
)
from shared.mongo import Mongo
from shared.topics import TopicCard

NOON = datetime(2026, 11, 23, 12, 0, 0, 123456, tzinfo=UTC)
PROMISE = Promise(alpha=0.1, delta=0.1, default_threshold=0.55)


class Killed(BaseException):
    """The process ends here: nothing after it is carried out, nothing catches it."""


@pytest.fixture
async def mongo(mongo_url: str) -> AsyncIterator[Mongo]:
    async with database(mongo_url) as mongo:
        yield mongo


@contextlib.asynccontextmanager
async def database(url: str) -> AsyncIterator[Mongo]:
    mongo = Mongo(url, f"feedback_{uuid.uuid4().hex}")
    await MongoOutcomes(mongo).create_indexes()
    yield mongo
    await mongo.database.client.drop_database(mongo.database.name)
    await mongo.close()


def handler(mongo: Mongo) -> FeedbackHandler:
    return FeedbackHandler(MongoHistories(mongo), MongoOutcomes(mongo))


async def stored(mongo: Mongo, *names: str) -> dict[str, list[Any]]:
    wanted = names or ("tickets", "outcomes", "policies", "state")
    return {name: await mongo.database[name].find().sort("_id").to_list(None) for name in wanted}


async def verdicts(mongo: Mongo) -> dict[str, str]:
    return {one["response_id"]: one["verdict"] for one in (await stored(mongo))["outcomes"]}


def told(data: Payload, cause: str = "") -> Event[Any]:
    at = getattr(data, "occurred_at", None) or NOON
    return new_event(data, cause=cause or repr(data), source="/careloop/test", now=at)


def response(
    number: int,
    ticket: str = "T-1",
    confidence: float = 0.8,
    intent: str = "refund",
    decision: Decision = "answer",
) -> Event[ResponseGenerated]:
    data = ResponseGenerated(
        ticket_id=ticket,
        response_id=f"{ticket}/r{number}",
        message_id=f"m{number}",
        decision=decision,
        text="您好,退款已办理。",
        language="zh",
        confidence=confidence,
        intent=intent,
        sentiment="neutral",
        priority="normal",
        model_version="1",
        policy_version="0",
        disclosure="AI",
        created_at=NOON + timedelta(minutes=number),
    )
    return told(data)


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


HISTORY: list[Event[Any]] = [
    response(1),
    told(FeedbackRated(ticket_id="T-1", response_id="T-1/r1", rating=5, occurred_at=at(2))),
    response(3),
    told(FeedbackRated(ticket_id="T-1", rating=2, thumbs="down", occurred_at=at(4))),
    response(5, decision="draft"),
    told(ResponseReviewed(ticket_id="T-1", response_id="T-1/r5", verdict="approved")),
    # What was sent once it was approved is no reply of its own.
    told(response(5).data.model_copy(update={"response_id": "T-1/r5/final", "reviewed": "T-1/r5"})),
    told(TicketResolved(ticket_id="T-1", occurred_at=at(6))),
    response(7, ticket="T-2", intent="invoice"),
    told(TicketResolved(ticket_id="T-2", occurred_at=at(8))),
    response(9, ticket="T-2", intent="invoice"),
    told(TicketReopened(ticket_id="T-2", occurred_at=at(10))),
    told(LabelCorrected(ticket_id="T-2", message_id="m9", intent="refund", occurred_at=at(11))),
    told(FeedbackRated(ticket_id="T-2", response_id="nobody's.$one", thumbs="up")),
    response(12, ticket="T-3"),
]
EXPECTED = {
    "T-1/r1": "good",
    "T-1/r3": "bad",
    "T-1/r5": "good",
    "T-2/r7": "good",
    "T-2/r9": "bad",
    "T-3/r12": "unknown",
}


async def state_after(url: str, events: Sequence[Event[Any]]) -> dict[str, list[Any]]:
    async with database(url) as mongo:
        for event in events:
            await handler(mongo).record([event])
        return await stored(mongo)


async def test_a_history_ends_in_its_verdicts_and_a_second_time_changes_nothing(
    mongo: Mongo,
) -> None:
    for event in HISTORY:
        (outcome,) = await handler(mongo).record([event])
        assert (outcome.error, outcome.publish) == (None, ())
    assert await verdicts(mongo) == EXPECTED
    before = await stored(mongo)
    for event in HISTORY:
        await handler(mongo).record([event])
    assert await stored(mongo) == before


async def test_a_wave_of_many_tickets_is_the_same_as_one_by_one(
    mongo: Mongo, mongo_url: str
) -> None:
    first = {event.key: event for event in reversed(HISTORY)}
    await handler(mongo).record(list(first.values()))
    assert await stored(mongo) == await state_after(mongo_url, list(first.values()))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(order=st.permutations(range(len(HISTORY))), again=st.lists(st.sampled_from(HISTORY)))
def test_shuffled_and_repeated_a_history_ends_in_the_same_state(
    mongo_url: str, order: list[int], again: list[Event[Any]]
) -> None:
    async def both() -> None:
        shuffled = [HISTORY[number] for number in order]
        half = len(shuffled) // 2
        expected = await state_after(mongo_url, HISTORY)
        found = await state_after(mongo_url, [*shuffled[:half], *again, *shuffled[half:]])
        assert found == expected

    asyncio.run(both())


class DyingBeforeOutcomes(MongoOutcomes):
    """Killed when the facts are stored and their verdicts are not."""

    async def save(self, judged: Sequence[JudgedResponse]) -> None:
        raise Killed


async def test_killed_between_facts_and_verdicts_the_redelivery_completes_them(
    mongo: Mongo,
) -> None:
    await handler(mongo).record([response(1)])
    rated = told(FeedbackRated(ticket_id="T-1", rating=1, occurred_at=at(2)))
    with pytest.raises(Killed):
        await FeedbackHandler(MongoHistories(mongo), DyingBeforeOutcomes(mongo)).record([rated])
    assert await verdicts(mongo) == {"T-1/r1": "unknown"}
    await handler(mongo).record([rated])
    assert await verdicts(mongo) == {"T-1/r1": "bad"}


async def test_a_process_that_comes_late_with_an_older_state_overwrites_nothing(
    mongo: Mongo,
) -> None:
    await handler(mongo).record([response(1)])
    old: Sequence[TicketHistory] = await MongoHistories(mongo).load(["T-1"])
    rated = told(FeedbackRated(ticket_id="T-1", rating=1, occurred_at=at(2)))
    await handler(mongo).record([rated])
    await MongoOutcomes(mongo).save([one for history in old for one in judge(history)])
    assert await verdicts(mongo) == {"T-1/r1": "bad"}


async def test_processes_at_once_on_one_ticket_lose_no_fact(mongo: Mongo) -> None:
    events = [response(n) for n in range(8)]
    events += [told(TicketResolved(ticket_id="T-1", occurred_at=at(n + 0.5))) for n in range(8)]
    await asyncio.gather(*(handler(mongo).record([event]) for event in events))
    for event in events[-1:]:
        await handler(mongo).record([event])
    assert set((await verdicts(mongo)).values()) == {"good"}
    assert len(await verdicts(mongo)) == 8


# -- the policy ------------------------------------------------------------------------------


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


def tuner(mongo: Mongo, heard: Any, policies: MongoPolicies | None = None) -> Tuner:
    return Tuner(
        MongoOutcomes(mongo),
        policies or MongoPolicies(mongo),
        heard,
        promise=PROMISE,
        evidence_per_intent=500,
        now=lambda: datetime.now(UTC),
    )


async def judged_badly(mongo: Mongo, *confidences: float, intent: str = "refund") -> None:
    for number, confidence in enumerate(confidences):
        ticket = f"{intent} {number}"
        await handler(mongo).record([response(number, ticket, confidence, intent)])
        rated = FeedbackRated(ticket_id=ticket, rating=1, occurred_at=at(number + 1))
        await handler(mongo).record([told(rated)])


async def test_bad_replies_make_a_policy_that_everybody_hears_once(mongo: Mongo) -> None:
    heard = Heard()
    await tuner(mongo, heard).run_once()
    assert heard.events == []
    # Taxonomies of one's own may hold dots.
    await judged_badly(mongo, 0.6, 0.7, 0.82, intent="money.refund")
    for _ in range(3):
        await tuner(mongo, heard).run_once()
    (event,) = heard.events
    policy = event.data
    assert isinstance(policy, PolicyUpdated)
    assert (policy.version, policy.default_threshold) == (1, 0.55)
    assert (policy.threshold("money.refund"), policy.threshold("invoice")) == (0.83, 0.55)
    assert policy.reasons == {"money.refund": "3 of 3 automatic replies judged bad: 0.55 -> 0.83"}
    assert (policy.outcomes["money.refund"].good, policy.outcomes["money.refund"].bad) == (0, 3)
    assert (policy.alpha, policy.delta) == (0.1, 0.1)
    before = await stored(mongo)
    await tuner(mongo, heard).run_once()
    assert await stored(mongo) == before
    # News bring the next version; what stands stays.
    await judged_badly(mongo, 0.6, 0.6, 0.6, intent="invoice")
    await tuner(mongo, heard).run_once()
    assert heard.events[-1].data.version == 2
    assert heard.events[-1].data.thresholds == {"money.refund": 0.83, "invoice": 0.61}


class DyingPolicies(MongoPolicies):
    """Killed at one step of deciding or publishing, before or after it is done."""

    def __init__(self, mongo: Mongo, step: str, done: bool) -> None:
        super().__init__(mongo)
        self._step = step
        self._done = done

    async def add(self, decided: Any) -> None:
        await self._dying("add", super().add(decided))

    async def mark_published(self, version: int) -> None:
        await self._dying("mark_published", super().mark_published(version))

    async def _dying(self, step: str, carried_out: Any) -> None:
        if step != self._step:
            return await carried_out
        if self._done:
            await carried_out
        else:
            carried_out.close()
        raise Killed


@pytest.mark.parametrize("step", ["add", "mark_published"])
@pytest.mark.parametrize("done", [False, True])
async def test_killed_at_any_step_the_same_policy_is_heard_after_the_restart(
    mongo: Mongo, step: str, done: bool
) -> None:
    await judged_badly(mongo, 0.6, 0.7, 0.82)
    heard = Heard()
    with pytest.raises(Killed):
        await tuner(mongo, heard, DyingPolicies(mongo, step, done)).run_once()
    await tuner(mongo, heard).run_once()
    await tuner(mongo, heard).run_once()
    assert [event.data.version for event in heard.events] in ([1], [1, 1])
    assert all(content == heard.contents[0] for content in heard.contents)
    assert len((await stored(mongo, "policies"))["policies"]) == 1


async def test_a_broker_that_is_away_delays_a_policy_and_loses_none(mongo: Mongo) -> None:
    class Away:
        async def publish(self, topic: TopicCard, *events: Event[Payload]) -> None:
            raise TemporaryError("no Kafka broker answers")

    await judged_badly(mongo, 0.6, 0.7, 0.82)
    with pytest.raises(TemporaryError):
        await tuner(mongo, Away()).run_once()
    heard = Heard()
    # Meanwhile there was more to learn: the versions are still heard in their order.
    await judged_badly(mongo, 0.9, 0.9, 0.9, intent="invoice")
    await tuner(mongo, heard).run_once()
    assert [event.data.version for event in heard.events] == [1, 2]


async def test_two_processes_decide_one_policy_between_them(mongo: Mongo) -> None:
    await judged_badly(mongo, 0.6, 0.7, 0.82)
    heard = Heard()
    await asyncio.gather(*(tuner(mongo, heard).run_once() for _ in range(4)))
    await asyncio.gather(*(tuner(mongo, heard).run_once() for _ in range(4)))
    (policy,) = (await stored(mongo, "policies"))["policies"]
    assert policy["published"] is True
    assert {event.data.version for event in heard.events} == {1}
    assert all(content == heard.contents[0] for content in heard.contents)


async def test_only_the_newest_judged_automatic_replies_are_evidence(mongo: Mongo) -> None:
    await judged_badly(mongo, 0.6, 0.7, 0.8)
    await handler(mongo).record([response(20, "silent", 0.9)])
    await handler(mongo).record([response(21, "a draft", 0.9, decision="draft")])
    await handler(mongo).record(
        [told(ResponseReviewed(ticket_id="a draft", response_id="a draft/r21", verdict="rejected"))]
    )
    evidence = await MongoOutcomes(mongo).evidence(2)
    assert evidence == {"refund": [Observation(0.8, True), Observation(0.7, True)]}


# -- the figures -----------------------------------------------------------------------------


def gauge(name: str, **labels: str) -> float | None:
    return REGISTRY.get_sample_value(f"careloop_{name}", labels)


async def test_the_figures_show_in_gauges_and_report(mongo: Mongo) -> None:
    for event in HISTORY:
        await handler(mongo).record([event])
    await judged_badly(mongo, 0.6, 0.7, 0.82, intent="transfer")
    await tuner(mongo, Heard()).run_once()
    gauges = Gauges(
        MongoOutcomes(mongo),
        MongoPolicies(mongo),
        PROMISE,
        timedelta(days=30),
        now=lambda: at(60),
    )
    await gauges.refresh()
    assert gauge("quality_responses", intent="refund", decision="answer") == 3
    assert gauge("quality_responses", intent="refund", decision="draft") == 1
    assert gauge("quality_judged", intent="refund", verdict="unknown") == 1
    assert gauge("quality_automation_rate", intent="refund") == 0.75
    assert gauge("quality_automation_rate", intent=ALL) == 8 / 9
    assert gauge("quality_wrong_rate", intent="invoice") == 0.5
    low, high = (gauge(f"quality_wrong_rate_{end}", intent="invoice") for end in ("low", "high"))
    assert (low, high) == pytest.approx((0.0945, 0.9055), abs=1e-4)
    assert gauge("quality_satisfaction", intent="refund") == 3.5
    assert gauge("policy_version") == 1
    assert gauge("policy_threshold", intent="transfer") == 0.83

    text = await read(mongo, 30, 0.55, at(60))
    assert "transfer: 3 of 3 automatic replies judged bad: 0.55 -> 0.83" in text
    (row,) = [line.split() for line in text.splitlines() if line.startswith("refund ")]
    assert row[:7] == ["refund", "4", "3", "0", "0", "1", "0"]
    assert row[-3:] == ["3.50", "(2)", "0.55"]

    # What left the window is gone from the figures.
    late = Gauges(
        MongoOutcomes(mongo),
        MongoPolicies(mongo),
        PROMISE,
        timedelta(days=30),
        now=lambda: at(0) + timedelta(days=31),
    )
    await late.refresh()
    assert gauge("quality_responses", intent="refund", decision="answer") is None
    assert "No policy yet" not in await read(mongo, 1, 0.55, at(0) + timedelta(days=31))


async def test_a_report_before_anything_happened(mongo: Mongo) -> None:
    text = await read(mongo, 30, 0.55, NOON)
    assert "No policy yet: every intent starts at 0.55." in text


def test_the_report_says_how_it_is_used() -> None:
    command = [sys.executable, "-m", "services.feedback.report", "--help"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "--mongo-url" in shown
    assert "--days" in shown


async def test_periodic_work_goes_on_when_something_was_away() -> None:
    taken: list[str] = []

    async def first() -> None:
        taken.append("first")
        if len(taken) == 1:
            raise TemporaryError("no database answers")

    async def second() -> None:
        taken.append("second")
        raise Killed

    with pytest.raises(Killed):
        await repeat(0.001, first, second)
    assert taken == ["first", "first", "second"]
