"""The classifier is trained again while the system runs, and what that changed."""

from collections.abc import Sequence
from dataclasses import dataclass

from deploy.simulation.scenarios.stage import Stage
from deploy.simulation.truth import Case, mean

TRAINING = "training: "


@dataclass(frozen=True, slots=True)
class Learned:
    """What training again said, and whether the new model is served."""

    said: str
    promoted: str | None

    @property
    def version(self) -> str:
        return self.promoted or "none"

    @property
    def reason(self) -> str:
        """Why it was time to train."""
        told = [line.removeprefix(TRAINING) for line in self.said.splitlines() if TRAINING in line]
        return "; ".join(told) or "no reason"


async def learn(stage: Stage) -> Learned:
    """Train again, as an operator would. If the new model passes, classify serves it soon after."""
    before = len(stage.town.promoted)
    said = await stage.models.train_again(stage.system.environment)
    stage.say(said)
    if "is promoted" not in said:
        return Learned(said, None)
    await stage.town.until(lambda: len(stage.town.promoted) > before)
    version = stage.town.promoted[-1]["version"]
    await stage.town.served_by(version, stage.system.workers["classify"])
    return Learned(said, version)


def read_right(cases: Sequence[Case]) -> float:
    """The share of wishes that were understood."""
    return mean([case.is_read for case in cases])
