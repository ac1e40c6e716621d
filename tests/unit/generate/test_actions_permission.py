"""The rules: who may have what done, up to how much, and what a person has to approve."""

import pytest

from services.generate.domain.actions.catalogue import Identity
from services.generate.domain.actions.permission import Permission, permit
from tests.unit.generate.actions_kit import action, step

PAYEE = {"payee": "[ACCOUNT_1]"}
ENOUGH = {"amount": "500.00 CNY", **PAYEE}


def transfer(
    amount: str, *earlier: object, identity: Identity = "verified", approved: bool = False
) -> Permission:
    return permit(
        action("transfer"),
        {"amount": amount, **PAYEE},
        identity,
        customer_known=True,
        earlier=earlier,  # type: ignore[arg-type]
        approved=approved,
    )


@pytest.mark.parametrize("identity", ["unknown", "claimed"])
@pytest.mark.parametrize("name", ["transfer", "loan_request", "balance", "plan_change"])
@pytest.mark.parametrize("approved", [False, True])
def test_without_verified_identity_never(name: str, identity: Identity, approved: bool) -> None:
    arguments = {"amount": "10.00 CNY", "payee": "[ACCOUNT_1]", "term": "12", "plan": "plan-light"}
    permission = permit(action(name), arguments, identity, customer_known=True, approved=approved)
    assert permission == Permission("needs_verification", ("identity_not_verified",))  # type: ignore[arg-type]


def test_a_claimed_customer_may_see_where_an_order_is() -> None:
    arguments = {"order": "44120"}
    allowed = permit(action("order_status"), arguments, "claimed", customer_known=True)
    assert allowed == Permission("execute")
    unknown = permit(action("order_status"), arguments, "unknown", customer_known=True)
    assert unknown.verdict == "needs_verification"


def test_without_a_customer_nothing_is_done() -> None:
    permission = permit(action("transfer"), ENOUGH, "verified", customer_known=False)
    assert (permission.verdict, permission.reasons) == ("needs_verification", ("customer_unknown",))


@pytest.mark.parametrize(
    ("amount", "verdict"),
    [
        ("0.01 CNY", "execute"),
        ("2000.00 CNY", "execute"),
        ("2000.01 CNY", "needs_approval"),
        ("300.00 USD", "execute"),
        ("2000.00 USD", "needs_approval"),
        ("999999999999.00 CNY", "needs_approval"),
    ],
)
def test_the_limit_is_included_and_of_its_own_currency(amount: str, verdict: str) -> None:
    assert transfer(amount).verdict == verdict


@pytest.mark.parametrize("approved", [False, True])
@pytest.mark.parametrize(
    ("amount", "reason"),
    [
        ("500.00 XAU", "currency_unknown"),
        ("500.00 JPY", "currency_unknown"),
        ("500", "no_amount"),
        ("0.00 CNY", "no_amount"),
        ("-5.00 CNY", "no_amount"),
        ("5.001 CNY", "no_amount"),
        ("1e3 CNY", "no_amount"),
        ("NaN CNY", "no_amount"),
        ("", "no_amount"),
    ],
)
def test_no_amount_or_an_unknown_currency_never_moves(
    amount: str, reason: str, approved: bool
) -> None:
    permission = transfer(amount, approved=approved)
    assert (permission.verdict, permission.reasons) == ("needs_person", (reason,))


def test_approval_lifts_the_limit_and_keeps_the_reason() -> None:
    assert transfer("5000.00 CNY", approved=True) == Permission("execute", ("above_limit",))  # type: ignore[arg-type]


def test_a_loan_is_always_approved() -> None:
    arguments = {"amount": "10.00 CNY", "term": "12"}
    permission = permit(action("loan_request"), arguments, "verified", customer_known=True)
    assert permission == Permission("needs_approval", ("approval_required",))  # type: ignore[arg-type]
    assert (
        permit(
            action("loan_request"), arguments, "verified", customer_known=True, approved=True
        ).verdict
        == "execute"
    )


@pytest.mark.parametrize("status", ["done", "awaiting_approval"])
def test_the_same_transfer_again_in_a_ticket_needs_approval(status: str) -> None:
    permission = transfer("500.00 CNY", step(status=status))
    assert (permission.verdict, permission.reasons) == ("needs_approval", ("repeated_request",))


def test_after_a_failure_that_may_have_moved_money_a_person_looks_first() -> None:
    unclear = step(status="failed", outcome="unknown", arguments={"amount": "7.00 CNY"})
    assert transfer("500.00 CNY", unclear).reasons == ("earlier_outcome_unknown",)
    surely_not = step(status="failed", outcome="not_sent")
    assert transfer("500.00 CNY", surely_not) == Permission("execute")


def test_a_large_sum_in_small_parts_is_a_large_sum() -> None:
    parts = [step(turn=turn, arguments={"amount": f"{600 + turn}.00 CNY"}) for turn in (1, 2, 3)]
    assert transfer("190.00 CNY", *parts).verdict == "execute"
    assert transfer("195.00 CNY", *parts).reasons == ("above_limit",)
    assert transfer("195.00 CNY", *[step(status="refused")] * 9).verdict == "execute"


def test_looking_twice_needs_nobody() -> None:
    earlier = step("balance", arguments={})
    permission = permit(action("balance"), {}, "verified", customer_known=True, earlier=[earlier])
    assert permission.verdict == "execute"
