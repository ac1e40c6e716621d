"""Every example goes through every consumer, twice: the second time changes nothing more."""

import base64
import contextlib
import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from shared.envelope import Event, decode, encode
from shared.errors import InvalidEvent
from shared.events import EVENTS, InteractionRecorded, TicketReceived
from shared.outcome import Outcome
from shared.subscription import Subscription
from shared.topics import TOPICS
from tests.contract.examples import EXAMPLES, NOW, Example, as_written, binary
from tests.contract.wiring import Wired, wire
from tests.e2e.home import prepared

EXAMPLE_KEYS = "example:" + base64.b64encode(bytes(32)).decode()
"""What the examples' seals open under."""

WORKERS = ("ingest", "classify", "personalize", "generate", "feedback")
WITHOUT_MODELS = ("ingest", "personalize", "feedback")
IN_ORDER = sorted(EXAMPLES, key=lambda example: list(EVENTS).index(example.event_type))
"""As in the life of a ticket; a customer is erased at the end."""


@pytest.fixture(scope="session")
def models() -> dict[str, str]:
    """The classifier and the knowledge that come with the project; the settings to use them."""
    home = prepared()
    return {"MODEL_STORE": str(home / "models"), "MODEL_CACHE": str(home / "cache")}


@contextlib.asynccontextmanager
async def running(
    name: str, mongo_url: str, monkeypatch: pytest.MonkeyPatch, settings: dict[str, str]
) -> AsyncIterator[Wired]:
    secret = base64.b64encode(b"customer key secret of the tests").decode()
    given = {
        "MONGO_URL": mongo_url,
        "SEALING_KEYS": EXAMPLE_KEYS,
        "CUSTOMER_KEY_SECRET": secret,
        **settings,
    }
    for variable, value in given.items():
        monkeypatch.setenv(variable, value)
    worker = wire(name, f"{name}_{uuid.uuid4().hex}", monkeypatch)
    await worker.start()
    try:
        yield worker
    finally:
        await worker.stop()


@pytest.mark.parametrize("name", WITHOUT_MODELS)
async def test_every_example_goes_through_every_consumer_twice(
    name: str, mongo_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(name, mongo_url, monkeypatch, {}) as worker:
        await every_example_twice(worker)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["classify", "generate"])
async def test_every_example_goes_through_the_models_twice(
    name: str, mongo_url: str, monkeypatch: pytest.MonkeyPatch, models: dict[str, str]
) -> None:
    async with running(name, mongo_url, monkeypatch, models) as worker:
        await every_example_twice(worker)


async def every_example_twice(worker: Wired) -> None:
    """One after the other, each at once again; then, as after a reset of offsets, all again."""
    for number, example in enumerate(IN_ORDER):
        first = await delivered(worker, example, number)
        before = await worker.stored()
        assert await delivered(worker, example, number) == first, f"{example} is published anew"
        assert await worker.stored() == before, f"{example} changes something the second time"
    before = await worker.stored()
    # classify keeps promotions only, and refuses those of models that the store has not.
    assert any(before.values()) == (worker.name != "classify")
    for number, example in enumerate(IN_ORDER):
        await delivered(worker, example, number)
        assert await worker.stored() == before, f"{example} changes something when all come again"


async def delivered(worker: Wired, example: Example, number: int) -> list[Any]:
    """Give the example to all of the worker's consumers; what each publishes, or refuses."""
    told: list[Any] = []
    for subscription in worker.subscriptions:
        event = read(example, subscription.topic.name, number)
        if event.type in subscription.types:
            (outcome,) = await subscription.handler([event])
            told += accounted(subscription, example, outcome)
        elif event.type in subscription.topic.types:
            assert subscription.passes_over(event.type)
    for follower in worker.followers:
        if example.model in follower.types:
            await follower.apply(read(example, "feedback", number))
    return told


def read(example: Example, topic: str, number: int) -> Event[Any]:
    """The example as a worker reads it from a topic: from outside, or from another worker."""
    if TOPICS[topic].untrusted:
        written = binary(example.event_type, example.data, id=example.path.stem)
    else:
        written = as_written(example.event)
    return decode(replace(written, topic=topic, offset=number), now=NOW)


def accounted(subscription: Subscription, example: Example, outcome: Outcome) -> list[Any]:
    if outcome.error is not None:
        # A report as passed on names its customer by a key, which ingest takes from nobody.
        assert isinstance(outcome.error, InvalidEvent), f"{example}: {outcome.error!r}"
        assert (example.model, example.passed_on) == (InteractionRecorded, True)
        return [outcome.error.code]
    return [
        (outgoing.topic.name, *wire_form(subscription.worker, outgoing.event))
        for outgoing in outcome.publish
    ]


def wire_form(worker: str, event: Event[Any]) -> tuple[Any, ...]:
    """What is written, to the byte; of classify, which keeps nothing, without the time."""
    if worker != "classify":
        return encode(event)
    data = event.data.model_dump(mode="json")
    del data["understanding"]["classified_at"]
    return event.id, event.traceparent, data


@pytest.mark.parametrize("name", WORKERS)
def test_a_worker_reads_the_topics_that_name_it_and_no_others(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = base64.b64encode(bytes(32)).decode()
    monkeypatch.setenv("SEALING_KEYS", EXAMPLE_KEYS)
    monkeypatch.setenv("CUSTOMER_KEY_SECRET", secret)
    worker = wire(name, name, monkeypatch)
    read_by_group = {subscription.topic.name for subscription in worker.subscriptions}
    assert name in read_by_group
    assert all(name in TOPICS[topic].consumers for topic in read_by_group)
    for subscription in worker.subscriptions:
        assert subscription.types <= subscription.topic.types
        assert subscription.owns == (subscription.topic.name == name)
        assert subscription.bare == (TicketReceived if name == "ingest" else None)
    for follower in worker.followers:
        assert {event.TYPE for event in follower.types} <= TOPICS["feedback"].types
