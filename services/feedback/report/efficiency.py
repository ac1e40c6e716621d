"""What tickets took and what would save most, as text and as data."""

from collections.abc import Sequence
from typing import Any

from services.feedback.domain.efficiency import Effort
from services.feedback.domain.quality import Share
from services.feedback.domain.savings import Saving
from services.feedback.quality.measuring import Efficiency
from services.feedback.report.shown import (
    aligned,
    duration,
    estimate,
    estimate_data,
    number,
    percent,
    share_data,
)

DECISIONS = ("answer", "ask", "act", "draft", "escalate")
TOP = 5
"""So many intents are shown of those that take the most of people's time."""


def efficiency_lines(efficiency: Efficiency) -> list[str]:
    """Tables and sentences for people."""
    lines = ["What a ticket takes", "", *_table(efficiency), *_steps(efficiency), ""]
    return [*lines, *_people(efficiency.savings)]


def efficiency_data(efficiency: Efficiency) -> dict[str, Any]:
    """The same with all counts and intervals; what is not known is null."""
    return {
        "all": _effort_data(efficiency.overall),
        "decisions": {
            decision: _effort_data(effort)
            for decision, effort in sorted(efficiency.by_decision.items())
        },
        "people": [_saving_data(one) for one in efficiency.savings],
    }


def _table(efficiency: Efficiency) -> list[str]:
    """What a ticket takes: a line for each decision and one for all."""
    steps = efficiency.overall.told_steps
    heads = (f"{name} (95 %)" for name in ("time/ticket", *steps, "passes/ticket", "tokens/ticket"))
    rows = [("decision", "tickets", *heads)]
    for decision in DECISIONS:
        if effort := efficiency.by_decision.get(decision):
            rows.append((decision, *_effort_cells(effort, steps)))
    return aligned([*rows, ("all", *_effort_cells(efficiency.overall, steps))])


def _effort_data(effort: Effort) -> dict[str, Any]:
    return {
        "tickets": effort.tickets,
        "replies": effort.replies,
        "ms_per_ticket": estimate_data(effort.time_per_ticket),
        "steps": {step: estimate_data(effort.share(step)) for step in effort.told_steps},
        "encoder_passes_per_ticket": estimate_data(effort.passes_per_ticket),
        "llm_tokens_per_ticket": estimate_data(effort.tokens_per_ticket),
        "llm_cost_per_ticket": estimate_data(effort.price_per_ticket),
    }


def _saving_data(one: Saving) -> dict[str, Any]:
    return {
        "intent": one.waits.intent,
        "waited": share_data(Share(one.waits.waited, one.waits.replies)),
        "reasons": dict(one.waits.reasons),
        "wait_ms_median": estimate_data(one.known),
        "reckoned_with": {**estimate_data(one.each), "borrowed": one.borrowed},
        "share_of_peoples_time_at_most": one.share,
    }


def _effort_cells(effort: Effort, steps: Sequence[str]) -> tuple[str, ...]:
    return (
        str(effort.tickets),
        estimate(effort.time_per_ticket, duration),
        *(estimate(effort.share(step), percent) for step in steps),
        estimate(effort.passes_per_ticket, number),
        estimate(effort.tokens_per_ticket, number),
    )


def _steps(efficiency: Efficiency) -> list[str]:
    steps = efficiency.overall.told_steps
    arrival = "" if "ingest" in steps else "; ingest's is part of the next"
    return [
        "",
        f"Steps: shares of their time, waiting in their queues included{arrival}.",
        "Without an interval: too few cases, or all alike.",
    ]


def _people(savings: Sequence[Saving]) -> list[str]:
    """What would save most, in words."""
    if not savings:
        return ["No reply waited for a person."]
    return [
        "What would save most: where people's time goes. An upper limit: from the reply until a "
        "person was done, their queue and nights included, and some replies will always need one.",
        *(f"  {_saving(one)}" for one in savings[:TOP]),
    ]


def _saving(one: Saving) -> str:
    waits, reason = one.waits, one.reason
    mostly = f" (mostly: {reason}, {waits.reasons[reason]})" if reason else ""
    whole = "people's time" if one.each.count else "all that waited"
    return (
        f"{waits.intent}: {waits.waited} of {waits.replies} replies waited for a person{mostly}, "
        f"{_wait(one)}: {one.share:.0%} of {whole}"
    )


def _wait(one: Saving) -> str:
    if not one.each.count:
        return "nobody knows how long"
    each, known = one.each, one.known.count
    if one.borrowed:
        return f"reckoned with the {duration(each.value)} of all intents (only {known} known)"
    ends = f"{duration(each.low)} to {duration(each.high)}"
    return f"{duration(each.value)} each ({ends}; {known} known)"
