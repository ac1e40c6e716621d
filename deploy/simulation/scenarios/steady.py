"""1. Nothing changes: automation rises from a cautious start as far as the promise allows."""

import asyncio
import math

from deploy.simulation import learner
from deploy.simulation.scenarios.stage import Row, Stage
from deploy.simulation.truth import automation, best, wrong

DAYS = 24
WITHIN = 0.05
RUNS = 100
"""Of the learner alone, each as long as the scenario."""


async def play(stage: Stage) -> Row:
    """The days, and then the learner alone on tickets drawn from them."""
    town, promise = stage.town, stage.promise
    for _ in range(DAYS):
        await town.day(stage.population.day(stage.messages))
    await town.settled()
    cases = list(town.cases)
    begun = automation(cases, town.start_policy)
    reached = automation(cases, town.policy)
    possible = automation(cases, best(cases, promise.alpha, promise.default_threshold))
    mistaken = wrong(cases)
    runs = await asyncio.to_thread(
        learner.runs, cases, promise, seeds=RUNS, days=len({case.day for case in cases})
    )
    allowed = math.floor(promise.delta * RUNS)
    return Row(
        1,
        "steady",
        f"{len(cases)} tickets on {cases[-1].day} days",
        f"automation within {WITHIN:.0%} of the best possible; at most {promise.alpha:.0%} wrong; "
        f"beyond that in at most {allowed} of {RUNS} runs of the learner alone",
        f"automation {begun:.0%} -> {reached:.0%}, best possible {possible:.0%}; {mistaken:.1%} "
        f"wrong; beyond the promise in {runs.broken} of {runs.runs} runs",
        reached >= possible - WITHIN and mistaken <= promise.alpha and runs.broken <= allowed,
    )
