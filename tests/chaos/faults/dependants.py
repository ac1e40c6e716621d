"""The company's back office and the language model are slow, fail, and hang."""

import asyncio
import json
import urllib.request
from collections import Counter
from typing import Any

import orjson

from deploy.system import WORKERS
from tests.chaos.arena import Arena
from tests.chaos.stream import Books
from tests.component.generate.llm.server import (
    MODEL,
    Behaviour,
    ModelServer,
    dripping,
    good,
    html,
    huge,
    reset,
    slow,
    status,
    truncated,
    truncated_envelope,
)
from tests.e2e.mongo import dump
from tests.e2e.wire import Message, data

LONG, SHORT = 120, 30
CUSTOMER = {"customer_id": "C-1001", "name": "李雷", "identity": "verified"}
RETURN = "这块手表我不想要了，请帮我退货，订单号是 20261110-1003"
ORDERS = ("20261122-1002", "20261118-1001")
HANGS = 6.0
WAITED = 3.0
FAULTS: tuple[dict[str, Any], ...] = (
    {"drop": 3},
    {"slow_seconds": 2.0},
    {"die": "after_commit"},
    {},
    {"down": True},
    {"slow_seconds": HANGS},
)
"""One after the other: answers are lost and slow, it dies, works, has errors, and hangs. Those that
open generate's circuit for half a minute come last."""


async def back_office(arena: Arena) -> str:
    """Tickets that act, while the system they act on does all that goes wrong: one response each,
    and money moved once at most under each key."""
    await arena.fresh(BACK_OFFICE_SECONDS=str(WAITED))
    each = (SHORT if arena.quick else LONG) // len(FAULTS)
    sent: list[Message] = []
    places = []
    for turn, faults in enumerate(FAULTS):
        office = arena.system.back_office
        await asyncio.to_thread(_put, f"{office.url}/faults", faults)
        part = [_acting(turn * each + number) for number in range(each)]
        sent += part
        places += await arena.wire.publish(part)
        await arena.wire.settled(240)
        if "die" in faults:
            assert office.exit_code() is not None, "no action reached the back office"
        if office.exit_code() is not None:
            office.start()
            await asyncio.to_thread(office.wait_until_ready)
    # What nobody waits for any more happens still, and must be seen.
    await asyncio.sleep(HANGS)
    books = Books(sent, places)
    await books.responses_balance(arena.wire)
    told: dict[str, Any] = await asyncio.to_thread(_get, f"{arena.system.back_office.url}/ledger")
    assert set(told["times"].values()) <= {1}, told["times"]
    stored = dump(arena.system.runtime.endpoints.mongo)["generate.action_results"]
    keys = Counter(one["result"]["status"] for one in stored.values())
    assert set(told["times"]) <= set(stored), "money moved under a key nobody remembers"
    assert keys["done"] and keys["failed"], f"nothing was done, or nothing failed: {keys}"
    counted = ", ".join(f"{count} {status}" for status, count in sorted(keys.items()))
    return f"{len(sent)} in, {books.answered} terminal; actions: {counted}; no key twice"


async def language_model(arena: Arena) -> str:
    """The model's server answers well, slowly, with errors, rubbish, without end, or not at all:
    one response each, in its order, and no customer waits for it."""
    behaviours: list[Behaviour] = [
        good, status(500), status(429, Retry_After="1"), html, reset, truncated, good,
        truncated_envelope, slow(2.0), huge, dripping, status(401), slow(600.0), good,
    ]  # fmt: skip
    stream = arena.stream(3 * (SHORT if arena.quick else LONG))
    async with ModelServer(*behaviours) as server:
        await arena.fresh(
            LLM_BACKEND="openai",
            LLM_BASE_URL=server.url,
            LLM_MODEL=MODEL,
            LLM_SECONDS="1",
            LLM_DEADLINE_SECONDS="3",
            LLM_QUEUE_SECONDS="1",
            LLM_CIRCUIT_SECONDS="1",
        )
        places = []
        for start in range(0, len(stream), 30):
            # Each part meets other misbehaviour; the last of each hangs until the circuit opens.
            server.behave(*behaviours)
            places += await arena.wire.publish(stream[start : start + 30])
            await arena.wire.settled(240)
        asked = len(server.requests)
    ended = [name for name in WORKERS if arena.workers[name].exit_code() is not None]
    assert not ended, ended
    assert asked >= len(behaviours), f"only {asked} requests met the misbehaviour"
    books = Books(stream, places)
    await books.balance(arena.system, arena.wire)
    terminal = books.answered + books.buried
    wrote = Counter(
        data(one).get("written_by", "composer") for one in await arena.wire.read("responses")
    )
    return f"{asked} requests; {len(stream)} in, {terminal} terminal; written by {dict(wrote)}"


def _acting(number: int) -> Message:
    """A wish that the back office can carry out, once; later ones it refuses."""
    bodies = (
        RETURN,
        f"请帮我转账 {number + 1} 元到账号 6217000099990003",
        f"请取消订单 {ORDERS[number % 2]}",
        "请查一下我的账户余额",
    )
    written = {
        "ticket_id": f"acts-{number}",
        "message_id": "m1",
        "body": bodies[number % len(bodies)],
        "subject": f"Number {number}",
        "customer": CUSTOMER,
    }
    return Message(orjson.dumps(written), f"acts-{number}".encode())


def _put(url: str, content: Any) -> None:
    request = urllib.request.Request(url, json.dumps(content).encode(), method="PUT")
    request.add_header("Content-Type", "application/json")
    urllib.request.urlopen(request, timeout=10).close()


def _get(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return json.load(answer)
