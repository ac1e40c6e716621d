"""Customers judge replies, careloop concludes, and the next ticket meets the new policy."""

from datetime import UTC, datetime
from typing import Any

from deploy.system import System
from services.feedback.mongo import MongoOutcomes
from shared import topics
from shared.events import FeedbackRated, PolicyUpdated
from shared.mongo import Mongo
from tests.e2e.tickets import report, ticket
from tests.e2e.wire import Wire, data, headers

QUESTION = "How do I switch on roaming before I travel?"
"""Nobody else asks this, so that outcomes of its wish are those of this test."""
ASKED = 6
"""So many customers with the same question: enough bad ratings to conclude from."""


async def test_bad_ratings_become_a_policy_that_the_next_ticket_meets(
    system: System, wire: Wire
) -> None:
    started = {worker.pid for worker in system.workers.values()}
    ids = [f"rated-{number}" for number in range(ASKED)]
    await wire.publish(ticket(one, QUESTION) for one in ids)
    before: list[dict[str, Any]] = [data(reply) for reply in await wire.replies(*ids)]
    (intent,) = {one["intent"] for one in before}
    assert {one["decision"] for one in before} == {"answer"}

    about = [(one["ticket_id"], one["response_id"]) for one in before]
    await wire.publish(
        report(
            FeedbackRated,
            f"rating-{ticket_id}",
            {"ticket_id": ticket_id, "response_id": response_id, "rating": 1},
        )
        for ticket_id, response_id in about
    )
    sure = max(one["confidence"] for one in before)
    found = await wire.until(
        topics.FEEDBACK.name,
        lambda records: any(
            headers(one)["ce_type"] == PolicyUpdated.TYPE
            and data(one)["thresholds"].get(intent, 0) > sure
            for one in records
        ),
    )
    policy = [data(one) for one in found if headers(one)["ce_type"] == PolicyUpdated.TYPE][-1]
    assert policy["thresholds"][intent] > sure
    # The tuner may have looked before the last ratings were read; the first few are enough for it.
    outcomes = policy["outcomes"][intent]
    assert outcomes["good"] == 0
    assert 0 < outcomes["bad"] <= ASKED
    assert policy["reasons"][intent]
    await wire.settled()
    assert await bad_outcomes(system, intent) == [True] * ASKED

    for attempt in range(60):
        ticket_id = f"after-policy-{attempt}"
        await wire.publish([ticket(ticket_id, QUESTION)])
        (reply,) = await wire.replies(ticket_id)
        after: dict[str, Any] = data(reply)
        if number_of(after["policy_version"]) >= policy["version"]:
            break
    assert number_of(after["policy_version"]) >= policy["version"]
    assert number_of(before[0]["policy_version"]) < policy["version"]
    assert (after["decision"], after["reasons"]) == ("draft", ["below_threshold"])
    assert {worker.pid for worker in system.workers.values()} == started


async def bad_outcomes(system: System, intent: str) -> list[bool]:
    """Of every outcome that the tuner has of the intent, whether it is a bad one."""
    mongo = Mongo(system.runtime.endpoints.mongo, "feedback")
    try:
        seen = await MongoOutcomes(mongo).evidence(1_000, datetime.now(UTC))
    finally:
        await mongo.close()
    return [one.bad for one in seen[intent]]


def number_of(version: str) -> int:
    return int(version.removeprefix("v"))
