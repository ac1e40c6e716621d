"""What people do with policies, against the database. The worker publishes what is stored here."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from services.feedback.domain.definitions import WINDOW
from services.feedback.domain.pins import PinRefused, pinned, rolled_back, unpinned
from services.feedback.domain.policy import Count, Decided, Observation, Policy, Promise, Tuning
from services.feedback.domain.selection import tune
from services.feedback.domain.standing import Standing, counts, standings
from services.feedback.policy.mongo import MongoPolicies
from services.feedback.ports import Outcomes
from shared.errors import TemporaryError

TRIES = 5
START = datetime(1970, 1, 1, tzinfo=UTC)

Seen = Mapping[str, Sequence[Observation]]


class PolicyDesk:
    """Reads and makes versions. All raise TemporaryError when no database answers."""

    def __init__(
        self,
        outcomes: Outcomes,
        policies: MongoPolicies,
        promise: Promise,
        now: Callable[[], datetime],
    ) -> None:
        self._outcomes = outcomes
        self._policies = policies
        self._promise = promise
        self._now = now

    async def current(self) -> Decided:
        """The version in force; version 0 before the first."""
        return await self._policies.current() or self._start()

    async def version(self, number: int) -> Decided:
        """That version. Raises PinRefused when there is none."""
        found = self._start() if number == 0 else await self._policies.version(number)
        if found is None:
            newest = (await self.current()).version
            there = f"the newest is {newest}" if newest else "no policy yet, only the start, 0"
            raise PinRefused(f"there is no version {number}: {there}")
        return found

    async def newest(self, most: int) -> Sequence[Decided]:
        """So many of the last versions, newest first."""
        return await self._policies.newest(most)

    async def is_published(self, decided: Decided) -> bool:
        """Whether the worker has told everybody of it; the start needs no telling."""
        return decided.version not in {one.version for one in await self._policies.unpublished()}

    async def standings(self, decided: Decided) -> list[Standing]:
        """How every intent stands under this version, by today's outcomes and promise."""
        return standings(await self._seen(), decided.policy, self._promise, self._now())

    async def proposal(self) -> tuple[Decided, Tuning]:
        """The version in force, and what the tuner would make of it now."""
        current = await self.current()
        return current, tune(await self._seen(), current.policy, self._promise, self._now())

    async def pin(self, intent: str | None, threshold: float, why: str) -> Decided:
        """Set one intent's threshold, or all. Raises PinRefused."""
        return await self._add(lambda policy, seen: pinned(policy, intent, threshold, why, seen))

    async def unpin(self, intent: str | None, why: str) -> Decided:
        """Leave one intent, or all, to outcomes again. Raises PinRefused."""
        return await self._add(
            lambda policy, seen: unpinned(policy, intent, self._promise, why, seen)
        )

    async def roll_back(self, number: int, why: str) -> Decided:
        """Set the thresholds of an earlier version. Raises PinRefused."""
        earlier = (await self.version(number)).policy
        return await self._add(lambda policy, seen: rolled_back(policy, earlier, why, seen))

    async def _add(self, change: Callable[[Policy, Mapping[str, Count]], Tuning]) -> Decided:
        """Store the next version. Whoever stores a number first has it; others take the next."""
        seen = await self._seen()
        for _ in range(TRIES):
            current = await self.current()
            tuning = change(current.policy, counts(seen, current.policy, self._promise))
            new = Decided(current.version + 1, tuning, self._promise, self._now())
            await self._policies.add(new)
            stored = await self._policies.version(new.version)
            if stored is not None and stored.tuning == tuning:
                return stored
        raise TemporaryError("the policy is being changed by others; try again")

    async def _seen(self) -> Seen:
        return await self._outcomes.evidence(self._promise.replies, self._now() - WINDOW)

    def _start(self) -> Decided:
        default = self._promise.default_threshold
        return Decided(0, Tuning(default, {}, {}, {}), self._promise, START)
