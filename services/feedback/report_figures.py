"""The quality figures as a table for people, and as data for programs."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from services.feedback.domain.definitions import STATES, Quality
from services.feedback.domain.quality import Estimate, Share
from services.feedback.measuring import Measured

COLUMNS = (
    "replies", "automatic (95 %)", "verified (95 %)", "silent", "pending",
    "wrong of judged (95 %)", "rating", "drafts accepted (95 %)", "edited", "escalated (95 %)",
    "first reply: median", "p95", "contacts", "tokens/resolved",
)  # fmt: skip
DECISIONS = ("answer", "ask", "act", "draft", "escalate")


def table(measured: Measured, by: str, thresholds: Mapping[str, float]) -> list[str]:
    """A line for each value and one for all; a threshold for whatever has one."""
    last = ("threshold",) if thresholds else ()
    rows = [(by, *COLUMNS, *last)]
    for value, quality in {**measured.by_value, "all": measured.overall}.items():
        rows.append((value, *_cells(quality), *(f"{thresholds[value]:.2f}" for _ in last)))
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    return [_line(row, widths) for row in rows]


def notes(measured: Measured) -> list[str]:
    """Why replies were escalated, and what nobody knows the response of."""
    reasons = ", ".join(f"{reason} {count}" for reason, count in measured.all_reasons.items())
    return [
        f"Escalated because of: {reasons or '-'}",
        f"Signals without a known response: {measured.waiting} waiting, {measured.orphans} orphans",
    ]


def data(measured: Measured, by: str, days: float) -> dict[str, Any]:
    """The same with all counts and intervals; what is not known is null."""
    values = [
        {by: value, **_figures(quality), "escalation_reasons": measured.reasons.get(value, {})}
        for value, quality in measured.by_value.items()
    ]
    overall = {**_figures(measured.overall), "escalation_reasons": measured.all_reasons}
    signals = {"waiting": measured.waiting, "orphans": measured.orphans}
    return {"days": days, "by": by, "all": overall, "values": values, "signals": signals}


def _figures(quality: Quality) -> dict[str, Any]:
    return {
        "responses": quality.responses,
        "decisions": {decision: quality.decided(decision) for decision in DECISIONS},
        "judged": {state: quality.judged(state) for state in STATES},
        "pending": quality.pending,
        "automation": _share_data(quality.automation),
        "verified_resolution": _share_data(quality.verified),
        "silent": _share_data(quality.silent),
        "wrong_automation": _share_data(quality.wrong),
        "satisfied": _share_data(quality.satisfied),
        "mean_rating": _mean_data(quality.satisfaction, quality.satisfied.whole),
        "drafts_accepted": _share_data(quality.accepted),
        "edit_distance": _mean_data(quality.edit_distance, quality.compared),
        "escalated": _share_data(quality.escalated),
        "first_response_ms_median": _estimate_data(quality.first_response(0.5)),
        "first_response_ms_p95": _estimate_data(quality.first_response(0.95)),
        "contacts_per_customer": _mean_data(quality.contact_rate, quality.contacts.customers),
        "returning_customers": _share_data(quality.returning),
        "llm_tokens_per_resolved": _mean_data(quality.tokens_per_resolved, quality.resolved),
        "encoder_passes_per_resolved": _mean_data(quality.passes_per_resolved, quality.resolved),
    }


def _share_data(share: Share) -> dict[str, Any]:
    low, high = share.interval
    known = {"value": _known(share.value), "low": low, "high": high}
    return {**known, "part": share.part, "count": share.whole}


def _mean_data(mean: float, count: int) -> dict[str, Any]:
    return {"value": _known(mean), "count": count}


def _estimate_data(found: Estimate) -> dict[str, Any]:
    ends = {"low": _known(found.low), "high": _known(found.high)}
    return {"value": _known(found.value), **ends, "count": found.count}


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


def _cells(quality: Quality) -> tuple[str, ...]:
    return (
        str(quality.responses),
        _share(quality.automation),
        _share(quality.verified),
        str(quality.silent.part),
        str(quality.pending),
        _share(quality.wrong),
        _mean(quality.satisfaction, quality.satisfied.whole),
        _share(quality.accepted),
        "-" if not quality.compared else f"{quality.edit_distance:.0%} ({quality.compared})",
        _share(quality.escalated),
        _time(quality.first_response(0.5)),
        _time(quality.first_response(0.95)),
        _mean(quality.contact_rate, quality.contacts.customers),
        _mean(quality.tokens_per_resolved, quality.resolved),
    )


def _share(share: Share) -> str:
    if not share.whole:
        return "-"
    low, high = share.interval
    return f"{share.value:.0%} ({low:.0%} to {high:.0%}; {share.whole})"


def _mean(mean: float, count: int) -> str:
    return f"{mean:.2f} ({count})" if count else "-"


def _time(found: Estimate) -> str:
    if not found.count:
        return "-"
    seconds = found.value / 1000
    if seconds < 100:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.1f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = zip(cells, widths, strict=True)
    return "  ".join([first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)])
