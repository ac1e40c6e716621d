"""What customers read of an action, and that no value can write sentences of its own."""

import pytest

from services.generate.domain.actions.filling import Filled
from services.generate.domain.actions.orders import (
    key_of,
    with_originals,
    without_originals,
)
from services.generate.domain.actions.wording import Outcome, question, render, revealed
from tests.unit.generate.actions_kit import action, delivered

SHIPPED = {
    "order": "20261118-1001", "item_zh": "Lumen 耳机", "item_en": "Lumen Buds",
    "status": "shipped", "expected": "2026-11-26",
}  # fmt: skip
MONEY = {"amount": "500.00 CNY", "payee": "[ACCOUNT_1]"}


def test_a_coded_field_is_said_in_words() -> None:
    said = render(action("order_status"), "zh", "done", {"order": "202611181001"}, SHIPPED)
    assert said == "您的订单 20261118-1001（Lumen 耳机）已经发出，正在路上，预计 2026-11-26 送达。"
    said = render(action("order_status"), "en-GB", "done", {"order": "202611181001"}, SHIPPED)
    assert said == (
        "Your order 20261118-1001 (Lumen Buds) has been sent and is on its way."
        " It is expected on 2026-11-26."
    )


def test_a_code_without_words_is_shown_as_it_is() -> None:
    said = render(action("order_status"), "zh", "done", {}, SHIPPED | {"status": "in customs"})
    assert said == "您的订单 20261118-1001（Lumen 耳机）in customs。"


def test_another_language_is_spoken_to_in_english() -> None:
    assert "Please log in" in render(action("balance"), "de", "needs_verification", {})


@pytest.mark.parametrize("outcome", ["awaiting_approval", "needs_verification", "failed"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_nothing_is_said_to_be_done_that_is_not(outcome: Outcome, language: str) -> None:
    done = render(action("transfer"), language, "done", MONEY, {"reference": "T", "balance": "1"})
    said = render(action("transfer"), language, outcome, MONEY, {"outcome": "unknown"})
    assert said and said != done
    assert "已从您的账户转出" not in said and "have been transferred" not in said


def test_a_failure_says_whether_something_may_have_happened() -> None:
    surely_not = render(action("transfer"), "en", "failed", MONEY, {"outcome": "not_sent"})
    perhaps = render(action("transfer"), "en", "failed", MONEY, {"outcome": "unknown"})
    assert "has not been carried out" in surely_not
    assert "did not confirm" in perhaps and "do not send the request again" in perhaps


def test_a_refusal_says_why_where_the_catalogue_knows_it() -> None:
    known = render(action("transfer"), "zh", "refused", MONEY, {"error": "insufficient_funds"})
    assert known == "您的可用余额不足，500.00 CNY 没有转出。"
    other = render(action("transfer"), "zh", "refused", MONEY, {"error": "moon_phase"})
    assert "没有受理" in other and "moon" not in other


def test_one_question_for_all_that_is_missing_and_unclear() -> None:
    told = Filled({}, ("payee",), {"amount": ("500.00 CNY", "3.00 CNY")})
    asked = question(action("transfer"), "zh", told)
    assert asked.startswith("好的") and "收款账户" in asked
    assert "不止一个金额：500.00 CNY、3.00 CNY" in asked
    asked = question(action("order_cancel"), "en", Filled({}, ("order",)))
    assert "number of the order that is to be cancelled" in asked


def test_a_value_cannot_write_into_the_sentence() -> None:
    nasty = SHIPPED | {"order": "{item_zh}{expected}", "item_zh": "{status} {0.__class__}"}
    said = render(action("order_status"), "zh", "done", {}, nasty)
    assert "{item_zh}{expected}" in said and "{status} {0.__class__}" in said


def test_every_sentence_can_be_said_with_the_declared_fields_alone() -> None:
    for one in delivered().actions:
        arguments = {argument.name: "A" for argument in one.arguments if argument.required}
        result = dict.fromkeys(one.result, "R")
        for language in one.wording:
            said = [render(one, language, "done", arguments, result)]
            for code in one.wording[language].refusals:
                said.append(render(one, language, "refused", arguments, {"error": code}))
            assert not any("…" in sentence or "{" in sentence for sentence in said)


def test_accounts_are_shown_by_their_last_digits_and_names_whole() -> None:
    originals = {"[ACCOUNT_1]": "6217 0000 1234 4821", "[NAME_2]": "韩梅梅"}
    assert revealed("至 [ACCOUNT_1]，[NAME_2]，[CARD_9]", originals) == "至 …4821，韩梅梅，[CARD_9]"


def test_originals_go_out_to_the_system_and_do_not_come_back() -> None:
    originals = {"[ACCOUNT_1]": "62170000", "CUSTOMER_ID": "C-1001", "[NAME_1]": "Al"}
    assert with_originals(MONEY, originals)["payee"] == "62170000"
    with pytest.raises(KeyError):
        with_originals({"payee": "[ACCOUNT_2]"}, originals)
    answered = {"note": "C-1001 paid 62170000 for Al", "amount": "5.00 CNY"}
    assert without_originals(answered, originals) == {
        "note": "[CUSTOMER_ID] paid [ACCOUNT_1] for [NAME_1]",
        "amount": "5.00 CNY",
    }


def test_the_key_is_the_messages_and_the_actions_own() -> None:
    keys = {
        key_of(ticket, message, name)
        for ticket in ("T-1", "T-2")
        for message in ("m1", "m2")
        for name in ("transfer", "balance")
    }
    assert len(keys) == 8
    assert key_of("T-1", "m1", "transfer") == key_of("T-1", "m1", "transfer")
