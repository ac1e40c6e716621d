"""A ticket in, its one response out. The only place that knows both the contract and the domain."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.generate import metrics
from services.generate.acting import order_of, step_of
from services.generate.bodies import Bodies
from services.generate.case import Arrival, Case, Incoming, response_id
from services.generate.current import Current
from services.generate.deciding import Decider
from services.generate.domain.actions.orders import Result, Step
from services.generate.domain.policy import Policy
from services.generate.domain.standing import NEW
from services.generate.history import History
from services.generate.ports import (
    Actions,
    Kept,
    Release,
    Releases,
    Responses,
    Reviews,
    Steps,
    Stored,
)
from services.generate.publishing import published
from services.generate.reviews import ReviewDesk
from services.generate.seals import Seals
from services.generate.writing import Scribe
from shared.envelope import Event
from shared.events import ResponseReviewed, TicketReleased
from shared.outcome import DONE, Outcome, by_kind

PORTION = 64
"""Messages that are decided, responded to and stored together."""
LAST_TURN = 2**31
"""After any turn a ticket can have."""


@dataclass(frozen=True, slots=True)
class Stores:
    """What generate remembers."""

    responses: Responses
    releases: Releases
    reviews: Reviews
    steps: Steps


class GenerateHandler:
    """Decides, acts and writes. A response found in the store is published again, not made
    again."""

    def __init__(
        self,
        stores: Stores,
        actions: Actions,
        *,
        decider: Decider,
        bodies: Bodies,
        scribe: Scribe,
        seals: Seals,
        current: Current,
        now: Callable[[], datetime],
    ) -> None:
        self._stores = stores
        self._actions = actions
        self._decider = decider
        self._bodies = bodies
        self._scribe = scribe
        self._seals = seals
        self._current = current
        self._history = History(stores.responses, stores.releases, stores.steps)
        self._now = now

    async def respond(self, events: Sequence[Incoming]) -> list[Outcome]:
        """One response for each message."""
        wanted = [response_id(event.data) for event in events]
        stored = await self._stores.responses.find(wanted)
        fresh = {key: event for event, key in zip(events, wanted, strict=True) if key not in stored}
        if fresh:
            stored = {**stored, **await self._respond_to(fresh)}
        return [published(stored[key], self._seals) for key in wanted]

    async def _respond_to(self, fresh: Mapping[str, Incoming]) -> Stored:
        """To messages, by the ids of their responses."""
        policy, knowledge, now = self._current.policy, self._current.knowledge, self._now()
        standings = await self._history.standings([event.data.ticket for event in fresh.values()])
        arrivals = [
            Arrival(
                event, key, standings.get(event.data.ticket.ticket_id, NEW), self._originals(event)
            )
            for key, event in fresh.items()
        ]
        replying: list[asyncio.Task[Stored]] = []
        try:
            # While a portion is carried out, written and stored, the next one is decided.
            for start in range(0, len(arrivals), PORTION):
                some = arrivals[start : start + PORTION]
                cases = await asyncio.to_thread(self._decider.decide, some, policy, knowledge, now)
                replying.append(asyncio.create_task(self._reply(cases, policy, now)))
        finally:
            # None is broken off for another's failure: what was sent must be remembered.
            await asyncio.gather(*replying, return_exceptions=True)
        return {key: kept for portion in replying for key, kept in portion.result().items()}

    async def _reply(self, cases: Sequence[Case], policy: Policy, now: datetime) -> Stored:
        """Do what was decided, write the responses and store them."""
        results = await self._act(cases)
        bodies = await self._bodies.of(cases, results)

        def written() -> list[Kept]:
            return [
                self._scribe.write(case, policy, now, result=results.get(n), body=bodies.get(n))
                for n, case in enumerate(cases)
            ]

        made = await asyncio.to_thread(written)
        kept = await self._keep(_steps(cases, results), made)
        metrics.count_decisions(cases, self._now())
        return kept

    async def _keep(self, steps: Sequence[Step], made: Sequence[Kept]) -> Stored:
        # Steps before responses: whoever is asked a question must find it remembered.
        await self._stores.steps.keep(steps)
        return await self._stores.responses.keep(made)

    async def _act(self, cases: Sequence[Case]) -> dict[int, Result]:
        """Carry out what was decided; the results by the case's place."""
        acting = [
            (place, case.verdict.plan)
            for place, case in enumerate(cases)
            if case.verdict.decision == "act" and case.verdict.plan is not None
        ]
        orders = [order_of(cases[place], plan, self._seals) for place, plan in acting]
        results = await self._actions.run(orders) if orders else []
        found = {place: result for (place, _), result in zip(acting, results, strict=True)}
        metrics.count_actions(cases, found)
        return found

    def _originals(self, event: Incoming) -> dict[str, str]:
        ticket = event.data.ticket
        return self._seals.opened([ticket.sealed], ticket.ticket_id)


def _steps(cases: Sequence[Case], results: Mapping[int, Result]) -> list[Step]:
    """Where the actions of the cases stand, of those that began one."""
    steps = [
        step_of(case, case.verdict.plan, results.get(n))
        for n, case in enumerate(cases)
        if case.verdict.plan is not None
    ]
    return [step for step in steps if step is not None]


class PeopleHandler:
    """What people did with tickets: gave them back, or decided about drafts."""

    def __init__(self, responses: Responses, releases: Releases, reviews: ReviewDesk) -> None:
        self._responses = responses
        self._releases = releases
        self._reviews = reviews

    async def learn(self, events: Sequence[Event[Any]]) -> Sequence[Outcome]:
        """Releases are remembered, reviews settled."""
        return await by_kind(
            events, {TicketReleased: self._release, ResponseReviewed: self._reviews.settle}
        )

    async def _release(self, events: Sequence[Event[TicketReleased]]) -> Sequence[Outcome]:
        """What was responded so far is given back, and nothing that comes after it."""
        tickets = dict.fromkeys(event.data.ticket_id for event in events)
        last = await self._responses.last_before(dict.fromkeys(tickets, LAST_TURN))
        await self._releases.record(
            [
                Release(event.id, event.data.ticket_id, last[event.data.ticket_id].turn)
                for event in events
                if event.data.ticket_id in last
            ]
        )
        return [DONE] * len(events)
