"""The figures as a table for people, and as data for programs."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from services.feedback.domain.definitions import STATES, Quality
from services.feedback.domain.efficiency import Effort
from services.feedback.domain.quality import Estimate
from services.feedback.quality.measuring import Efficiency, Measured
from services.feedback.report.efficiency import DECISIONS, efficiency_data
from services.feedback.report.shown import (
    aligned,
    duration,
    estimate,
    estimate_data,
    number,
    percent,
    share_data,
    share_of,
)

COLUMNS = (
    "replies", "automatic (95 %)", "verified (95 %)", "silent", "pending",
    "wrong of judged (95 %)", "rating (95 %)", "drafts accepted (95 %)", "edited (95 %)",
    "escalated (95 %)", "first reply: median (95 %)", "p95 (95 %)", "contacts (95 %)",
    "tokens/resolved (95 %)",
)  # fmt: skip
NOTHING = Effort()


def table(
    measured: Measured, efficiency: Efficiency, by: str, thresholds: Mapping[str, float]
) -> list[str]:
    """A line for each value and one for all; a threshold for whatever has one."""
    last = ("threshold",) if thresholds else ()
    rows = [(by, *COLUMNS, *last)]
    efforts = {**efficiency.by_value, "all": efficiency.overall}
    for value, quality in {**measured.by_value, "all": measured.overall}.items():
        cells = _cells(quality, efforts.get(value, NOTHING))
        rows.append((value, *cells, *(f"{thresholds[value]:.2f}" for _ in last)))
    return aligned(rows)


def notes(measured: Measured) -> list[str]:
    """Why replies were escalated, and what nobody knows the response of."""
    reasons = ", ".join(f"{reason} {count}" for reason, count in measured.all_reasons.items())
    return [
        f"Escalated because of: {reasons or '-'}",
        f"Signals without a known response: {measured.waiting} waiting, {measured.orphans} orphans",
    ]


def data(measured: Measured, efficiency: Efficiency, by: str, days: float) -> dict[str, Any]:
    """The same with all counts and intervals; what is not known is null."""
    values = [
        {
            by: value,
            **_figures(quality, efficiency.by_value.get(value, NOTHING)),
            "escalation_reasons": measured.reasons.get(value, {}),
        }
        for value, quality in measured.by_value.items()
    ]
    overall = _figures(measured.overall, efficiency.overall)
    return {
        "days": days,
        "by": by,
        "all": {**overall, "escalation_reasons": measured.all_reasons},
        "values": values,
        "signals": {"waiting": measured.waiting, "orphans": measured.orphans},
        "efficiency": efficiency_data(efficiency),
    }


def _figures(quality: Quality, effort: Effort) -> dict[str, Any]:
    return {
        "responses": quality.responses,
        "decisions": {decision: quality.decided(decision) for decision in DECISIONS},
        "judged": {state: quality.judged(state) for state in STATES},
        "pending": quality.pending,
        "automation": share_data(quality.automation),
        "verified_resolution": share_data(quality.verified),
        "silent": share_data(quality.silent),
        "wrong_automation": share_data(quality.wrong),
        "satisfied": share_data(quality.satisfied),
        "mean_rating": estimate_data(quality.mean_rating),
        "drafts_accepted": share_data(quality.accepted),
        "edit_distance": estimate_data(quality.mean_edited),
        "escalated": share_data(quality.escalated),
        "first_response_ms_median": estimate_data(quality.first_response(0.5)),
        "first_response_ms_p95": estimate_data(quality.first_response(0.95)),
        "contacts_per_customer": estimate_data(quality.mean_contacts),
        "returning_customers": share_data(quality.returning),
        "llm_tokens_per_resolved": estimate_data(_resolved(quality, effort.tokens_per_resolved)),
        "encoder_passes_per_resolved": estimate_data(
            _resolved(quality, effort.passes_per_resolved)
        ),
    }


def _resolved(quality: Quality, per_resolved: Estimate) -> Estimate:
    """A ratio is told with what it is per: so many tickets were resolved."""
    return replace(per_resolved, count=quality.resolved)


def _cells(quality: Quality, effort: Effort) -> tuple[str, ...]:
    return (
        str(quality.responses),
        share_of(quality.automation),
        share_of(quality.verified),
        str(quality.silent.part),
        str(quality.pending),
        share_of(quality.wrong),
        estimate(quality.mean_rating, number),
        share_of(quality.accepted),
        estimate(quality.mean_edited, percent),
        share_of(quality.escalated),
        estimate(quality.first_response(0.5), duration),
        estimate(quality.first_response(0.95), duration),
        estimate(quality.mean_contacts, number),
        estimate(_resolved(quality, effort.tokens_per_resolved), number),
    )
