"""A promoted classifier that does worse gives way to the one before, by itself and once."""

from typing import Any

import pytest

from services.feedback.domain.learning.watch import Tally, Watch
from services.feedback.mongo import MongoOutcomes, MongoPromotions
from services.feedback.promotions import LoopHandler, Watcher
from shared.envelope import Event
from shared.events import FeedbackRated, LabelCorrected, ModelPromoted, ResponseReviewed
from shared.mongo import Mongo
from tests.component.feedback.kit import Heard, at, handler, response, told

OLD, NEW = "aaa", "bbb"
PROMOTED = 1000


def promoted(version: str = NEW, previous: str | None = OLD, minute: int = PROMOTED) -> Event[Any]:
    data = ModelPromoted(
        name="classifier", version=version, previous=previous, promoted_at=at(minute)
    )
    return told(data, f"{version} {minute}")


def loop(mongo: Mongo) -> LoopHandler:
    return LoopHandler(MongoPromotions(mongo), handler(mongo).record)


def watcher(mongo: Mongo, heard: Heard) -> Watcher:
    return Watcher(
        MongoPromotions(mongo),
        MongoOutcomes(mongo),
        heard,
        Watch(),
        settled=lambda: at(5 * PROMOTED),
        now=lambda: at(6 * PROMOTED),
    )


def drafts(model: str, first: int, approved: int, rejected: int) -> list[Event[Any]]:
    """So many drafts of the model, reviewed."""
    events: list[Event[Any]] = []
    for n, verdict in enumerate(["approved"] * approved + ["rejected"] * rejected):
        ticket, minute = f"{model}-{n}", first + n
        draft = response(minute, ticket, decision="draft", model_version=f"classifier@{model}")
        review = ResponseReviewed.model_validate(
            {
                "ticket_id": ticket,
                "response_id": draft.data.response_id,
                "verdict": verdict,
                "occurred_at": at(minute + 1),
            }
        )
        events += [draft, told(review)]
    return events


async def test_a_worse_model_is_rolled_back_once_and_everybody_hears_why(mongo: Mongo) -> None:
    heard = Heard()
    await loop(mongo).record([*drafts(OLD, 0, 90, 10), promoted()])
    await watcher(mongo, heard).run_once()
    assert heard.events == []
    await loop(mongo).record(drafts(NEW, PROMOTED, 10, 30))
    await watcher(mongo, heard).run_once()
    (event,) = heard.events
    assert (event.data.version, event.data.previous) == (OLD, NEW)
    assert "acceptance: 10 of 40 good, before 90 of 100" in event.data.reason
    # Heard by feedback itself, and looked at again after a restart.
    await loop(mongo).record([event])
    await watcher(mongo, heard).run_once()
    assert len(heard.events) == 1


def labelled(model: str, first: int, right: int, wrong: int) -> list[Event[Any]]:
    """So many messages that the model took for refunds and handed over, labelled by an agent."""
    events: list[Event[Any]] = []
    for n, intent in enumerate(["refund"] * right + ["invoice"] * wrong):
        ticket, minute = f"{model}-{n}", first + n
        handed_over = response(
            minute,
            ticket,
            decision="escalate",
            intent="refund",
            model_version=f"classifier@{model}",
        )
        label = LabelCorrected(ticket_id=ticket, intent=intent, occurred_at=at(minute + 1))
        events += [handed_over, told(label)]
    return events


async def test_a_model_that_reads_nothing_right_is_rolled_back_though_it_answers_nothing(
    mongo: Mongo,
) -> None:
    heard = Heard()
    await loop(mongo).record([*labelled(OLD, 0, 70, 30), promoted()])
    await loop(mongo).record(labelled(NEW, PROMOTED, 0, 20))
    await watcher(mongo, heard).run_once()
    (event,) = heard.events
    assert event.data.version == OLD
    assert "labels: 0 of 20 good, before 70 of 100" in event.data.reason


async def test_agents_who_label_only_what_was_wrong_roll_nothing_back(mongo: Mongo) -> None:
    heard = Heard()
    await loop(mongo).record([*labelled(OLD, 0, 0, 100), promoted()])
    await loop(mongo).record(labelled(NEW, PROMOTED, 0, 100))
    await watcher(mongo, heard).run_once()
    assert heard.events == []


async def test_a_crash_before_it_was_remembered_says_the_same_again(mongo: Mongo) -> None:
    heard = Heard()
    await loop(mongo).record([*drafts(OLD, 0, 90, 10), promoted()])
    await loop(mongo).record(drafts(NEW, PROMOTED, 10, 30))
    await watcher(mongo, heard).run_once()
    await mongo.database["promotions"].delete_one({"_id": heard.events[0].id})
    await watcher(mongo, heard).run_once()
    first, again = heard.contents
    assert first == again


@pytest.mark.parametrize("approved", [36, 31])
async def test_a_model_as_good_as_before_stays(mongo: Mongo, approved: int) -> None:
    heard = Heard()
    await loop(mongo).record([*drafts(OLD, 0, 90, 10), promoted()])
    await loop(mongo).record(drafts(NEW, PROMOTED, approved, 40 - approved))
    await watcher(mongo, heard).run_once()
    assert heard.events == []


async def test_the_first_model_has_nothing_to_go_back_to(mongo: Mongo) -> None:
    heard = Heard()
    await loop(mongo).record([promoted(previous=None), *drafts(NEW, PROMOTED, 0, 60)])
    await watcher(mongo, heard).run_once()
    assert heard.events == []


async def test_answers_count_when_their_time_to_turn_bad_is_over(mongo: Mongo) -> None:
    model = f"classifier@{NEW}"
    events = []
    for minute, stars in ((1, 5), (2, 1), (3, 5), (4, 5)):
        ticket = f"T-{minute}"
        rated = FeedbackRated(ticket_id=ticket, rating=stars, occurred_at=at(minute + 1))
        events += [response(minute, ticket, model_version=model), told(rated)]
    silent = response(2, "silent", model_version=model)
    await loop(mongo).record([*events, silent])
    found = await MongoOutcomes(mongo).tallies(model, at(3))
    assert found == {"verified_resolution": Tally(2, 1)}
