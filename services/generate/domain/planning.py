"""What a message asks careloop to do, and whether that may be done."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from services.generate.domain.actions.catalogue import Action, Catalogue
from services.generate.domain.actions.choosing import continued, wished
from services.generate.domain.actions.filling import Filled, fill
from services.generate.domain.actions.permission import Verdict as Permitted
from services.generate.domain.actions.permission import permit
from services.generate.domain.message import Message
from services.generate.domain.reasons import Reason
from services.generate.domain.standing import Standing

MOST_QUESTIONS = 2
"""Questions for one action in a ticket; whoever has not answered by then talks to a person."""

Next = Literal["execute", "ask", "verify", "approve", "person"]
_NEXT: Mapping[Permitted, Next] = {
    "execute": "execute",
    "needs_verification": "verify",
    "needs_approval": "approve",
    "needs_person": "person",
}


@dataclass(frozen=True, slots=True)
class Plan:
    """An action a message asks for, and what comes next: carrying it out, asking for what is not
    told, asking the customer to prove who they are, having a person approve it, or a person.

    `was_asked` says that the message answers a question of ours.
    """

    action: Action
    told: Filled
    next: Next
    reasons: tuple[str, ...] = ()
    was_asked: bool = False

    @property
    def arguments(self) -> Mapping[str, str]:
        return self.told.arguments


def plan_of(catalogue: Catalogue, message: Message, standing: Standing) -> Plan | None:
    """The action this message asks for, or goes on with, if there is one."""
    understood = message.understood
    carried_on = continued(
        catalogue, standing.earlier, message.turn, message.text, understood.entities
    )
    if carried_on is not None:
        return _plan(*carried_on, message, standing, was_asked=True)
    action = wished(catalogue, understood.intent, message.text, understood.entities)
    if action is None:
        return None
    return _plan(action, fill(action, message.text, understood.entities), message, standing)


def _plan(
    action: Action, told: Filled, message: Message, standing: Standing, *, was_asked: bool = False
) -> Plan:
    if not told.is_complete:
        asked = sum(
            step.action == action.name and step.status == "asking" for step in standing.earlier
        )
        if asked >= MOST_QUESTIONS:
            return Plan(action, told, "person", (Reason.ASKED_IN_VAIN,), was_asked)
        why = Reason.ARGUMENT_MISSING if told.missing else Reason.ARGUMENT_AMBIGUOUS
        return Plan(action, told, "ask", (why,), was_asked)
    permission = permit(
        action,
        told.arguments,
        message.identity,
        customer_known=message.customer_known,
        earlier=standing.earlier,
    )
    return Plan(action, told, _NEXT[permission.verdict], permission.reasons, was_asked)
