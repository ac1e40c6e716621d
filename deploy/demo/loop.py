"""The demo's customers judge the replies, and careloop draws its conclusion."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import orjson

from deploy.demo.upstream import Upstream
from shared import ids
from shared.events import FeedbackRated

ENOUGH = 3


def most_answered(responses: Sequence[dict[str, Any]]) -> str | None:
    """The intent with the most automatic answers, if it has enough to learn from."""
    counts = Counter(r["intent"] for r in responses if r["decision"] == "answer")
    intent, count = counts.most_common(1)[0] if counts else ("", 0)
    return intent if count >= ENOUGH else None


def rating(response: dict[str, Any], stars: int) -> bytes:
    """A customer's rating of a response, as a structured-mode CloudEvent."""
    event = {
        "specversion": "1.0",
        "type": FeedbackRated.TYPE,
        "id": ids.derived("demo", response["response_id"]),
        "source": "demo",
        "data": {
            "ticket_id": response["ticket_id"],
            "response_id": response["response_id"],
            "rating": stars,
        },
    }
    return orjson.dumps(event)


async def judge(upstream: Upstream, intent: str) -> dict[str, Any] | None:
    """Customers with that wish are unhappy with their answers, the others happy.

    Returns the policy that follows from it, or None when none came.
    """
    answers = [r for r in upstream.outcome.responses.values() if r["decision"] == "answer"]
    await upstream.send([rating(r, 1 if r["intent"] == intent else 5) for r in answers])
    if not await upstream.wait(lambda: bool(upstream.outcome.policies), 20.0):
        return None
    return upstream.outcome.policies[-1]


async def ask_again(
    upstream: Upstream, original: bytes, response: dict[str, Any]
) -> dict[str, Any] | None:
    """The same message as a new ticket of another customer; its response, if one came."""
    ticket_id = f"{response['ticket_id']}-again"
    customer = {"customer_id": f"{ticket_id}-customer"}
    ticket = orjson.loads(original) | {"ticket_id": ticket_id, "customer": customer}
    await upstream.send([orjson.dumps(ticket)])

    def answered() -> list[dict[str, Any]]:
        return [r for r in upstream.outcome.responses.values() if r["ticket_id"] == ticket_id]

    return answered()[0] if await upstream.wait(lambda: bool(answered()), 20.0) else None
