"""5. Some customers call every automatic reply bad, whatever it was."""

from collections.abc import Sequence
from dataclasses import replace

from deploy.simulation.learner import replayed
from deploy.simulation.mongo import Stored
from deploy.simulation.population import HOSTILE
from deploy.simulation.scenarios.stage import Row, Stage
from deploy.simulation.truth import Case, automation

DAYS = 6
BOUND = 0.05
"""Automation moves by no more than this."""


async def play(stage: Stage) -> Row:
    """Some days of it. What the ratings did to the thresholds is told by the learner alone: on the
    same tickets, with the hostile customers and with them as they were before."""
    town = stage.town
    seen: list[Case] = []
    for _ in range(DAYS):
        seen += await town.day(stage.population.day(stage.messages, hostile=True))
    hostile = [case for case in seen if case.ticket.customer.is_hostile]
    with_them = replayed(town.cases, stage.promise, stage.population.intents)
    without = replayed(_honest(town.cases), stage.promise, stage.population.intents)
    moved = automation(seen, with_them) - automation(seen, without)
    stored = Stored(stage.system.runtime.endpoints.mongo)
    try:
        rows = (await stored.lessons(town.now)).selection.rows
    finally:
        await stored.close()
    truth = {case.ticket.ticket_id: case for case in hostile}
    theirs = [row for row in rows if row.ticket_id in truth]
    false = [
        row
        for row in theirs
        if truth[row.ticket_id].reply.is_automatic
        and row.agent_key is None
        and row.intent not in truth[row.ticket_id].ticket.wish.intents
    ]
    return Row(
        5,
        f"{HOSTILE:.0%} hostile",
        f"{len(hostile)} of {len(seen)} tickets on {DAYS} days are by customers who give every "
        "automatic reply one star",
        f"automation moves by at most {BOUND:.0%}; their ratings teach no wrong label",
        f"automation by the thresholds {automation(seen, without):.0%} -> "
        f"{automation(seen, with_them):.0%}; {len(theirs)} of {len(rows)} training rows come of "
        f"their tickets, {len(false)} of them wrong by their doing",
        abs(moved) <= BOUND and not false,
    )


def _honest(cases: Sequence[Case]) -> list[Case]:
    return [
        replace(case, ticket=replace(case.ticket, customer=replace(customer, is_hostile=False)))
        for case in cases
        for customer in (case.ticket.customer,)
    ]
