"""What a case orders, and the step its ticket takes with it."""

from collections.abc import Mapping

from services.generate.case import Case
from services.generate.domain.actions.orders import (
    OUTCOME,
    Order,
    Result,
    Step,
    StepStatus,
    key_of,
    order,
)
from services.generate.domain.planning import Next, Plan
from services.generate.seals import Seals


def order_of(case: Case, plan: Plan, seals: Seals) -> Order:
    """The order for a message that completed an action's arguments."""
    ticket = case.event.data.ticket
    return order(
        plan.action,
        plan.arguments,
        seals.opened(case.seals, ticket.ticket_id),
        ticket_id=ticket.ticket_id,
        message_id=ticket.message_id,
        customer_key=ticket.customer_key,
        traceparent=case.event.traceparent,
    )


def step_of(case: Case, plan: Plan, result: Result | None) -> Step | None:
    """What is remembered for the ticket's later messages and for the review; None if a person just
    takes over."""
    ticket = case.event.data.ticket
    status = status_of(plan, result)
    if status is None:
        return None
    return Step(
        response_id=case.arrival.response_id,
        key=key_of(ticket.ticket_id, ticket.message_id, plan.action.name),
        ticket_id=ticket.ticket_id,
        message_id=ticket.message_id,
        turn=ticket.turn,
        action=plan.action.name,
        arguments=dict(plan.arguments),
        status=status,
        asked=plan.told.to_ask,
        outcome=result.fields.get(OUTCOME) if result else None,
        seals=case.seals,
        identity=ticket.identity,
        customer_key=ticket.customer_key,
    )


_STATUSES: Mapping[Next, StepStatus] = {
    "ask": "asking",
    "approve": "awaiting_approval",
}


def status_of(plan: Plan, result: Result | None) -> StepStatus | None:
    """Where the action stands; None if nothing was begun."""
    return result.status if result is not None else _STATUSES.get(plan.next)
