"""A stream of tickets, and the books that must balance after it."""

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

import orjson
from aiokafka import ConsumerRecord

from deploy.system import System
from shared.events import PolicyUpdated
from tests.e2e.mongo import Dump, dump
from tests.e2e.tickets import demo
from tests.e2e.wire import Message, Place, Wire, data, headers

TURNS = 3
"""Messages of a ticket, far apart in the stream."""
TICKETS_OF_A_CUSTOMER = 4
EVERY_HUNDREDTH_IS_BROKEN = 100


def messages(
    count: int,
    *,
    each: int = TICKETS_OF_A_CUSTOMER,
    broken: int = EVERY_HUNDREDTH_IS_BROKEN,
    turns: int = TURNS,
    seed: int | None = None,
) -> list[Message]:
    """The demo's messages over and over, as messages of many tickets of many customers.

    Turns of a ticket follow each other in order; one message in `broken` is no ticket at all. Of
    customers with one ticket `each` nothing depends on which ticket was read first. `seed` says
    which messages; without one the demo's order.
    """
    models = [one for one in demo() if "body" in one]
    if seed is not None:
        random.Random(seed).shuffle(models)
    tickets = -(-count // turns)
    stream = []
    for number in range(count):
        if number % broken == broken - 1:
            stream.append(Message(b'{"body": "cut off', str(number).encode()))
            continue
        turn, ticket = divmod(number, tickets)
        written = models[number % len(models)] | {
            "ticket_id": f"storm-{ticket}",
            "message_id": f"m{turn + 1}",
            "subject": f"Number {number}",
            "customer": {"customer_id": f"storm-{ticket // each}"},
        }
        stream.append(Message(orjson.dumps(written), written["ticket_id"].encode()))
    return stream


class Books:
    """What went in, by ticket in order, and what stands everywhere when all is settled."""

    def __init__(
        self, sent: Sequence[Message], places: Sequence[Place], told: Iterable[str] = ()
    ) -> None:
        """`told` are the types of control events that were published beside the messages."""
        self._told = {PolicyUpdated.TYPE, *told}
        self.tickets: dict[str, list[str]] = defaultdict(list)
        self.customers: dict[str, set[str]] = defaultdict(set)
        self.accepted = 0
        self.answered = 0
        self.buried = 0
        self.broken: set[Place] = set()
        for message, place in zip(sent, places, strict=True):
            try:
                written = orjson.loads(message.value or b"")
            except orjson.JSONDecodeError:
                self.broken.add(place)
                continue
            self.accepted += 1
            self.tickets[written["ticket_id"]].append(written["message_id"])
            self.customers[written["customer"]["customer_id"]].add(written["ticket_id"])

    async def balance(self, system: System, wire: Wire) -> None:
        """One terminal state for each message, in order, and every effect once."""
        await self.responses_balance(wire)
        await self._dead_letters_balance(wire)
        for topic in ("classify", "personalize", "generate", "feedback"):
            await self._events_balance(wire, topic)
        self._stores_balance(dump(system.runtime.endpoints.mongo))

    async def responses_balance(self, wire: Wire) -> None:
        """One response for each accepted message, the same however often it stands there, and
        those of a ticket in its order."""
        records = await wire.read("responses")
        versions: dict[str, set[bytes]] = defaultdict(set)
        order: dict[str, list[str]] = defaultdict(list)
        for record in records:
            response = data(record)
            versions[response["response_id"]].add(record.value)
            if response["message_id"] not in order[response["ticket_id"]]:
                order[response["ticket_id"]].append(response["message_id"])
        self.answered = len(versions)
        assert len(versions) == self.accepted, f"{len(versions)} of {self.accepted} answered"
        assert {len(different) for different in versions.values()} == {1}
        assert order == self.tickets

    async def _dead_letters_balance(self, wire: Wire) -> None:
        letters = [headers(letter) for letter in await wire.read("ingest.dlq")]
        found = {
            Place(int(one["dlq-source-partition"]), int(one["dlq-source-offset"]))
            for one in letters
        }
        self.buried = len(found)
        assert found == self.broken
        codes = {one["dlq-code"] for one in letters}
        assert codes == ({"value.not_json"} if self.broken else set()), codes
        for worker in ("classify", "personalize", "generate", "feedback"):
            assert await wire.read(f"{worker}.dlq") == []

    async def _events_balance(self, wire: Wire, topic: str) -> None:
        records = await wire.read(topic)
        if topic == "feedback":
            # Thresholds are looked at as time goes by: how often depends on the machine.
            records = [one for one in records if headers(one)["ce_type"] not in self._told]
        assert len({headers(record)["ce_id"] for record in records}) == self.accepted
        if topic != "feedback":
            assert _turns(records) == {
                ticket: list(range(1, len(sent) + 1)) for ticket, sent in self.tickets.items()
            }

    def _stores_balance(self, stored: Dump) -> None:
        assert len(stored["ingest.messages"]) == self.accepted
        assert len(stored["generate.responses"]) == self.accepted
        assert len(stored["feedback.outcomes"]) == self.accepted
        assert not stored.get("ingest.duplicates")
        threads = {ticket: one["turns"] for ticket, one in stored["ingest.threads"].items()}
        assert threads == {ticket: len(sent) for ticket, sent in self.tickets.items()}
        replied = {
            ticket: len(one["responses"]) for ticket, one in stored["feedback.tickets"].items()
        }
        assert replied == threads
        profiles = Counter(
            (one["tickets"], one["messages"]) for one in stored["personalize.profiles"].values()
        )
        assert profiles == Counter(
            (len(tickets), sum(threads[ticket] for ticket in tickets))
            for tickets in self.customers.values()
        )


def _turns(records: Iterable[ConsumerRecord]) -> dict[str, list[int]]:
    """The turns of each ticket in the order in which they first came."""
    turns: dict[str, list[int]] = defaultdict(list)
    for record in records:
        ticket = data(record)["ticket"]
        if ticket["turn"] not in turns[ticket["ticket_id"]]:
            turns[ticket["ticket_id"]].append(ticket["turn"])
    return turns
