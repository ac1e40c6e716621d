"""Every topic is delivered again from its beginning, and nothing changes."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable

import orjson
from aiokafka import ConsumerRecord

from deploy.system import WORKERS, System
from shared.events import FeedbackRated, InteractionRecorded, TicketReopened, TicketResolved
from tests.e2e.mongo import dump
from tests.e2e.tickets import demo, report, ticket
from tests.e2e.wire import READERS, Message, Wire, data, headers

TUNED_AFTER_SECONDS = 4
"""Feedback looks every second whether outcomes call for another policy, and notes what it saw."""

Contents = dict[str, set[tuple[bytes | None, bytes, tuple[tuple[str, bytes], ...]]]]


async def test_redelivering_every_topic_changes_nothing(system: System, wire: Wire) -> None:
    await a_day_of_work(wire)
    await asyncio.sleep(TUNED_AFTER_SECONDS)
    stop(system)
    before, sent = dump(system.runtime.endpoints.mongo), contents(await wire.read("responses"))
    assert len(before["generate.responses"]) == len(sent) > 60
    # What was sent for a reviewed draft is that draft's outcome.
    reviewed = {key for key, copies in sent.items() if any(b'"reviewed":' in c[1] for c in copies)}
    assert len(before["feedback.outcomes"]) == len(sent) - len(reviewed)
    assert all(len(versions) == 1 for versions in sent.values())

    for group, topic in READERS:
        await wire.rewind(group, topic)
    start(system)
    await wire.settled(120)
    await asyncio.sleep(TUNED_AFTER_SECONDS)
    stop(system)
    after, again = dump(system.runtime.endpoints.mongo), contents(await wire.read("responses"))
    assert len(await wire.read("responses")) >= 2 * len(sent)
    assert again == sent
    assert after.keys() == before.keys()
    for collection, documents in before.items():
        assert after[collection] == documents, collection
    start(system)


async def a_day_of_work(wire: Wire) -> None:
    """The demo's tickets, sent again some of them, then all that can be reported of replies."""
    tickets = [one | {"ticket_id": f"again-{one['ticket_id']}"} for one in demo()]
    messages = [Message(orjson.dumps(one), one["ticket_id"].encode()) for one in tickets]
    await wire.publish([*messages, *messages[:10], ticket("", "no ticket")])
    ids = list(dict.fromkeys(one["ticket_id"] for one in tickets))
    replies = [data(reply) for reply in await wire.replies(*ids)]
    reports = []
    for number, reply in enumerate(replies):
        about = {"ticket_id": reply["ticket_id"], "customer_id": "again-customer"}
        stars = {"response_id": reply["response_id"], "rating": number % 5 + 1}
        reports.append(report(FeedbackRated, f"again-rating-{number}", about | stars))
        ends = TicketReopened if number % 3 else TicketResolved
        reports.append(report(ends, f"again-end-{number}", about))
        bought = {"customer_id": "again-customer", "kind": "purchased", "item_id": "lamp"}
        reports.append(report(InteractionRecorded, f"again-purchase-{number}", bought))
    # Somebody rates without an id or a time: such a report is told apart by where it stands.
    reports.append(Message((reports[0].value or b"").replace(b'"id"', b'"no_id"'), reports[0].key))
    await wire.publish(reports)
    await wire.settled()


def contents(records: Iterable[ConsumerRecord]) -> Contents:
    """What stands on a topic under each event id, to the byte."""
    found: Contents = defaultdict(set)
    for record in records:
        assert headers(record)["ce_id"]
        response = str(data(record)["response_id"])
        found[response].add((record.key, record.value, tuple(record.headers)))
    return dict(found)


def stop(system: System) -> None:
    for name in WORKERS:
        assert system.workers[name].stop() == 0


def start(system: System) -> None:
    for name in WORKERS:
        system.workers[name].start()
    for name in WORKERS:
        system.workers[name].wait_until_ready()
