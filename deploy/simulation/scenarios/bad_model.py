"""4. Somebody forces a bad model in: it is rolled back by itself."""

from deploy.retraining.job import promote
from deploy.simulation.scenarios.learning import read_right
from deploy.simulation.scenarios.new_wish import SHARE
from deploy.simulation.scenarios.stage import Row, Stage

MOST_DAYS = 5
DAYS_AFTER = 1


async def play(stage: Stage) -> Row:
    """A classifier that takes every wish for another one is promoted past the gate."""
    town, models = stage.town, stage.models
    good = town.promoted[-1]["version"] if town.promoted else stage.models.first
    bad = models.spoil(good)
    classify = stage.system.workers["classify"]
    verdict = {"name": "classifier", "version": bad, "previous": good, "reason": "by hand"}
    await promote(verdict, stage.system.runtime.endpoints.kafka, town.now)
    await town.served_by(bad, classify)
    days = 0
    while town.promoted[-1]["version"] == bad and days < MOST_DAYS:
        await town.day(stage.population.day(stage.messages, new=SHARE))
        await town.looked_at()
        days += 1
    rolled_back = town.promoted[-1]["version"] == good
    if rolled_back:
        await town.served_by(good, classify)
    touched = [case for case in town.cases if case.reply.model_version == f"classifier@{bad}"]
    after = []
    for _ in range(DAYS_AFTER):
        after += await town.day(stage.population.day(stage.messages, new=SHARE))
    wronged = [case for case in touched if case.reply.is_automatic and not case.is_right]
    return Row(
        4,
        "bad model",
        "a classifier that takes every wish for another one is promoted by hand",
        f"rolled back by itself within {MOST_DAYS} days",
        f"{'rolled back' if rolled_back else 'still there'} after {days} days; "
        f"{len(touched)} tickets touched, {len(wronged)} answered wrongly; read right "
        f"{read_right(touched):.0%}, {read_right(after):.0%} afterwards",
        rolled_back,
    )
