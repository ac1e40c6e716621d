"""What is left to chance is learned from what came of it, and published with the policy."""

import itertools
from datetime import timedelta
from typing import Any

from services.feedback.domain.choosing.weights import Slot
from services.feedback.messages.mongo import MongoChoices
from services.feedback.mongo import MongoOutcomes
from services.feedback.policy.choices import Choosing, Learning
from services.feedback.policy.mongo import MongoPolicies
from services.feedback.policy.tuner import Tuner
from shared.envelope import Event
from shared.events import FeedbackRated, PolicyUpdated, ResponseReviewed
from shared.mongo import Mongo
from tests.component.feedback.kit import PROMISE, Heard, at, handler, response, told

TONE = Slot("tone", ("formal", "friendly"))
PASSAGE = Slot("passage", ("first", "second"))
DAY = 24 * 60


def tuner(mongo: Mongo, heard: Heard, minutes: float, slot: Slot = TONE) -> Tuner:
    return Tuner(
        MongoOutcomes(mongo),
        MongoPolicies(mongo),
        heard,
        promise=PROMISE,
        evidence_per_intent=5000,
        now=lambda: at(minutes),
        choosing=Choosing(
            MongoChoices(mongo, lambda: at(minutes)), MongoPolicies(mongo), [slot], Learning()
        ),
    )


def reply(minute: int, ticket: str, option: str, propensity: float = 0.5) -> Event[Any]:
    return response(
        minute,
        ticket,
        asked={"text": "how long does it take", "received_at": at(minute)},
        choices=[
            {"slot": "tone", "context": "refund/zh", "option": option, "propensity": propensity}
        ],
    )


def draft(minute: int, ticket: str, option: str) -> Event[Any]:
    return response(
        minute,
        ticket,
        decision="draft",
        reasons=("below_threshold", *(["other_passage"] if option == "second" else [])),
        asked={"text": "how long does it take", "received_at": at(minute)},
        choices=[{"slot": "passage", "context": "refund/zh", "option": option, "propensity": 0.5}],
    )


def weights(heard: Heard) -> list[dict[str, float]]:
    return [
        {one.context: one.weights for one in event.data.choices}.get("refund/zh")
        or event.data.choices[0].weights
        for event in heard.events
        if isinstance(event.data, PolicyUpdated)
    ]


async def test_the_usual_option_is_where_it_starts_and_it_is_said_once(mongo: Mongo) -> None:
    heard = Heard()
    for _ in range(3):
        await tuner(mongo, heard, 0).run_once()
    (started,) = weights(heard)
    assert started["formal"] > 0.9 and 0 < started["friendly"] < 0.1


async def test_what_customers_like_better_is_chosen_more_often(mongo: Mongo) -> None:
    heard = Heard()
    await tuner(mongo, heard, 0).run_once()
    for day in range(1, 13):
        told_that_day = []
        for n, option in zip(range(60), itertools.cycle(TONE.options), strict=False):
            minute, ticket = day * DAY + n, f"T-{day}-{n}"
            stars = 5 if option == "friendly" and n % 6 else 1 if n % 3 else 5
            rated = FeedbackRated(ticket_id=ticket, rating=stars, occurred_at=at(minute + 1))
            told_that_day += [reply(minute, ticket, option), told(rated)]
        await handler(mongo).record(told_that_day)
    await tuner(mongo, heard, 20 * DAY).run_once()
    started, learned = weights(heard)
    assert learned["friendly"] > 0.8 > started["friendly"]
    assert "choice of tone" in heard.events[-1].data.reasons
    await tuner(mongo, heard, 20 * DAY).run_once()
    assert len(heard.events) == 2


async def test_who_still_may_speak_is_waited_for_and_silence_lies_between(mongo: Mongo) -> None:
    ratings = [
        told(FeedbackRated(ticket_id=f"T-{stars}", rating=stars, occurred_at=at(9)))
        for stars in (1, 5)
    ]
    replies = [reply(n, f"T-{n}", "formal", 0.9) for n in (1, 3, 5)]
    await handler(mongo).record([*replies, *ratings])
    soon = MongoChoices(mongo, lambda: at(4) + timedelta(hours=72))
    assert [one.reward for one in await soon.logged("tone")] == [0.0, 0.5]
    later = MongoChoices(mongo, lambda: at(6) + timedelta(hours=72))
    assert [one.reward for one in await later.logged("tone")] == [0.0, 0.5, 1.0]
    assert await later.logged("offer") == []


async def test_the_passage_that_agents_send_as_it_is_is_drafted_more_often(mongo: Mongo) -> None:
    heard = Heard()
    await tuner(mongo, heard, 0, PASSAGE).run_once()
    for day in range(1, 13):
        told_that_day = []
        for n, option in zip(range(60), itertools.cycle(PASSAGE.options), strict=False):
            minute, ticket = day * DAY + n, f"T-{day}-{n}"
            drafted = draft(minute, ticket, option)
            verdict: Any = "approved" if option == "second" else "edited"
            review = ResponseReviewed(
                ticket_id=ticket,
                response_id=drafted.data.response_id,
                verdict=verdict,
                final_text="请在“我的订单”里申请。" if verdict == "edited" else None,
                occurred_at=at(minute + 1),
            )
            told_that_day += [drafted, told(review)]
        await handler(mongo).record(told_that_day)
    await tuner(mongo, heard, 20 * DAY, PASSAGE).run_once()
    started, learned = weights(heard)
    assert learned["second"] > 0.8 > started["second"]


async def test_what_an_agent_left_of_a_draft_is_what_it_was_worth(mongo: Mongo) -> None:
    texts: dict[Any, str | None] = {
        "approved": None,
        "edited": "您好,退款已经办理。",
        "rejected": None,
    }
    drafts = [draft(n, f"T-{n}", "first") for n in range(4)]
    reviews = [
        told(
            ResponseReviewed(
                ticket_id=drafted.data.ticket_id,
                response_id=drafted.data.response_id,
                verdict=verdict,
                final_text=text,
                occurred_at=at(9),
            )
        )
        for drafted, (verdict, text) in zip(drafts, texts.items(), strict=False)
    ]
    await handler(mongo).record([*drafts, *reviews])
    logs = await MongoChoices(mongo, lambda: at(6 * DAY)).logged("passage")
    approved, edited, rejected, waiting = (one.reward for one in logs)
    assert (approved, rejected, waiting) == (1.0, 0.0, 0.5)
    assert 0.7 < edited < 1.0
