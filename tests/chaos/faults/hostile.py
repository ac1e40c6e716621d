"""An upstream that means harm, with honest customers among its messages."""

import re
from collections.abc import Sequence
from pathlib import Path

from aiokafka import ConsumerRecord

from tests.chaos.arena import Arena
from tests.chaos.bombs import BombServer
from tests.chaos.hostile import payloads
from tests.e2e.mongo import dump
from tests.e2e.tickets import ticket
from tests.e2e.wire import Message, Place, data

LONG, SHORT = 1_000, 120
HONEST_EVERY = 10
MOST_MEMORY = 512
"""MiB: what docker-compose.yml lets ingest have."""
READS = {
    "ATTACHMENT_HOSTS": "127.0.0.1",
    "ATTACHMENT_HTTP": "1",
    "ATTACHMENT_PRIVATE": "1",
    "ATTACHMENT_SECONDS": "1",
    "BATCH_MAX_RECORDS": "256",
    "SESSION_TIMEOUT_MS": "10000",
}
"""The settings of a worker that reads attachments; its batches are those of production."""


async def payloads_at_the_door(arena: Arena) -> str:
    """Each hostile message ends in a response or in a dead letter with a reason, honest ones are
    answered in their order, ingest stays the process it was, in bounded memory."""
    async with BombServer() as bombs:
        bad = payloads(SHORT if arena.quick else LONG, arena.seed, bombs.urls)
        await arena.fresh(**READS)
        pids = {name: process.pid for name, process in arena.workers.items()}
        burst = _among_honest(bad)
        places = await arena.wire.publish(burst)
        await arena.wire.settled(500)
        memory = _peak(pids["ingest"])
        asked = bombs.asked
    ended = [one.name for one in arena.workers.values() if one.exit_code() is not None]
    assert not ended and pids == {n: p.pid for n, p in arena.workers.items()}, f"ended: {ended}"
    answered, buried = await _ends(arena, dict(zip(places, burst, strict=True)))
    await _honest_answered(arena, burst)
    assert memory < MOST_MEMORY, f"ingest took {memory} MiB"
    assert asked, "no attachment was fetched"
    return f"{len(bad)} hostile: {answered} accepted, {buried} refused; ingest {memory} MiB at most"


def _among_honest(bad: Sequence[Message]) -> list[Message]:
    burst = []
    for number, message in enumerate(bad):
        burst.append(message)
        if number % HONEST_EVERY == 0:
            turn = number // HONEST_EVERY
            named = {"message_id": f"m{turn // 10}", "subject": f"Number {turn}"}
            burst.append(ticket(f"honest-{turn % 10}", **named))
    return burst


async def _ends(arena: Arena, sent: dict[Place, Message]) -> tuple[int, int]:
    """How many of the hostile messages were let in and answered, and how many are dead letters.
    Raises AssertionError for one that is neither, both, or dead without a reason."""
    letters = [_said(one) for one in await arena.wire.read("ingest.dlq")]
    assert all(one["dlq-code"] and one["dlq-reason"] for one in letters)
    bugs = sorted({one["dlq-code"] for one in letters if one["dlq-code"].startswith("bug.")})
    assert not bugs, f"taken for bugs of ours: {bugs}"
    buried = {
        Place(int(one["dlq-source-partition"]), int(one["dlq-source-offset"])) for one in letters
    }
    stored = dump(arena.system.runtime.endpoints.mongo)
    by_place = {one["place"]: one for one in stored["ingest.messages"].values()}
    known = {**by_place, **{place: {} for place in stored.get("ingest.duplicates", {})}}
    accepted = {Place(*map(int, re.findall(r"\d+", str(place))[-2:])) for place in known}
    lost = sent.keys() - buried - accepted
    assert not lost, f"neither let in nor refused: {[sent[one].value for one in lost][:3]}"
    assert not buried & accepted, "let in and refused"
    responses = [one["ticket_id"] for one in stored["generate.responses"].values()]
    assert len(responses) == len(by_place), "not each message let in has its one response"
    for worker in ("classify", "personalize", "generate", "feedback"):
        codes = {_said(one)["dlq-code"] for one in await arena.wire.read(f"{worker}.dlq")}
        assert not codes, f"{worker} was given what it cannot take: {codes}"
    honest = {place for place, one in sent.items() if (one.key or b"").startswith(b"honest")}
    assert not honest & buried, "an honest message was refused"
    return len(accepted - honest), len(buried)


def _said(letter: ConsumerRecord) -> dict[str, str]:
    """What the worker wrote around the letter; the sender's own headers may be anything."""
    return {n: value.decode() for n, value in letter.headers if n.startswith("dlq-")}


async def _honest_answered(arena: Arena, burst: Sequence[Message]) -> None:
    """Every honest message has its reply, those of a ticket in the order in which they came."""
    asked: dict[bytes, int] = {}
    for message in burst:
        if message.key and message.key.startswith(b"honest"):
            asked[message.key] = asked.get(message.key, 0) + 1
    replies: dict[bytes, list[str]] = {key: [] for key in asked}
    for record in await arena.wire.read("responses"):
        told = data(record)["message_id"]
        if record.key in replies and told not in replies[record.key]:
            replies[record.key].append(told)
    assert replies == {key: [f"m{turn}" for turn in range(n)] for key, n in asked.items()}


def _peak(pid: int) -> int:
    """MiB of memory that the process had at most."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found is not None
    return int(found[1]) // 1024
