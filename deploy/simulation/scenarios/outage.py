"""6. The feedback worker dies and is away for a day: it catches up to the same state."""

import asyncio
import time

from deploy.simulation.mongo import Stored
from deploy.simulation.scenarios.stage import Row, Stage

BEFORE, AFTER = 1, 1


async def play(stage: Stage) -> Row:
    """A day, the worker is killed, a day without it, it starts again, a day more.

    What it holds then is compared with what one makes of the whole topic that was never away.
    """
    town, population = stage.town, stage.population
    for _ in range(BEFORE):
        await town.day(population.day(stage.messages))
    feedback = stage.system.workers["feedback"]
    await asyncio.to_thread(feedback.kill)
    missed = await town.day(population.day(stage.messages), heard=False)
    began = time.monotonic()
    feedback.start()
    await asyncio.to_thread(feedback.wait_until_ready)
    await town.settled()
    seconds = time.monotonic() - began
    for _ in range(AFTER):
        await town.day(population.day(stage.messages))
    endpoints = stage.system.runtime.endpoints
    stored = Stored(endpoints.mongo)
    try:
        held, anew = await stored.held_and_anew(endpoints.kafka)
    finally:
        await stored.close()
    different = sum(held.get(key) != anew.get(key) for key in {*held, *anew})
    return Row(
        6,
        "feedback dies for a day",
        f"killed; {len(missed)} tickets and all that was said of them went by",
        "the same state as if it had never been away",
        f"caught up in {seconds:.0f} s, start included; {different} of {len(anew)} documents "
        "different from those of an undisturbed reading",
        not different and len(anew) >= len(missed),
    )
