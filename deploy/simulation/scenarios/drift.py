"""3. Customers want what they always wanted, and write it in another way."""

from collections.abc import Sequence

from deploy.simulation.scenarios.learning import learn, read_right
from deploy.simulation.scenarios.new_wish import SHARE
from deploy.simulation.scenarios.stage import Row, Stage
from deploy.simulation.truth import Case
from deploy.simulation.wishes import abbreviated

DAYS_BEFORE, DAYS_AFTER = 8, 2


async def play(stage: Stage) -> Row:
    """English messages are abbreviated from now on; a training; and some days more. What is written
    after the training was never written before it."""
    town, population = stage.town, stage.population
    usual = read_right(_english(town.cases[-2 * stage.messages :]))
    seen: list[list[Case]] = [[], []]
    reason = ""
    for half, days in enumerate((DAYS_BEFORE, DAYS_AFTER)):
        for _ in range(days):
            tickets = population.day(stage.messages, new=SHARE, said=abbreviated, half=half)
            seen[half] += await town.day(tickets)
        if half == 0:
            learned = await learn(stage)
            reason = learned.reason
    before, after = (read_right(_english(cases)) for cases in seen)
    return Row(
        3,
        "drift in wording",
        "English customers leave vowels out: whr s my prcl",
        "noticed; after a training at least half of what was lost is read right again",
        f"{reason}; classifier@{learned.version}; English read right {usual:.0%} -> {before:.0%} "
        f"-> {after:.0%}",
        learned.promoted is not None
        and "drift" in reason
        and after - before >= (usual - before) / 2,
    )


def _english(cases: Sequence[Case]) -> list[Case]:
    return [case for case in cases if case.ticket.wish.language == "en"]
