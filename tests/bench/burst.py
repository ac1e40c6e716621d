"""Ten times the usual tickets for a minute: does it drain, is nothing lost, how old do they get?"""

import asyncio
from dataclasses import dataclass

from deploy.runtime import Say
from deploy.system import System
from tests.bench import machine
from tests.bench.figures import Figure, Result
from tests.bench.passage import Passage, paced
from tests.bench.stream import Stream

TIMES = 10
BEFORE_SECONDS, BURST_SECONDS, AFTER_SECONDS = 20.0, 60.0, 60.0
QUICK_SECONDS = (3.0, 10.0, 5.0)
TRIED = 600
"""Tickets at once, to see what the system can do."""
QUICK_TRIED = 100
OLD_SECONDS = 5.0
PATIENCE = 120.0


@dataclass(frozen=True, slots=True)
class Burst:
    """What came of it: `base` tickets a second before and after, `begin` and `end` of the burst in
    seconds on the passage's clock, `can` what the system was seen to do a second."""

    passage: Passage
    can: float
    base: float
    begin: float
    end: float

    @property
    def recovered_after(self) -> float:
        """Seconds after the burst's end until no ticket without response was older than 5 s."""
        return max(0.0, self.passage.young_again(OLD_SECONDS) - self.end)


def measure(system: System, say: Say, *, quick: bool = False) -> Result:
    load = machine.load()
    burst = asyncio.run(run(system, say, quick=quick))
    return Result(f"{TIMES}x burst", _figures(burst), _notes(burst, load))


async def run(system: System, say: Say, *, quick: bool = False) -> Burst:
    """See what the system can do, then a tenth of it, all of it, and a tenth again."""
    kafka = system.runtime.endpoints.kafka
    before, during, after = (
        QUICK_SECONDS if quick else (BEFORE_SECONDS, BURST_SECONDS, AFTER_SECONDS)
    )
    tried = QUICK_TRIED if quick else TRIED
    # Twice: the first one warms up.
    for _ in range(2):
        at_once = await Stream(kafka).run([0.0] * tried, PATIENCE)
    can = tried / float(at_once.answered.max())
    base = can / TIMES
    say(f"burst: {can:.0f} tickets/s can be done; {base:.1f}/s, then {TIMES} times that")
    moments = paced([(base, before), (TIMES * base, during), (base, after)])
    passage = await Stream(kafka).run(moments, PATIENCE)
    say(f"burst: {len(passage.sent)} sent, {passage.lost} lost")
    return Burst(passage, can, base, before, before + during)


def _figures(burst: Burst) -> list[Figure]:
    passage, sent = burst.passage, len(burst.passage.sent)
    terminal = sent - passage.lost
    during = burst.end - burst.begin
    faultless = passage.lost == 0 and passage.contradictions == 0
    return [
        Figure(
            f"{TIMES * burst.base:.0f} tickets/s for {during:.0f} s, terminal states",
            f"{terminal} ({passage.dead_letters} dead letters)",
            f"sent: {sent}",
            f"{terminal / sent:.4f}",
            "each exactly one",
            faultless,
        ),
        Figure(
            f"age back under {OLD_SECONDS:.0f} s, after its end",
            f"{burst.recovered_after:.1f} s",
            f"the burst: {during:.0f} s",
            f"{burst.recovered_after / during:.2f}",
            "comes back",
            burst.recovered_after != float("inf"),
        ),
        Figure(
            "oldest ticket without response",
            f"{float(passage.ages.max()):.1f} s",
            f"at the burst's end: {passage.oldest_at(burst.end):.1f} s",
        ),
        Figure(
            "responses while it lasts",
            f"{passage.per_second(burst.begin, burst.end):.0f} tickets/s",
            f"all at once, same run: {burst.can:.0f} tickets/s",
            f"{passage.per_second(burst.begin, burst.end) / burst.can:.2f}",
        ),
    ]


def _notes(burst: Burst, load: str) -> list[str]:
    return [
        f"The usual rate is a tenth of what the system was just seen to do at once, so that the "
        f"burst asks for all it has; {burst.begin:.0f} s of the usual before it, and after it.",
        "Ages are from a ticket sent to its response read. A terminal state is a response, or a "
        f"dead letter; responses that contradict each other: {burst.passage.contradictions}.",
        load,
    ]
