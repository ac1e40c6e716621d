"""What generate counts beside what every worker does: decisions, deeds, and what it goes by."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import get_args

from prometheus_client import Counter, Gauge, Histogram, Info

from services.generate.breaker import Circuit
from services.generate.case import Case
from services.generate.domain.actions.orders import Result
from services.generate.domain.decision import Decision

DECISIONS = Counter(
    "careloop_decisions_total", "First responses made, by decision", ["decision", "intent"]
)
END_TO_END = Histogram(
    "careloop_end_to_end_seconds",
    "From when the message was created, as the ticket system says, to its response",
    ["decision"],
    buckets=(0.1, 0.25, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 3600),
)
ACTIONS = Counter(
    "careloop_actions_total", "Actions carried out or tried, by outcome", ["action", "status"]
)
BACK_OFFICE_CIRCUIT = Gauge(
    "careloop_back_office_circuit",
    "1 for the state of the circuit breaker before the company's systems, 0 for the others",
    ["state"],
)
POLICY = Gauge(
    "careloop_generate_policy_version", "The policy this process goes by; 0 before the first"
)
KNOWLEDGE = Info("careloop_knowledge", "The knowledge base this process answers from")
for _decision in get_args(Decision):
    END_TO_END.labels(_decision)


def count_decisions(cases: Iterable[Case], now: datetime) -> None:
    """Responses that were made and stored; one found in the store again is not counted again."""
    for case in cases:
        decision = case.verdict.decision
        message = case.event.data
        DECISIONS.labels(decision, message.understanding.intent).inc()
        seconds = (now - message.ticket.created_at).total_seconds()
        END_TO_END.labels(decision).observe(max(0.0, seconds))


def count_actions(cases: Sequence[Case], results: dict[int, Result]) -> None:
    """Results by the place of their case."""
    for place, result in results.items():
        plan = cases[place].verdict.plan
        if plan is not None:
            ACTIONS.labels(plan.action.name, result.status).inc()


def show_back_office(current: Circuit) -> None:
    """Say which state its circuit is in."""
    for state in Circuit:
        BACK_OFFICE_CIRCUIT.labels(state.value).set(state is current)
