"""The broker and the database die, stay away, are slow, and have everything read again."""

import asyncio

from deploy.runtime.service import Service
from deploy.system import WORKERS
from tests.chaos.arena import Arena
from tests.chaos.faults.stops import busy
from tests.chaos.proxy import SlowProxy
from tests.e2e.wire import READERS

LONG, SHORT = 600, 150
AWAY_SECONDS, AWAY_SHORTLY = 60.0, 10.0
SLOW_SECONDS = (0.02, 0.2)
"""Of every piece to and from the database; unhindered it takes a millisecond."""


async def broker_killed(arena: Arena) -> str:
    return await _away(arena, arena.system.runtime.kafka, 0.0)


async def broker_down(arena: Arena) -> str:
    seconds = AWAY_SHORTLY if arena.quick else AWAY_SECONDS
    return await _away(arena, arena.system.runtime.kafka, seconds)


async def database_killed(arena: Arena) -> str:
    return await _away(arena, arena.system.runtime.mongo, 0.0)


async def database_down(arena: Arena) -> str:
    seconds = AWAY_SHORTLY if arena.quick else AWAY_SECONDS
    return await _away(arena, arena.system.runtime.mongo, seconds)


async def _away(arena: Arena, service: Service, seconds: float) -> str:
    """It dies by SIGKILL amid the work of all five, and comes back on its data."""
    stream = arena.stream(SHORT if arena.quick else LONG)
    await arena.emptied()
    # From where its topics begin a broker writes down once a minute, or when it is stopped. Killed
    # before, it has again what was deleted.
    await asyncio.to_thread(arena.system.runtime.kafka.restart)
    for name in WORKERS:
        arena.started(name)
    await arena.ready()
    before, _ = await arena.wire.progress("generate", "generate")
    half = len(stream) // 2
    places = await arena.wire.publish(stream[:half])
    await busy(arena, "generate", before)
    await asyncio.to_thread(service.kill)
    await asyncio.sleep(seconds)
    await asyncio.to_thread(service.restart)
    places += await arena.wire.publish(stream[half:])
    await arena.wire.settled(240)
    ended = {one.name for one in arena.workers.values() if one.exit_code() is not None}
    assert not ended, f"ended by themselves: {ended}"
    told = await arena.balanced(stream, places)
    return f"away {seconds:.0f} s, no worker ended; {told}"


async def database_slow(arena: Arena) -> str:
    """Every piece to and from the database takes its time, another each."""
    stream = arena.stream(SHORT if arena.quick else LONG)
    port = int(arena.system.runtime.endpoints.mongo.rpartition(":")[2].partition("/")[0])
    with SlowProxy(port, *SLOW_SECONDS, seed=arena.seed) as proxy:
        await arena.fresh(MONGO_URL=f"mongodb://127.0.0.1:{proxy.port}/?directConnection=true")
        places = await arena.wire.publish(stream)
        await arena.wire.settled(240)
        await arena.stopped()
    return await arena.balanced(stream, places)


async def duplicates(arena: Arena) -> str:
    """Every topic is read again from its beginning, by databases that hold all of it."""
    stream = arena.stream(SHORT if arena.quick else LONG)
    await arena.fresh()
    places = await arena.wire.publish(stream)
    await arena.wire.settled(240)
    before = await arena.wire.read("responses")
    await arena.stopped()
    for group, topic in READERS:
        await arena.wire.rewind(group, topic)
    for name in WORKERS:
        arena.started(name)
    await arena.ready()
    await arena.wire.settled(240)
    again = await arena.wire.read("responses")
    assert len(again) >= 2 * len(before), "not everything was read again"
    told = await arena.balanced(stream, places)
    return f"{len(again)} copies of {len(before)} responses, all the same; {told}"
