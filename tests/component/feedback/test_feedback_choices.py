"""What is left to chance is learned from what came of it, and published with the policy."""

import itertools
from datetime import timedelta
from typing import Any

from services.feedback.choices import Choosing, Learning
from services.feedback.domain.choosing.weights import Slot
from services.feedback.messages.mongo import MongoChoices
from services.feedback.mongo import MongoOutcomes
from services.feedback.mongo_policies import MongoPolicies
from services.feedback.tuner import Tuner
from shared.envelope import Event
from shared.events import FeedbackRated, PolicyUpdated
from shared.mongo import Mongo
from tests.component.feedback.kit import PROMISE, Heard, at, handler, response, told

TONE = Slot("tone", ("formal", "friendly"))
DAY = 24 * 60


def tuner(mongo: Mongo, heard: Heard, minutes: float) -> Tuner:
    return Tuner(
        MongoOutcomes(mongo),
        MongoPolicies(mongo),
        heard,
        promise=PROMISE,
        evidence_per_intent=5000,
        now=lambda: at(minutes),
        choosing=Choosing(
            MongoChoices(mongo, lambda: at(minutes)), MongoPolicies(mongo), [TONE], Learning()
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
