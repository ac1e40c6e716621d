"""The running quality figures as Prometheus gauges, each declared once with its meaning.

Labels are intents and decisions of careloop's own. `(all)` is the figure over all intents.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from prometheus_client import Gauge

from services.feedback.domain.policy import Policy, Promise
from services.feedback.domain.quality import Quality, Share, by_intent
from services.feedback.domain.verdicts import Verdict
from services.feedback.ports import Outcomes, Policies

ALL = "(all)"
VERDICTS: tuple[Verdict, ...] = ("good", "bad", "unknown")


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
    "Automatic replies in the window by verdict: good, bad, or unknown when nobody said anything",
    ["intent", "verdict"],
)
AUTOMATION = ShareGauge(
    "careloop_quality_automation_rate", "Responses that reached the customer without a person"
)
WRONG = ShareGauge("careloop_quality_wrong_rate", "Bad among the judged automatic replies")
SATISFIED = ShareGauge("careloop_quality_satisfied_rate", "Ratings of 4 or 5 among all ratings")
SATISFACTION = Gauge("careloop_quality_satisfaction", "Mean rating, 1 to 5", ["intent"])
VERSION = Gauge("careloop_policy_version", "Version of the policy in force; 0 before the first")
THRESHOLD = Gauge(
    "careloop_policy_threshold", "Confidence an automatic reply needs; (all): default", ["intent"]
)


class Gauges:
    """Refreshes the gauges from the database, over the responses of the last `window`."""

    def __init__(
        self,
        outcomes: Outcomes,
        policies: Policies,
        promise: Promise,
        window: timedelta,
        now: Callable[[], datetime],
    ) -> None:
        self._outcomes = outcomes
        self._policies = policies
        self._promise = promise
        self._window = window
        self._now = now

    async def refresh(self) -> None:
        """Raises TemporaryError."""
        groups = await self._outcomes.groups(self._now() - self._window)
        decided = await self._policies.current()
        policy = decided.policy if decided else Policy(0, self._promise.default_threshold)
        _show_quality({ALL: Quality(tuple(groups)), **by_intent(groups)})
        _show_policy(policy)


def _show_quality(figures: dict[str, Quality]) -> None:
    """All at once: nothing is scraped in between, and what left the window is gone."""
    for gauge in (RESPONSES, JUDGED, AUTOMATION, WRONG, SATISFIED, SATISFACTION):
        gauge.clear()
    for intent, quality in figures.items():
        AUTOMATION.set(intent, quality.automation)
        WRONG.set(intent, quality.wrong)
        SATISFIED.set(intent, quality.satisfied)
        if quality.satisfied.whole:
            SATISFACTION.labels(intent).set(quality.satisfaction)
        # Counts add up over their labels, so a total among them would count twice.
        if intent != ALL:
            for decision in sorted({group.decision for group in quality.groups}):
                RESPONSES.labels(intent, decision).set(quality.decided(decision))
            for verdict in VERDICTS:
                JUDGED.labels(intent, verdict).set(quality.judged(verdict))


def _show_policy(policy: Policy) -> None:
    VERSION.set(policy.version)
    THRESHOLD.clear()
    THRESHOLD.labels(ALL).set(policy.default_threshold)
    for intent, threshold in policy.thresholds.items():
        THRESHOLD.labels(intent).set(threshold)
