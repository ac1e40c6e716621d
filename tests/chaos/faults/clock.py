"""The time is not what it was."""

from datetime import timedelta

from tests.chaos.arena import NOON, Arena
from tests.chaos.faults.stops import busy

LONG, SHORT = 600, 150
JUMPS = (timedelta(), timedelta(days=1), timedelta(hours=23), timedelta(days=-1))
"""Where the workers' clock stands, from the true time: it jumps a day ahead, an hour back, and then
two days back."""


async def jumps(arena: Arena) -> str:
    """The clock of all workers jumps, ahead and back, amid the work of each part of the stream."""
    stream = arena.stream(SHORT if arena.quick else LONG)
    await arena.fresh()
    part = -(-len(stream) // len(JUMPS))
    places = []
    for number, jump in enumerate(JUMPS):
        before, _ = await arena.wire.progress("classify", "classify")
        places += await arena.wire.publish(stream[number * part : (number + 1) * part])
        await busy(arena, "classify", before)
        arena.set_clock(NOON + jump)
    return f"{len(JUMPS) - 1} jumps; {await arena.balanced(stream, places, timed=True)}"
