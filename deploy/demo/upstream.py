"""An upstream ticket system in miniature: publishes to `ingest`, reads `responses`."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition

from shared import events, kafka, topics
from shared.deadletters import PREFIX
from shared.topics import TOPICS

POLL_SECONDS = 0.2
WATCHED = (topics.RESPONSES, TOPICS["ingest.dlq"], topics.FEEDBACK)


@dataclass
class Outcome:
    """What came of the messages sent so far. Times are seconds of one clock."""

    sent: dict[str, deque[float]] = field(default_factory=dict)
    responses: dict[str, dict[str, Any]] = field(default_factory=dict)
    latencies: dict[str, float] = field(default_factory=dict)
    dead_letters: list[dict[str, str]] = field(default_factory=list)
    policies: list[dict[str, Any]] = field(default_factory=list)
    promotions: list[dict[str, Any]] = field(default_factory=list)
    first_sent: float = 0.0
    last_response: float = 0.0

    def responses_as_sent(self) -> list[dict[str, Any]]:
        """The responses, tickets in the order in which they were sent."""
        place = {ticket_id: number for number, ticket_id in enumerate(self.sent)}
        return sorted(self.responses.values(), key=lambda r: place.get(r["ticket_id"], 0))


class Upstream:
    """Sends lines as they are and collects everything that comes back. A context manager."""

    def __init__(self, bootstrap_servers: str) -> None:
        self.outcome = Outcome()
        self._producer = AIOKafkaProducer(
            **kafka.options_at(bootstrap_servers),
            enable_idempotence=True,
            max_request_size=topics.INGEST.max_message_bytes,
        )
        self._consumer = AIOKafkaConsumer(**kafka.options_at(bootstrap_servers))
        self._listening: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "Upstream":
        await self._producer.start()
        await self._consumer.start()
        partitions = [
            TopicPartition(card.name, number)
            for card in WATCHED
            for number in range(card.partitions)
        ]
        self._consumer.assign(partitions)
        await self._consumer.seek_to_end(*partitions)
        self._listening = asyncio.create_task(self._listen())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._listening is not None:
            self._listening.cancel()
        await self._consumer.stop()
        await self._producer.stop()

    async def send(self, lines: Sequence[bytes]) -> None:
        """Publish the lines as they are, keyed by ticket where they name one."""
        self.outcome.first_sent = self.outcome.first_sent or time.monotonic()
        futures = []
        for line in lines:
            ticket_id = _ticket_id(line)
            key = ticket_id.encode() if ticket_id else None
            self.outcome.sent.setdefault(ticket_id or "", deque()).append(time.monotonic())
            futures.append(await self._producer.send(topics.INGEST.name, line, key=key))
        await asyncio.gather(*futures)

    async def wait(self, until: Callable[[], bool], seconds: float) -> bool:
        """Wait until it holds, as long as something still comes back within `seconds`."""
        quiet_since, seen = time.monotonic(), self._seen()
        while not until():
            if self._seen() != seen:
                quiet_since, seen = time.monotonic(), self._seen()
            if time.monotonic() - quiet_since > seconds:
                return False
            await asyncio.sleep(POLL_SECONDS)
        return True

    def _seen(self) -> int:
        outcome = self.outcome
        return len(outcome.responses) + len(outcome.dead_letters) + len(outcome.policies)

    async def _listen(self) -> None:
        while True:
            for batch in (await self._consumer.getmany(timeout_ms=200)).values():
                for record in batch:
                    self._take(record)

    def _take(self, record: ConsumerRecord) -> None:
        headers = {name: value.decode() for name, value in record.headers}
        if record.topic == topics.RESPONSES.name:
            self._take_response(orjson.loads(record.value))
        elif record.topic == topics.FEEDBACK.name:
            if headers.get("ce_type") == events.PolicyUpdated.TYPE:
                self.outcome.policies.append(orjson.loads(record.value))
            elif headers.get("ce_type") == events.ModelPromoted.TYPE:
                self.outcome.promotions.append(orjson.loads(record.value))
        else:
            reason = {k.removeprefix(PREFIX): v for k, v in headers.items() if k.startswith(PREFIX)}
            self.outcome.dead_letters.append(reason)

    def _take_response(self, response: dict[str, Any]) -> None:
        if response["response_id"] in self.outcome.responses:
            return
        now = time.monotonic()
        self.outcome.last_response = now
        self.outcome.responses[response["response_id"]] = response
        sent = self.outcome.sent.get(response["ticket_id"])
        if sent:
            self.outcome.latencies[response["response_id"]] = now - sent.popleft()


def _ticket_id(line: bytes) -> str | None:
    try:
        ticket = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    found = ticket.get("ticket_id") if isinstance(ticket, dict) else None
    return found if isinstance(found, str) else None
