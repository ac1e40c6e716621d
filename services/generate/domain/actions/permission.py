"""May this be done, for this customer, now? Read top to bottom, it is the rule book."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from services.generate.domain.actions.catalogue import IDENTITIES, Action, Identity, Limit
from services.generate.domain.actions.money import Money
from services.generate.domain.actions.orders import Step

Verdict = Literal["execute", "needs_verification", "needs_approval", "needs_person"]
_COUNTED = frozenset({"done", "awaiting_approval"})


class Refusal(StrEnum):
    """Why an action is not carried out at once: a stable code, part of the public contract."""

    IDENTITY_NOT_VERIFIED = "identity_not_verified"
    CUSTOMER_UNKNOWN = "customer_unknown"
    NO_AMOUNT = "no_amount"
    CURRENCY_UNKNOWN = "currency_unknown"
    APPROVAL_REQUIRED = "approval_required"
    ABOVE_LIMIT = "above_limit"
    REPEATED_REQUEST = "repeated_request"
    EARLIER_OUTCOME_UNKNOWN = "earlier_outcome_unknown"


@dataclass(frozen=True, slots=True)
class Permission:
    """`execute`; or the customer has to prove who they are; or a person has to approve; or it is
    nothing for careloop, approved or not, and a person takes over."""

    verdict: Verdict
    reasons: tuple[Refusal, ...] = ()


def permit(
    action: Action,
    arguments: Mapping[str, str],
    identity: Identity,
    *,
    customer_known: bool,
    earlier: Sequence[Step] = (),
    approved: bool = False,
) -> Permission:
    """Whether the action may be carried out with these arguments, which are complete.

    `identity` is that of the message that completed them, `customer_known` whether its seal holds
    the customer's id, `earlier` what the ticket did before. Approval stands in for nothing but
    approval: nobody approves somebody's identity.
    """
    if not customer_known:
        return Permission("needs_verification", (Refusal.CUSTOMER_UNKNOWN,))
    if IDENTITIES.index(identity) < IDENTITIES.index(action.identity):
        return Permission("needs_verification", (Refusal.IDENTITY_NOT_VERIFIED,))
    impossible = _money_problem(action, arguments)
    if impossible is not None:
        return Permission("needs_person", (impossible,))
    reasons = () if action.reads_only else _to_approve(action, arguments, earlier)
    return Permission("execute" if approved or not reasons else "needs_approval", reasons)


def _money_problem(action: Action, arguments: Mapping[str, str]) -> Refusal | None:
    for argument in action.arguments:
        if argument.form != "money" or (not argument.required and argument.name not in arguments):
            continue
        money = Money.parse(arguments.get(argument.name, ""))
        if money is None:
            return Refusal.NO_AMOUNT
        limit = action.limit
        named = limit is not None and limit.argument == argument.name
        if limit is not None and named and money.currency not in limit.most:
            return Refusal.CURRENCY_UNKNOWN
    return None


def _to_approve(
    action: Action, arguments: Mapping[str, str], earlier: Sequence[Step]
) -> tuple[Refusal, ...]:
    reasons: list[Refusal] = []
    if action.approval == "always":
        reasons.append(Refusal.APPROVAL_REQUIRED)
    if action.limit is not None and _is_above(action.limit, action.name, arguments, earlier):
        reasons.append(Refusal.ABOVE_LIMIT)
    same = [step for step in earlier if step.action == action.name]
    # Written again, an idempotency key of its own would do it a second time.
    if any(step.status in _COUNTED and _may_be_same(step, arguments) for step in same):
        reasons.append(Refusal.REPEATED_REQUEST)
    if any(step.may_have_happened for step in same):
        reasons.append(Refusal.EARLIER_OUTCOME_UNKNOWN)
    return tuple(reasons)


def _may_be_same(step: Step, arguments: Mapping[str, str]) -> bool:
    """With what it was done is unknown after an erasure: then a person looks."""
    return step.erased or step.arguments == arguments


def _is_above(
    limit: Limit, name: str, arguments: Mapping[str, str], earlier: Sequence[Step]
) -> bool:
    """Together with what the ticket moved before, or may yet move: a large sum in small parts is a
    large sum."""
    money = Money.parse(arguments[limit.argument])
    if money is None:
        return True
    total = money.amount
    for step in earlier:
        if step.action == name and (step.status in _COUNTED or step.may_have_happened):
            before = Money.parse(step.arguments.get(limit.argument, ""))
            if before is not None and before.currency == money.currency:
                total += before.amount
    return total > limit.most[money.currency]
