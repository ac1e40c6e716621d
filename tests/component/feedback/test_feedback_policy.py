"""The policy job over the real database: heard once, in order, whatever dies or is away."""

import asyncio
import itertools
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from services.feedback.domain.policy import Observation
from services.feedback.mongo import MongoOutcomes
from services.feedback.policy.mongo import MongoPolicies
from services.feedback.policy.tuner import Tuner
from shared.envelope import Event
from shared.errors import TemporaryError
from shared.events import Payload, PolicyUpdated, ResponseReviewed, TicketResolved
from shared.mongo import Mongo
from shared.periodic import repeat
from shared.topics import TopicCard
from tests.component.feedback.kit import (
    PROMISE,
    Heard,
    Killed,
    at,
    handler,
    judged_badly,
    response,
    stored,
    told,
)

LATER = at(10 * 24 * 60)


def tuner(
    mongo: Mongo,
    heard: Any,
    policies: MongoPolicies | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Tuner:
    return Tuner(
        MongoOutcomes(mongo),
        policies or MongoPolicies(mongo),
        heard,
        promise=PROMISE,
        evidence_per_intent=500,
        now=now,
    )


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
            await carried_out
            return
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


async def test_a_threshold_is_lowered_when_nothing_bad_can_come_any_more(mongo: Mongo) -> None:
    replies = [response(n, f"T-{n}", 0.6) for n in range(150)]
    drafts = [response(n, f"D-{n}", 0.5, decision="draft") for n in range(10)]
    thanks = [
        told(TicketResolved(ticket_id=f"T-{n}", resolved_by="customer", occurred_at=at(n + 1)))
        for n in range(150)
    ]
    approvals = [
        told(ResponseReviewed(ticket_id=f"D-{n}", response_id=f"D-{n}/r{n}", verdict="approved"))
        for n in range(10)
    ]
    await handler(mongo).record([*replies, *drafts, *thanks, *approvals])
    heard, day = Heard(), 24 * 60
    await tuner(mongo, heard, now=lambda: at(2 * day)).run_once()
    await tuner(mongo, heard, now=lambda: at(3 * day + 30)).run_once()
    assert heard.events == []
    # Nothing new was said; only time went by.
    await tuner(mongo, heard, now=lambda: at(4 * day)).run_once()
    (event,) = heard.events
    assert event.data.thresholds == {"refund": 0.5}


async def test_only_the_newest_judged_replies_are_evidence(mongo: Mongo) -> None:
    await judged_badly(mongo, 0.6, 0.7, 0.8)
    # Two more that nobody said anything of: each judged one stands for more.
    await handler(mongo).record([response(20 + n, f"silent {n}", 0.9) for n in range(2)])
    evidence = await MongoOutcomes(mongo).evidence(2, LATER)
    weight: Any = pytest.approx(5 / 3)
    assert evidence == {
        "refund": [
            Observation(0.8, True, at=_kept(at(2)), weight=weight),
            Observation(0.7, True, at=_kept(at(1)), weight=weight),
        ]
    }
    # As many of those that may still turn bad: they do not push out what proves something.
    both = await MongoOutcomes(mongo).evidence(1, at(1.5))
    assert [one.confidence for one in both["refund"]] == [0.8, 0.7]


def _kept(moment: datetime) -> datetime:
    """As the database keeps it, to the millisecond."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


@pytest.mark.parametrize(
    ("verdict", "text", "bad"),
    [
        ("approved", None, False),
        ("rejected", None, True),
        ("edited", "您好,退款已经办理。", False),
        ("edited", "您好,请到“我的订单”里申请,三天内处理。", True),
    ],
)
async def test_a_reviewed_draft_tells_whether_it_could_have_been_sent(
    mongo: Mongo, verdict: Any, text: str | None, bad: bool
) -> None:
    drafts = [response(n, f"D-{n}", 0.4, decision="draft") for n in range(2)]
    review = ResponseReviewed(
        ticket_id="D-0", response_id="D-0/r0", verdict=verdict, final_text=text
    )
    await handler(mongo).record([*drafts, told(review)])
    assert await MongoOutcomes(mongo).evidence(10, LATER) == {
        "refund": [Observation(0.4, bad, "draft", _kept(at(0)), 2.0)]
    }


async def test_a_passage_taken_by_chance_says_nothing_of_how_sure_the_first_one_was(
    mongo: Mongo,
) -> None:
    other = response(0, "D-0", 0.4, decision="draft", reasons=("below_threshold", "other_passage"))
    usual = response(1, "D-1", 0.4, decision="draft", reasons=("below_threshold",))
    reviews = [
        told(
            ResponseReviewed(
                ticket_id=f"D-{n}", response_id=f"D-{n}/r{n}", verdict=("rejected", "approved")[n]
            )
        )
        for n in range(2)
    ]
    await handler(mongo).record([other, usual, *reviews])
    # The usual one stands for both: which passage a draft got was chance.
    assert await MongoOutcomes(mongo).evidence(10, LATER) == {
        "refund": [Observation(0.4, False, "draft", _kept(at(1)), 2.0)]
    }


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


async def test_what_takes_long_is_done_less_often() -> None:
    begun: list[float] = []

    async def slow() -> None:
        begun.append(time.monotonic())
        if len(begun) == 3:
            raise Killed
        await asyncio.sleep(0.05)

    with pytest.raises(Killed):
        await repeat(0.001, slow)
    assert all(later - earlier >= 0.2 for earlier, later in itertools.pairwise(begun))
