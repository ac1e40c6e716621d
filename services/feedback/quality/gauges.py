"""The running quality figures as Prometheus gauges, each declared once with its meaning.

Labels are intents, decisions and reason codes of careloop's own. `(all)` is the figure over all
intents. What the figures mean stands in `domain/definitions.py`.
"""

import math
from collections.abc import Callable
from datetime import datetime, timedelta

from prometheus_client import Gauge

from services.feedback.domain.definitions import ORPHAN_AFTER, STATES, Quality
from services.feedback.domain.learning.drift import KINDS
from services.feedback.domain.policy import Policy, Promise
from services.feedback.domain.quality import Share
from services.feedback.ports import Policies
from services.feedback.quality.measuring import Measured, measure
from services.feedback.quality.ports import ALL, Figures, Looks


class ShareGauge:
    """A share by intent, with the ends of its 95 % Wilson interval as `_low` and `_high`."""

    def __init__(self, name: str, meaning: str) -> None:
        self._value = Gauge(name, meaning, ["intent"])
        self._low = Gauge(f"{name}_low", f"{meaning}: low end of its 95 % interval", ["intent"])
        self._high = Gauge(f"{name}_high", f"{meaning}: high end of its 95 % interval", ["intent"])

    def clear(self) -> None:
        for gauge in (self._value, self._low, self._high):
            gauge.clear()

    def set(self, intent: str, share: Share) -> None:
        """Show the share; one of nothing is not shown."""
        if share.whole:
            low, high = share.interval
            self._value.labels(intent).set(share.value)
            self._low.labels(intent).set(low)
            self._high.labels(intent).set(high)


RESPONSES = Gauge(
    "careloop_quality_responses", "Responses in the window, by decision", ["intent", "decision"]
)
JUDGED = Gauge(
    "careloop_quality_judged",
    "Automatic replies in the window by verdict: good, bad, silent when nobody said anything, and "
    "pending while somebody may",
    ["intent", "verdict"],
)
AUTOMATION = ShareGauge(
    "careloop_quality_automation_rate", "Responses that reached the customer without a person"
)
VERIFIED = ShareGauge(
    "careloop_quality_verified_rate",
    "Automatic answers and actions that proved right, among those no longer pending",
)
SILENT = ShareGauge(
    "careloop_quality_silent_rate",
    "Automatic answers and actions nobody said anything of, among those no longer pending",
)
WRONG = ShareGauge("careloop_quality_wrong_rate", "Bad among the judged automatic replies")
SATISFIED = ShareGauge(
    "careloop_quality_satisfied_rate", "Last ratings of 4 or 5 among all replies that were rated"
)
ACCEPTED = ShareGauge(
    "careloop_quality_accepted_rate", "Drafts approved as they were, among those reviewed"
)
ESCALATED = ShareGauge("careloop_quality_escalated_rate", "Responses handed to a person")
RETURNING = ShareGauge("careloop_quality_returning_rate", "Customers who wrote more than once")
SATISFACTION = Gauge("careloop_quality_satisfaction", "Mean rating, 1 to 5", ["intent"])
EDIT_DISTANCE = Gauge(
    "careloop_quality_edit_distance", "Mean share of a draft that agents changed", ["intent"]
)
CONTACTS = Gauge(
    "careloop_quality_contacts_per_customer",
    "Messages of a customer that answer no question of ours",
    ["intent"],
)
COST = Gauge(
    "careloop_quality_tokens_per_resolved",
    "Language-model tokens per ticket resolved without a person",
    ["intent"],
)
SHARES = (AUTOMATION, VERIFIED, SILENT, WRONG, SATISFIED, ACCEPTED, ESCALATED, RETURNING)
MEANS = (SATISFACTION, EDIT_DISTANCE, CONTACTS, COST)
FIRST_RESPONSE = Gauge(
    "careloop_quality_first_response_seconds",
    "Time from a ticket's first message to the first reply",
    ["intent", "quantile"],
)
REASONS = Gauge("careloop_quality_escalations", "Escalations by reason", ["reason"])
LABELLED = (RESPONSES, JUDGED, FIRST_RESPONSE, REASONS, *SHARES, *MEANS)
WAITING = Gauge("careloop_quality_waiting", "Signals whose response is not known yet")
ORPHANS = Gauge("careloop_quality_orphans", "Signals whose response never came")
VERSION = Gauge("careloop_policy_version", "Version of the policy in force; 0 before the first")
THRESHOLD = Gauge(
    "careloop_policy_threshold", "Confidence an automatic reply needs; (all): default", ["intent"]
)
ALPHA = Gauge(
    "careloop_policy_alpha", "The promise: at most this share of automatic replies is wrong"
)
DRIFT = Gauge(
    "careloop_drift",
    "1 where the last look for a reason to train found that messages have changed, else 0",
    ["test"],
)


