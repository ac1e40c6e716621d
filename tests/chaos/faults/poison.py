"""Messages that no worker can take: from outside, where they cost nothing, and on a topic of our
own, where they are a bug of ours."""

import asyncio
import re
import subprocess
import sys
from collections import Counter

from deploy.system.processes import WorkerProcess
from shared.topics import TOPICS
from tests.chaos.arena import HASTY, Arena, ended
from tests.chaos.stream import Books, messages
from tests.e2e.wire import Message, headers

LONG, SHORT = 1_000, 200
LIMIT = 20
"""DEAD_LETTERS_PER_MINUTE of the worker."""
EVERY_TWENTIETH = 20
TRUSTED = 60
STOPPED = "more than 20 dead letters from classify within a minute"
WHY = "written by nobody"


async def at_the_door(arena: Arena) -> str:
    """5 % of what the upstream writes is no ticket, far more than the limit for bugs of ours."""
    stream = arena.stream(LIMIT * EVERY_TWENTIETH if arena.quick else LONG, broken=EVERY_TWENTIETH)
    await arena.fresh(DEAD_LETTERS_PER_MINUTE=str(LIMIT // 2))
    places = await arena.wire.publish(stream)
    told = await arena.balanced(stream, places)
    return f"{len(stream) // EVERY_TWENTIETH} dead letters; {told}"


async def bad_deploy(arena: Arena) -> str:
    """Classify is deployed with a bug that every event meets. It stops with its reason; mended, it
    takes the rest, and a replay what had become dead letters."""
    stream = messages(SHORT, each=1, broken=SHORT + 1, turns=1, seed=arena.seed)
    await arena.fresh()
    await asyncio.to_thread(arena.workers["classify"].stop)
    broken = _Broken("classify", arena, DEAD_LETTERS_PER_MINUTE=str(LIMIT))
    places = await arena.wire.publish(stream)
    buried = await _gives_up(arena, broken)
    arena.started("classify")
    await _dlq(arena, "replay", "--topic", "classify", "--code", "bug.*")
    await arena.wire.settled(240)
    letters = Counter(headers(one)["ce_id"] for one in await arena.wire.read("classify.dlq"))
    assert sum(letters.values()) == buried, "the mended worker buried some, too"
    await Books(stream, places).responses_balance(arena.wire)
    return f"stopped after {buried} dead letters; mended, replayed: {len(stream)} in and answered"


async def trusted(arena: Arena) -> str:
    """100 % of what comes on `classify` is nothing that careloop wrote. The worker stops with its
    reason; whoever has looked lets it bury the rest, and drops what was buried."""
    stream = arena.stream(SHORT)
    await arena.fresh()
    await asyncio.to_thread(arena.workers["classify"].stop)
    rubbish = [Message(b"\xff" * (number + 1), b"k%d" % number) for number in range(TRUSTED)]
    await arena.write("classify", rubbish)
    strict = arena.started("classify", DEAD_LETTERS_PER_MINUTE=str(LIMIT))
    first = await _gives_up(arena, strict)
    places = await arena.wire.publish(stream)
    arena.started("classify", DEAD_LETTERS_PER_MINUTE=str(10 * TRUSTED))
    await arena.wire.settled(240)
    there = len(await arena.wire.read("classify.dlq"))
    assert there >= TRUSTED, f"only {there} of {TRUSTED} became dead letters"
    record = arena.system.data / "dropped.jsonl"
    dropped = await _dlq(
        arena, "drop", "--topic", "classify", "--why", WHY, "--record", str(record)
    )
    assert f"dropped {there} " in dropped, dropped
    assert len(record.read_text().splitlines()) == there
    again = await _dlq(arena, "replay", "--topic", "classify")
    assert "nothing to replay" in again, again
    await Books(stream, places).responses_balance(arena.wire)
    return f"stopped after {first}; then {TRUSTED} buried and dropped, {len(stream)} answered"


class _Broken(WorkerProcess):
    """A worker with a bug that every event meets."""

    def __init__(self, name: str, arena: Arena, **environment: str) -> None:
        told = arena.environment | {"RETRY_ATTEMPTS": "1"} | environment
        super().__init__(name, told, arena.system.data / "logs" / f"{name}-broken.log")
        self._command[-1:] = ["tests.chaos.broken", name]
        self.start()
        arena.workers[name] = self


async def _gives_up(arena: Arena, worker: WorkerProcess) -> int:
    """It ends by itself with the reason in its log; how many dead letters there are."""
    await ended(worker, f"{worker.name} gives up")
    assert worker.exit_code() == 1
    assert STOPPED in re.sub(r"\s+", " ", worker.log.read_text())
    letters = len(await arena.wire.read(TOPICS[worker.name].dead_letters or ""))
    assert LIMIT <= letters <= LIMIT + int(HASTY["BATCH_MAX_RECORDS"]), letters
    return letters


async def _dlq(arena: Arena, *words: str) -> str:
    """`python -m deploy.dlq` as an operator runs it; what it says."""
    kafka = arena.system.runtime.endpoints.kafka
    line = [sys.executable, "-m", "deploy.dlq", *words, "--kafka", kafka]
    done = await asyncio.to_thread(
        subprocess.run, line, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
