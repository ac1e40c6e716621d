"""2. A kind of wish comes up that the classifier has never heard of."""

from collections import Counter
from collections.abc import Sequence

from deploy.simulation.mongo import Stored
from deploy.simulation.scenarios.learning import learn, read_right
from deploy.simulation.scenarios.stage import Row, Stage
from deploy.simulation.truth import Case

SHARE = 0.3
"""Of all messages from now on."""
DAYS_BEFORE, DAYS_AFTER = 8, 2
LEAST_READ = 0.5
MOST_LOST = 0.03


async def play(stage: Stage) -> Row:
    """Some days with the new wish, a training, and some days more. What is written after the
    training was never written before it."""
    town, population = stage.town, stage.population
    before: list[Case] = []
    for _ in range(DAYS_BEFORE):
        before += await town.day(population.day(stage.messages, new=SHARE, half=0))
    proposed = await _proposed(stage, before)
    learned = await learn(stage)
    after: list[Case] = []
    for _ in range(DAYS_AFTER):
        after += await town.day(population.day(stage.messages, new=SHARE, half=1))
    new = [read_right(_with(cases, population.new)) for cases in (before, after)]
    old = [read_right(_without(cases, population.new)) for cases in (before, after)]
    return Row(
        2,
        "new wish",
        f"{SHARE:.0%} of all messages are suddenly about {population.new}",
        f"proposed; read right in {LEAST_READ:.0%} after some corrections; the others no worse",
        f"{proposed}; classifier@{learned.version}; read right {new[0]:.0%} -> {new[1]:.0%}, "
        f"the others {old[0]:.0%} -> {old[1]:.0%}",
        learned.promoted is not None
        and proposed != "not proposed"
        and new[1] >= LEAST_READ
        and old[1] >= old[0] - MOST_LOST,
    )


async def _proposed(stage: Stage, cases: Sequence[Case]) -> str:
    """How the insight report tells of it: the group that mostly consists of the new wish."""
    stored = Stored(stage.system.runtime.endpoints.mongo)
    try:
        findings = await stored.findings(stage.town.now, float(DAYS_BEFORE))
    finally:
        await stored.close()
    true = {case.ticket.ticket_id: case.ticket.wish.intent for case in cases}
    for kind, found in (("new intent", findings.new_intents), ("unanswered", findings.gaps)):
        for one in found:
            wishes = Counter(true.get(message.ticket_id) for message in one.messages)
            if 2 * wishes[stage.population.new] > wishes.total():
                named = ", ".join(one.group.name(one.group.language).words[:3])
                return f"proposed as {kind} of {wishes.total()} messages ({named})"
    return "not proposed"


def _with(cases: Sequence[Case], intent: str) -> list[Case]:
    return [case for case in cases if case.ticket.wish.intent == intent]


def _without(cases: Sequence[Case], intent: str) -> list[Case]:
    return [case for case in cases if case.ticket.wish.intent != intent]
