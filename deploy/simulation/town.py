"""Simulated days: customers write to the five real workers, and what comes of it is told back."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from deploy.demo.upstream import Upstream
from deploy.simulation.people import Reply, Ticket, reactions
from deploy.simulation.truth import Case
from deploy.system.backlog import Backlog
from deploy.system.processes import WorkerProcess
from services.feedback.domain.policy import Policy
from shared.clock import set_clock

MORNING, AFTERNOON = timedelta(hours=10), timedelta(hours=16)
PATIENCE_SECONDS = 60.0
POLICY_INTERVAL_SECONDS = 6.0
"""How often the feedback worker looks at thresholds and models, in real seconds."""
HEARS = (("ingest", "ingest"), ("generate", "feedback"), ("feedback", "feedback"))
"""Who reads what in turn, until all is heard: generate answers a reviewed draft on `feedback`."""
START = datetime(2030, 1, 1, tzinfo=UTC)


class NothingComesBack(RuntimeError):
    """The workers did not reply in time."""


class Town:
    """Where all customers live. In the morning they write, in the afternoon they and the agents say
    what became of it; the next day begins when the loop has heard all of that."""

    def __init__(
        self,
        upstream: Upstream,
        backlog: Backlog,
        clock: Path,
        labels: Sequence[str],
        start_policy: Policy,
    ) -> None:
        self._upstream = upstream
        self._backlog = backlog
        self._clock = clock
        self._labels = labels
        self._replies: dict[str, Reply] = {}
        self._read = 0
        self.start_policy = start_policy
        self.cases: list[Case] = []
        self.today = 0
        set_clock(clock, START)

    @property
    def now(self) -> datetime:
        """The moment of the simulation."""
        return datetime.fromisoformat(self._clock.read_text("ascii"))

    @property
    def policy(self) -> Policy:
        """The one in force."""
        told = self._upstream.outcome.policies
        if not told:
            return self.start_policy
        newest = told[-1]
        return Policy(newest["version"], newest["default_threshold"], newest["thresholds"])

    @property
    def promoted(self) -> Sequence[Mapping[str, Any]]:
        """Every `model.promoted` so far."""
        return self._upstream.outcome.promotions

    async def day(self, tickets: Sequence[Ticket], *, heard: bool = True) -> list[Case]:
        """One day of these tickets; `heard` says that feedback is there to hear of it."""
        self.today += 1
        midnight = START + timedelta(days=self.today)
        set_clock(self._clock, midnight + MORNING)
        await self._upstream.send([orjson.dumps(one.received) for one in tickets])
        await self.until(lambda: all(one.ticket_id in self._known() for one in tickets))
        cases = [Case(self.today, one, self._replies[one.ticket_id]) for one in tickets]
        set_clock(self._clock, midnight + AFTERNOON)
        said = [event for one in cases for event in reactions(one.ticket, one.reply, self._labels)]
        await self._upstream.send([orjson.dumps(event) for event in said])
        if heard:
            await self.settled()
        self.cases += cases
        return cases

    async def served_by(self, version: str, classify: WorkerProcess) -> None:
        """Wait until this classifier reads messages. Raises NothingComesBack."""
        sample = f'careloop_classifier_info{{version="classifier@{version}"}}'
        await self.until(lambda: classify.metric(sample) == 1.0)

    async def looked_at(self) -> None:
        """Wait until the worker has drawn its conclusions from all that it heard."""
        await asyncio.sleep(2 * POLICY_INTERVAL_SECONDS)

    async def settled(self) -> None:
        """Wait until feedback has heard everything. Raises NothingComesBack."""
        for group, topic in HEARS:
            if not await self._backlog.gone(group, topic, PATIENCE_SECONDS):
                raise NothingComesBack(f"{group} does not get through {topic}")

    async def until(self, done: Callable[[], bool]) -> None:
        """Wait for it. Raises NothingComesBack."""
        if not await self._upstream.wait(done, PATIENCE_SECONDS):
            raise NothingComesBack(f"day {self.today}: nothing more comes back")

    def _known(self) -> Mapping[str, Reply]:
        """The first reply to each ticket: what is sent once a draft is reviewed is none."""
        responses = self._upstream.outcome.responses
        for response in islice(responses.values(), self._read, None):
            self._replies.setdefault(response["ticket_id"], Reply.of(response))
        self._read = len(responses)
        return self._replies
