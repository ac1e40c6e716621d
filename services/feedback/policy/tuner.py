"""The periodic job that tunes the policy and tells everybody."""

import asyncio
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from services.feedback.domain.definitions import WINDOW
from services.feedback.domain.policy import Decided, Observation, Policy, Promise, Tuning
from services.feedback.domain.selection import tune
from services.feedback.policy.choices import Choosing, Publication
from services.feedback.ports import Announcer, Outcomes, Policies
from shared import ids, log, topics
from shared.envelope import Event, new_event
from shared.events import ChoiceWeights, ObservedOutcomes, Payload, PolicyUpdated

SOURCE = "/careloop/feedback"
logger = log.get(__name__)


class Tuner:
    """Works from the database alone: a restart, or a second process, makes no difference.

    A version is stored first and published second. Whoever stores a version first decides it;
    whoever finds one unpublished publishes it, and twice is as good as once.
    """

    def __init__(
        self,
        outcomes: Outcomes,
        policies: Policies,
        announcer: Announcer,
        *,
        promise: Promise,
        evidence_per_intent: int,
        now: Callable[[], datetime],
        choosing: Choosing | None = None,
    ) -> None:
        self._outcomes = outcomes
        self._policies = policies
        self._announcer = announcer
        self._promise = promise
        self._evidence_per_intent = evidence_per_intent
        self._now = now
        self._choosing = choosing

    async def run_once(self) -> None:
        """Publish what waits, and decide anew if there is anything new. Raises TemporaryError."""
        await self._announce()
        now = self._now()
        settled = now - WINDOW
        evidence = await self._outcomes.evidence(self._evidence_per_intent, settled)
        decided = await self._policies.current()
        current = decided.policy if decided else Policy(0, self._promise.default_threshold)
        fingerprint = await asyncio.to_thread(
            _fingerprint, evidence, current, self._promise, settled
        )
        if fingerprint == await self._policies.studied():
            return
        tuning = await asyncio.to_thread(tune, evidence, current, self._promise, now)
        if self._choosing is not None and not current.all_pinned:
            tuning = _with_choices(tuning, await self._choosing.run_once())
        if not tuning.changes(current):
            await self._policies.mark_studied(fingerprint)
            return
        new = Decided(current.version + 1, tuning, self._promise, now)
        await self._policies.add(new)
        logger.info("policy decided", version=new.version, reasons=dict(tuning.reasons))
        await self._announce()

    async def _announce(self) -> None:
        for decided in await self._policies.unpublished():
            await self._announcer.publish(topics.FEEDBACK, announcement(decided))
            await self._policies.mark_published(decided.version)
            logger.info("policy published", version=decided.version)


def _with_choices(tuning: Tuning, publication: Publication) -> Tuning:
    """With the weights of what is left to chance, and why they are others than before."""
    if not publication.changed:
        return tuning
    why = {
        f"choice of {one.policy.slot}": one.judgement.said if one.judgement else one.change
        for one in publication.decisions
        if one.change != "kept"
    }
    reasons = {**tuning.reasons, **why}
    return replace(tuning, choices=publication.weights, reasons=reasons)


def announcement(decided: Decided) -> Event[Payload]:
    """The event that tells of a policy: the same however often it is made."""
    tuning = decided.tuning
    moment = decided.decided_at.astimezone(UTC)
    data = PolicyUpdated(
        version=decided.version,
        default_threshold=tuning.default_threshold,
        thresholds=dict(tuning.thresholds),
        outcomes={
            intent: ObservedOutcomes(good=count.good, bad=count.bad)
            for intent, count in tuning.counts.items()
        },
        reasons=dict(tuning.reasons),
        alpha=decided.promise.alpha,
        delta=decided.promise.delta,
        alphas=dict(decided.promise.alphas),
        choices=tuple(
            ChoiceWeights(slot=one.slot, context=one.context, weights=dict(one.probabilities))
            for one in tuning.choices
        ),
        pinned=decided.pinned,
        decided_at=moment,
    )
    cause = ids.derived("policy", str(decided.version))
    return new_event(data, cause=cause, source=SOURCE, now=moment)


def _fingerprint(
    evidence: Mapping[str, Sequence[Observation]],
    current: Policy,
    promise: Promise,
    settled: datetime,
) -> str:
    """Tells apart all that a decision is made from."""
    seen = {
        intent: sorted(
            (one.at.isoformat(), one.at <= settled, one.confidence, one.bad, one.kind, one.weight)
            for one in observed
        )
        for intent, observed in evidence.items()
    }
    basis = [
        seen,
        [current.version, current.default_threshold, dict(current.thresholds)],
        [sorted(current.pinned), current.all_pinned],
        [promise.alpha, promise.delta, promise.default_threshold],
        [promise.intents, promise.replies],
        dict(promise.alphas),
    ]
    return hashlib.sha256(json.dumps(basis, sort_keys=True).encode()).hexdigest()
