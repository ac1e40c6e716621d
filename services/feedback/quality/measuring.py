"""All figures of a period, by any dimension, from what the database has counted."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.feedback.domain.definitions import NOBODY, ORPHAN_AFTER, WINDOW, Quality
from services.feedback.domain.efficiency import Effort
from services.feedback.domain.quality import Dimension, by_value
from services.feedback.domain.savings import Saving, most_saving
from services.feedback.quality.ports import ALL, Efforts, Figures, Period


@dataclass(frozen=True, slots=True)
class Measured:
    """The figures over all and of each value, the most frequent first.

    `reasons` counts those behind escalations, by value. Of the signals whose response is not known,
    `orphans` have waited too long and `waiting` have not.
    """

    overall: Quality
    by_value: Mapping[str, Quality]
    reasons: Mapping[str, Mapping[str, int]]
    waiting: int
    orphans: int

    @property
    def all_reasons(self) -> Mapping[str, int]:
        """The reasons behind escalations over all, the most frequent first."""
        counted: Counter[str] = Counter()
        for of_value in self.reasons.values():
            counted.update(of_value)
        return dict(sorted(counted.items(), key=lambda item: (-item[1], item[0])))


@dataclass(frozen=True, slots=True)
class Efficiency:
    """What tickets took, over all, of each decision and of each value of the dimension, and what
    would save most of people's time."""

    overall: Effort
    by_decision: Mapping[str, Effort]
    by_value: Mapping[str, Effort]
    savings: tuple[Saving, ...]


async def measure(
    figures: Figures,
    *,
    now: datetime,
    window: timedelta,
    by: Dimension = "intent",
    orphan_after: timedelta = ORPHAN_AFTER,
) -> Measured:
    """The figures of the responses of the last `window`. Raises TemporaryError."""
    period = Period(now - window, settled=now - WINDOW)
    groups = await figures.counted(period, by)
    contacts = await figures.contact_rates(period, by)
    everybody = await figures.contact_rates(period, None)
    said = await figures.waiting(period.since)
    orphans = sum(moment <= now - orphan_after for moment in said)
    return Measured(
        Quality(tuple(groups), everybody.get(ALL, NOBODY)),
        {
            value: Quality(those, contacts.get(value, NOBODY))
            for value, those in by_value(groups).items()
        },
        await figures.escalation_reasons(period, by),
        len(said) - orphans,
        orphans,
    )


async def measure_efficiency(
    efforts: Efforts, *, now: datetime, window: timedelta, by: Dimension = "intent"
) -> Efficiency:
    """Time and cost of the responses of the last `window`. Raises TemporaryError."""
    period = Period(now - window, settled=now - WINDOW)
    everything = await efforts.efforts(period, None)
    of_decision = await efforts.efforts(period, "decision")
    return Efficiency(
        everything.get(ALL, Effort()),
        of_decision,
        of_decision if by == "decision" else await efforts.efforts(period, by),
        most_saving(await efforts.waits_for_people(period)),
    )
