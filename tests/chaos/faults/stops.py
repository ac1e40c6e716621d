"""Processes that are told to stop, come and go, while tickets flow."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence

from deploy.system import WORKERS
from tests.chaos.arena import Arena
from tests.e2e.wire import Message, headers

LONG, SHORT = 900, 150
PUBLISHED = ("classify", "personalize", "generate", "responses", "feedback")


async def terminate(arena: Arena) -> str:
    """SIGTERM to each worker in turn, amid its work; each drains, and nothing is said twice."""
    stream = arena.stream(SHORT if arena.quick else LONG)
    await arena.fresh()
    part = -(-len(stream) // len(WORKERS))
    places = []
    for number, name in enumerate(WORKERS):
        before, _ = await arena.wire.progress(name, name)
        places += await arena.wire.publish(stream[number * part : (number + 1) * part])
        await busy(arena, name, before)
        code = await asyncio.to_thread(arena.workers[name].stop)
        assert code == 0, f"{name} ended with {code} when it was told to stop"
        arena.started(name)
    await arena.wire.settled(240)
    for topic in PUBLISHED:
        times = Counter(headers(one)["ce_id"] for one in await arena.wire.read(topic))
        assert set(times.values()) == {1}, f"{topic} has events twice"
    return f"{len(WORKERS)} stopped, nothing twice; {await arena.balanced(stream, places)}"


async def scale(arena: Arena) -> str:
    """Each worker (in the short form classify) gets two more processes, then loses them again."""
    victims: Sequence[str] = ("classify",) if arena.quick else WORKERS
    stream = arena.stream(SHORT if arena.quick else LONG)
    await arena.fresh()
    # Half the messages of a victim's turn before it grows, half while it is three.
    parts = _cut(stream, 2 * len(victims))
    places = []
    for name in victims:
        before, _ = await arena.wire.progress(name, name)
        places += await arena.wire.publish(next(parts))
        await busy(arena, name, before)
        more = [arena.started(name, f"-{number}") for number in (2, 3)]
        await arena.ready()
        places += await arena.wire.publish(next(parts))
        for process in more:
            code = await asyncio.to_thread(process.stop)
            assert code == 0, f"{name} ended with {code} when it was told to stop"
        for number in (2, 3):
            del arena.workers[f"{name}-{number}"]
    told = await arena.balanced(stream, places)
    return f"{', '.join(victims)} 1 -> 3 -> 1; {told}"


async def busy(arena: Arena, name: str, before: int) -> None:
    """The worker has begun with what it has to do."""
    for _ in range(2_400):
        settled, there = await arena.wire.progress(name, name)
        if settled > before:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"{name} does nothing: {settled} of {there} settled")


def _cut(stream: Sequence[Message], parts: int) -> Iterator[Sequence[Message]]:
    size = -(-len(stream) // parts)
    return (stream[start : start + size] for start in range(0, len(stream), size))
