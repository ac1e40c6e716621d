"""When the classifier is trained again."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.feedback.domain.learning.drift import Drift


@dataclass(frozen=True, slots=True)
class Triggers:
    """`rows` new ones are enough; `every` is the schedule, if there is one. `pause` is the least
    time between two trainings: drift lasts until a better model is served."""

    rows: int = 200
    every: timedelta | None = timedelta(days=30)
    pause: timedelta = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class EnoughRows:
    """So many new rows, where `needed` are enough."""

    rows: int
    needed: int

    def __str__(self) -> str:
        return f"{self.rows} new rows, {self.needed} are enough"


@dataclass(frozen=True, slots=True)
class Drifted:
    """What changed, with the adjusted p-value of each."""

    chances: tuple[tuple[str, float], ...]

    def __str__(self) -> str:
        told = ", ".join(f"{kind} (p = {chance:.2g})" for kind, chance in self.chances)
        return f"drift: {told}"


@dataclass(frozen=True, slots=True)
class Scheduled:
    """The last training is so long ago."""

    since: timedelta

    def __str__(self) -> str:
        return f"schedule: last trained {self.since.days} days ago"


Reason = EnoughRows | Drifted | Scheduled


def due(
    triggers: Triggers,
    *,
    new_rows: int,
    drift: Drift | None,
    last: datetime,
    now: datetime,
) -> tuple[Reason, ...]:
    """Why to train now; nothing is no reason to. `last` is when training started last, or when the
    first model was made. Without any new row there is nothing new to learn, whatever has changed.
    """
    since = now - last
    if since < triggers.pause or not new_rows:
        return ()
    reasons: list[Reason] = []
    if new_rows >= triggers.rows:
        reasons.append(EnoughRows(new_rows, triggers.rows))
    if drift is not None and drift.drifted:
        reasons.append(Drifted(tuple((one.kind, one.adjusted) for one in drift.drifted)))
    if triggers.every is not None and since >= triggers.every:
        reasons.append(Scheduled(since))
    return tuple(reasons)