class Gauges:
    """Refreshes the gauges from the database, over the responses of the last `window`."""

    def __init__(
        self,
        figures: Figures,
        policies: Policies,
        looks: Looks,
        promise: Promise,
        window: timedelta,
        *,
        now: Callable[[], datetime],
        orphan_after: timedelta = ORPHAN_AFTER,
    ) -> None:
        self._figures = figures
        self._policies = policies
        self._looks = looks
        self._promise = promise
        self._window = window
        self._now = now
        self._orphan_after = orphan_after

    async def refresh(self) -> None:
        """Raises TemporaryError."""
        measured = await measure(
            self._figures, now=self._now(), window=self._window, orphan_after=self._orphan_after
        )
        decided = await self._policies.current()
        drifted = await self._looks.drifted()
        policy = decided.policy if decided else Policy(0, self._promise.default_threshold)
        _show_quality(measured)
        _show_policy(policy, self._promise)
        for kind in KINDS:
            DRIFT.labels(kind).set(kind in drifted)

    def clear(self) -> None:
        """Show nothing: another process does."""
        for gauge in (*LABELLED, THRESHOLD, DRIFT):
            gauge.clear()
        for gauge in (WAITING, ORPHANS, VERSION, ALPHA):
            gauge.set(0)


def _show_quality(measured: Measured) -> None:
    """All at once: nothing is scraped in between, and what left the window is gone."""
    for gauge in LABELLED:
        gauge.clear()
    for intent, quality in {ALL: measured.overall, **measured.by_value}.items():
        _show_rates(intent, quality)
    # Counts add up over their labels, so a total among them would count twice.
    for intent, quality in measured.by_value.items():
        for decision in sorted({group.decision for group in quality.groups}):
            RESPONSES.labels(intent, decision).set(quality.decided(decision))
        for state in STATES:
            JUDGED.labels(intent, state).set(quality.judged(state))
    for reason, count in measured.all_reasons.items():
        REASONS.labels(reason).set(count)
    WAITING.set(measured.waiting)
    ORPHANS.set(measured.orphans)


def _show_rates(intent: str, quality: Quality) -> None:
    AUTOMATION.set(intent, quality.automation)
    VERIFIED.set(intent, quality.verified)
    SILENT.set(intent, quality.silent)
    WRONG.set(intent, quality.wrong)
    SATISFIED.set(intent, quality.satisfied)
    ACCEPTED.set(intent, quality.accepted)
    ESCALATED.set(intent, quality.escalated)
    RETURNING.set(intent, quality.returning)
    means = {
        SATISFACTION: quality.satisfaction,
        EDIT_DISTANCE: quality.edit_distance,
        CONTACTS: quality.contact_rate,
        COST: quality.tokens_per_resolved,
    }
    for gauge, mean in means.items():
        if not math.isnan(mean):
            gauge.labels(intent).set(mean)
    for part in (0.5, 0.95):
        if (time := quality.first_response(part)).count:
            FIRST_RESPONSE.labels(intent, part).set(time.value / 1000)


def _show_policy(policy: Policy, promise: Promise) -> None:
    VERSION.set(policy.version)
    ALPHA.set(promise.alpha)
    THRESHOLD.clear()
    THRESHOLD.labels(ALL).set(policy.default_threshold)
    for intent, threshold in policy.thresholds.items():
        THRESHOLD.labels(intent).set(threshold)
