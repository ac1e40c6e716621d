"""Arguments from real messages: found, missing, ambiguous, carried on from one message to the next.

Entities are found as classify finds them.
"""

import pytest

from services.generate.domain.actions.filling import Known
from tests.unit.generate.actions_kit import told


@pytest.mark.parametrize(
    ("name", "text", "arguments"),
    [
        ("order_status", "我的订单 20261118-1001 到哪了?", {"order": "202611181001"}),
        ("order_status", "Where is my order 20261119-2001?", {"order": "202611192001"}),
        ("order_status", "快递 SF1234567890123 到哪了", {"order": "SF1234567890123"}),
        ("order_status", "order 88-20417, tracking SF1234567890123", {"order": "8820417"}),
        ("order_cancel", "please cancel order 44120, again: 44120", {"order": "44120"}),
        (
            "transfer",
            "请帮我转500元到账号[ACCOUNT_1]",
            {"amount": "500.00 CNY", "payee": "[ACCOUNT_1]"},
        ),
        (
            "transfer",
            "从我的账户[ACCOUNT_1]转 1,200.50 元给[NAME_2]，账号[ACCOUNT_2]",
            {"amount": "1200.50 CNY", "payee": "[ACCOUNT_2]"},
        ),
        (
            "transfer",
            "Please transfer £80 from [ACCOUNT_1] to [NAME_2], [IBAN_1]",
            {"amount": "80.00 GBP", "payee": "[IBAN_1]"},
        ),
        ("loan_request", "我想申请贷款3万元，分两年还", {"amount": "30000.00 CNY", "term": "24"}),
        (
            "loan_request",
            "I'd like to apply for a loan of 5,000 dollars over 36 months",
            {"amount": "5000.00 USD", "term": "36"},
        ),
        ("plan_change", "我要换成家庭套餐", {"plan": "plan-family"}),
        ("balance", "麻烦查一下尾号6218的余额", {"account": "6218"}),
        ("balance", "check my balance please", {}),
        ("plan_usage", "how much data left", {}),
    ],
)
def test_a_message_that_says_it_all(name: str, text: str, arguments: dict[str, str]) -> None:
    filled = told(name, text)
    assert filled.is_complete
    assert filled.arguments == arguments


@pytest.mark.parametrize(
    ("name", "text", "missing"),
    [
        ("order_status", "我的包裹到哪了", ("order",)),
        ("transfer", "请帮我转账", ("amount", "payee")),
        ("transfer", "Please transfer 500 to [ACCOUNT_1]", ("amount",)),
        ("transfer", "请转500元给[NAME_2]", ("payee",)),
        ("transfer", "transfer 0 dollars to [ACCOUNT_1]", ("amount",)),
        ("loan_request", "I need a loan of 5,000 dollars for ten days", ("term",)),
    ],
)
def test_what_is_missing_is_told(name: str, text: str, missing: tuple[str, ...]) -> None:
    filled = told(name, text)
    assert filled.missing == missing
    assert not filled.ambiguous


@pytest.mark.parametrize(
    ("name", "text", "ambiguous"),
    [
        (
            "order_cancel",
            "please cancel order 44120 or order 55231",
            {"order": ("44120", "55231")},
        ),
        (
            "transfer",
            "请转500元到[ACCOUNT_1]，手续费3元",
            {"amount": ("500.00 CNY", "3.00 CNY")},
        ),
    ],
)
def test_two_values_are_no_value(
    name: str, text: str, ambiguous: dict[str, tuple[str, ...]]
) -> None:
    filled = told(name, text)
    assert filled.ambiguous == ambiguous
    assert not filled.arguments.keys() & ambiguous.keys()
    assert not filled.missing


@pytest.mark.parametrize(
    ("answer", "order"),
    [
        ("20261118-1001", "202611181001"),
        ("是 88215570，谢谢", "88215570"),
        ("it's QT-8105 I think", "QT8105"),
        ("订单号 44120", "44120"),
        ("the one of 2026-11-18: 44120", "44120"),
    ],
)
def test_a_bare_number_answers_the_question_for_it(answer: str, order: str) -> None:
    assert told("order_status", answer, Known({}, ("order",))).arguments == {"order": order}


def test_a_bare_number_means_nothing_when_nobody_asked() -> None:
    assert told("order_status", "I called 3 times, 44120 reasons").missing == ("order",)


def test_the_next_message_carries_on() -> None:
    first = told("transfer", "请帮我转500元")
    assert first.to_ask == ("payee",)
    second = told("transfer", "[ACCOUNT_1]", Known(first.arguments, first.to_ask))
    assert second.answered and second.is_complete
    assert second.arguments == {"amount": "500.00 CNY", "payee": "[ACCOUNT_1]"}


def test_a_message_about_something_else_answers_nothing() -> None:
    second = told("transfer", "你们几点下班?", Known({"amount": "500.00 CNY"}, ("payee",)))
    assert not second.answered
    assert second.missing == ("payee",)
    assert second.arguments == {"amount": "500.00 CNY"}


def test_a_value_asked_for_replaces_the_known_one() -> None:
    known = Known({"amount": "500.00 CNY", "payee": "[ACCOUNT_1]"}, ("amount",))
    assert told("transfer", "600元", known).arguments["amount"] == "600.00 CNY"


def test_another_value_that_nobody_asked_for_moves_no_money() -> None:
    known = Known({"amount": "500.00 CNY"}, ("payee",))
    second = told("transfer", "转到[ACCOUNT_1]，改成800元吧", known)
    assert second.ambiguous == {"amount": ("500.00 CNY", "800.00 CNY")}
    assert second.arguments == {"payee": "[ACCOUNT_1]"}


def test_for_a_look_at_something_the_known_value_stays() -> None:
    known = Known({"order": "44120"})
    assert told("order_status", "or was it order 55231", known).arguments == {"order": "44120"}


def test_the_same_value_again_is_no_other_value() -> None:
    known = Known({"amount": "500.00 CNY"}, ("payee",))
    assert told("transfer", "500 元转到[ACCOUNT_1]", known).is_complete


def test_a_value_without_end_is_none() -> None:
    assert told("order_status", "A1" + "2" * 500, Known({}, ("order",))).missing == ("order",)


def test_a_flood_of_values_is_cut() -> None:
    text = " ".join(f"order {number}" for number in range(10_000, 10_100))
    assert len(told("order_cancel", text).ambiguous["order"]) <= 5
