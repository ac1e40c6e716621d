"""A wish the classifier does not know: customers write of it, agents say what it is, and the
classifier that comes of it reads messages that nobody said anything about."""

import asyncio
import json
import os
import subprocess
import sys
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from deploy.demo.upstream import Upstream
from deploy.system import System
from deploy.system.backlog import Backlog
from shared import ids
from shared.events import LabelCorrected

SCRIPT = Path(__file__).with_name("new_wish.json")
AGENTS = ("A-1", "A-2", "A-3", "A-4")
PATIENCE_SECONDS = 30.0
PROMOTED_SECONDS = 5.0
LOOK_SECONDS = 0.2
ROUNDS = ("before", "after")


@dataclass(frozen=True)
class Wish:
    """`taught` are messages that agents label, `asked` others that mean the same."""

    intent: str
    taught: tuple[str, ...]
    asked: tuple[str, ...]


@dataclass(frozen=True)
class Lesson:
    """How `asked` was read before the training and after it, and what the training said."""

    wish: Wish
    before: Sequence[str]
    after: Sequence[str]
    version: str | None
    said: str

    def right(self, labels: Sequence[str]) -> int:
        return sum(label == self.wish.intent for label in labels)


def read(script: Path = SCRIPT) -> Wish:
    told = json.loads(script.read_text("utf-8"))
    return Wish(told["intent"], tuple(told["taught"]), tuple(told["asked"]))


async def teach(upstream: Upstream, system: System) -> Lesson:
    """Both rounds, with a training in between that every later start is served by."""
    wish = read()
    rounds = {name: tickets(wish.asked, name) for name in ROUNDS}
    before = await _responses(upstream, rounds["before"])
    taught = await _responses(upstream, tickets(wish.taught, "taught"))
    await upstream.send([correction(response, wish.intent) for response in taught])
    await _recorded(system)
    said = await asyncio.to_thread(_train, system)
    promotions = upstream.outcome.promotions
    version = None
    if await upstream.wait(lambda: bool(promotions), PROMOTED_SECONDS):
        version = promotions[-1]["version"]
        await _served(system, version)
    after = await _responses(upstream, rounds["after"])
    return Lesson(wish, _intents(before), _intents(after), version, said)


def tickets(texts: Sequence[str], name: str) -> list[bytes]:
    """Each of another customer."""
    return [
        orjson.dumps(
            {
                "ticket_id": f"W-{name}-{number}",
                "body": text,
                "customer": {"customer_id": f"W-{name}-{number}"},
            }
        )
        for number, text in enumerate(texts, 1)
    ]


async def _responses(upstream: Upstream, tickets: Sequence[bytes]) -> list[dict[str, Any]]:
    """To these tickets, in their order, those that came."""
    ids_sent = [orjson.loads(ticket)["ticket_id"] for ticket in tickets]

    def found() -> dict[str, dict[str, Any]]:
        responses = upstream.outcome.responses.values()
        return {one["ticket_id"]: one for one in responses if one["ticket_id"] in ids_sent}

    await upstream.send(tickets)
    await upstream.wait(lambda: len(found()) == len(ids_sent), PATIENCE_SECONDS)
    return [found()[one] for one in ids_sent if one in found()]


def correction(response: dict[str, Any], intent: str) -> bytes:
    """An agent's word on it, as a structured-mode CloudEvent."""
    agent = AGENTS[zlib.crc32(response["ticket_id"].encode()) % len(AGENTS)]
    event = {
        "specversion": "1.0",
        "type": LabelCorrected.TYPE,
        "id": ids.derived("demo", "label", response["response_id"]),
        "source": "demo",
        "data": {
            "ticket_id": response["ticket_id"],
            "message_id": response["message_id"],
            "intent": intent,
            "agent_id": agent,
        },
    }
    return orjson.dumps(event)


async def _recorded(system: System) -> None:
    """Wait until feedback has taken down what was said."""
    async with Backlog(system.runtime.endpoints.kafka) as backlog:
        for worker in ("ingest", "feedback"):
            await backlog.gone(worker, worker, PATIENCE_SECONDS)


def _train(system: System) -> str:
    """The daily job, now; what it says. On a terminal it shows its progress."""
    command = [sys.executable, "-m", "deploy.retraining", "--now"]
    command += ["--folder", str(system.data / "retraining")]
    done = subprocess.run(
        command,
        env=os.environ | system.environment,
        stdout=subprocess.PIPE,
        stderr=None if sys.stderr.isatty() else subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.stdout


async def _served(system: System, version: str) -> None:
    """Wait until classify has changed to it."""
    sample = f'careloop_classifier_info{{version="classifier@{version}"}}'
    for _ in range(int(PATIENCE_SECONDS / LOOK_SECONDS)):
        if await asyncio.to_thread(system.workers["classify"].metric, sample):
            return
        await asyncio.sleep(LOOK_SECONDS)


def _intents(responses: Sequence[dict[str, Any]]) -> list[str]:
    return [response["intent"] for response in responses]
