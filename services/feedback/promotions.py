"""Models in force, and the way back: a promoted one that does worse gives way to the one before."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from services.feedback.domain.learning.watch import Measure, Tally, Watch, decide
from services.feedback.ports import Announcer
from shared import ids, log, topics
from shared.envelope import Event, new_event
from shared.events import ModelPromoted, Payload
from shared.outcome import DONE, Handler, Outcome, by_kind

SOURCE = "/careloop/feedback"
CLASSIFIER = "classifier"
logger = log.get(__name__)


@dataclass(frozen=True, slots=True)
class Promotion:
    """An artifact that was put in force, by the id of the event that said so."""

    event_id: str
    name: str
    version: str
    previous: str | None
    promoted_at: datetime


class Promotions(Protocol):
    """What was promoted. Raises TemporaryError."""

    async def keep(self, promotions: Sequence[Promotion]) -> None:
        """Store them; one already there stays."""

    async def latest(self, name: str) -> Promotion | None:
        """The one in force."""


class Tallies(Protocol):
    """How replies of a model turned out. Raises TemporaryError."""

    async def tallies(self, model: str, settled: datetime) -> Mapping[Measure, Tally]:
        """Reviews of drafts, verdicts on automatic replies made until `settled`, and agents' labels
        against what the model had read."""


class LoopHandler:
    """Promotions are remembered, all else is what `others` handles."""

    def __init__(self, promotions: Promotions, others: Handler) -> None:
        self._promotions = promotions
        self._others = others

    async def record(self, events: Sequence[Event[Any]]) -> Sequence[Outcome]:
        """One outcome each, in their order."""
        return await by_kind(events, {ModelPromoted: self._remember, Payload: self._others})

    async def _remember(self, events: Sequence[Event[ModelPromoted]]) -> Sequence[Outcome]:
        await self._promotions.keep([_promotion(event) for event in events])
        return [DONE] * len(events)


class Watcher:
    """The periodic look at the classifier in force.

    `settled` is the moment until which replies have had their time to turn bad."""

    def __init__(
        self,
        promotions: Promotions,
        tallies: Tallies,
        announcer: Announcer,
        watch: Watch,
        *,
        settled: Callable[[], datetime],
        now: Callable[[], datetime],
    ) -> None:
        self._promotions = promotions
        self._tallies = tallies
        self._announcer = announcer
        self._watch = watch
        self._settled = settled
        self._now = now

    async def run_once(self) -> None:
        """Say that the model before is in force again, if this one does worse. Raises
        TemporaryError."""
        promotion = await self._promotions.latest(CLASSIFIER)
        if promotion is None or promotion.previous is None:
            return
        before, live = [
            await self._tallies.tallies(f"{CLASSIFIER}@{version}", self._settled())
            for version in (promotion.previous, promotion.version)
        ]
        decision = decide(before, live, self._watch)
        if not decision.roll_back:
            return
        now = self._now()
        data = ModelPromoted(
            name=promotion.name,
            version=promotion.previous,
            previous=promotion.version,
            reason=f"rolled back: {decision.reason}",
            promoted_at=now,
        )
        logger.warning("model rolled back", model=data.version, why=decision.reason)
        # The same id however often this promotion is looked at: it is rolled back once.
        cause = ids.derived("rolled back", promotion.event_id)
        event = new_event(data, cause=cause, source=SOURCE, now=now)
        await self._announcer.publish(topics.FEEDBACK, event)
        await self._promotions.keep([_promotion(event)])


def _promotion(event: Event[Any]) -> Promotion:
    told = event.data
    return Promotion(event.id, told.name, told.version, told.previous, told.promoted_at)
