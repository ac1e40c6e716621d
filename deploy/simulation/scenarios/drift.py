"""3. Customers want what they always wanted, and write it in another way."""

from collections.abc import Sequence

from deploy.simulation.scenarios.learning import learn, read_right
from deploy.simulation.scenarios.new_wish import SHARE
from deploy.simulation.scenarios.stage import Row, Stage
from deploy.simulation.truth import Case, mean
from deploy.simulation.wishes import abbreviated
from services.feedback.domain.learning.drift import two_rates

DAYS_BEFORE, DAYS_AFTER = 8, 2
CHANCE = 0.01


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
    read = [[case.is_read for case in _english(cases)] for cases in seen]
    before, after = (mean(values) for values in read)
    _, chance = two_rates(*read)
    return Row(
        3,
        "drift in wording",
        "English customers leave vowels out: whr s my prcl",
        f"noticed; after a training more is read right, beyond chance (p < {CHANCE:g})",
        f"{reason}; classifier@{learned.version}; English read right {usual:.0%} -> {before:.0%} "
        f"-> {after:.0%} (p = {chance:.1g})",
        learned.promoted is not None and "drift" in reason and after > before and chance < CHANCE,
    )


def _english(cases: Sequence[Case]) -> list[Case]:
    return [case for case in cases if case.ticket.wish.language == "en"]
