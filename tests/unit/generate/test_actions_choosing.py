"""Asking to have something done is told from asking how it is done, and from complaining of it."""

import pytest

from services.generate.domain.actions.choosing import continued, wished
from tests.unit.generate.actions_kit import delivered, entities, step


def chosen(intent: str, text: str) -> str | None:
    action = wished(delivered(), intent, text, entities(text))
    return None if action is None else action.name


@pytest.mark.parametrize(
    ("intent", "text", "name"),
    [
        ("order_status", "我的包裹到哪了?", "order_status"),
        ("order_status", "亲 昨晚拍的那件卫衣发了没", "order_status"),
        ("order_status", "Where is my order 20261119-2001?", "order_status"),
        ("order_status", "status order 44120", "order_status"),
        ("order_cancel", "请帮我取消订单 20261122-1002", "order_cancel"),
        ("order_cancel", "Please cancel my order 20261122-2002.", "order_cancel"),
        ("order_cancel", "cancel #4410 pls", "order_cancel"),
        ("return_exchange", "我要退货，订单 20261110-1003", "return_open"),
        ("return_exchange", "能帮我退货吗？订单 20261110-1003", "return_open"),
        ("return_exchange", "I want to return order 20261108-2003.", "return_open"),
        ("balance_inquiry", "帮我查一下余额", "balance"),
        ("balance_inquiry", "How much money is in my savings account right now", "balance"),
        ("transfer", "请帮我转500元到账号[ACCOUNT_1]", "transfer"),
        ("transfer", "Please transfer £80 to [IBAN_1]", "transfer"),
        ("loan", "我想申请贷款3万元，分24个月还", "loan_request"),
        ("loan", "I'd like to apply for a personal loan of 8,000 dollars.", "loan_request"),
        ("usage_plan", "这个月还剩多少流量", "plan_usage"),
        ("usage_plan", "how much data do I have left", "plan_usage"),
        ("usage_plan", "请帮我换成家庭套餐", "plan_change"),
        ("usage_plan", "please switch me to the Family plan", "plan_change"),
    ],
)
def test_a_request(intent: str, text: str, name: str) -> None:
    assert chosen(intent, text) == name


@pytest.mark.parametrize(
    ("intent", "text"),
    [
        ("order_status", "一般几天到？"),
        ("order_status", "How long does shipping to Malta usually take?"),
        ("order_cancel", "怎么取消订单？"),
        ("order_cancel", "为什么我的订单被取消了？"),
        ("order_cancel", "千万别取消订单 44120"),
        ("order_cancel", "取消订单 44120 要收手续费吗"),
        ("order_cancel", "What happens if I cancel order 44120, is there a fee?"),
        ("order_cancel", "You cancelled my order 44120 without telling me"),
        ("order_cancel", "Please don't cancel order 44120"),
        ("order_cancel", "Can I still cancel order 44120?"),
        ("return_exchange", "收到的退货运费谁出？"),
        ("return_exchange", "Do I have to pay postage on returns?"),
        ("return_exchange", "I want to exchange it for a bigger size"),
        ("balance_inquiry", "余额少了三千多，我没花过"),
        ("balance_inquiry", "Can I get a statement for the last six months?"),
        ("transfer", "转账500元手续费多少？"),
        ("transfer", "我昨天转了500元给[NAME_2]，对方没收到"),
        ("transfer", "I sent 500 dollars to the wrong account, please reverse it"),
        ("transfer", "Please transfer 500 dollars to [ACCOUNT_1] every month"),
        ("transfer", "请明天帮我转500元到[ACCOUNT_1]"),
        ("transfer", "请不要转500元到[ACCOUNT_1]"),
        ("transfer", "Please do not transfer 500 dollars to [ACCOUNT_1]"),
        ("usage_plan", "请别给我换成家庭套餐"),
        ("usage_plan", "please don't switch me to the Family plan"),
        ("loan", "我不想贷款3万元"),
        ("return_exchange", "我不想退货，订单 20261110-1003"),
        ("loan", "你们贷款利率多少"),
        ("loan", "do you give loans to self employed people"),
        ("loan", "A loan of 12,000 dollars was taken out in my name"),
        ("usage_plan", "怎么换套餐"),
        ("usage_plan", "You moved me to the Family plan without asking"),
        ("praise_feedback", "请帮我转500元到账号[ACCOUNT_1]"),
    ],
)
def test_no_request(intent: str, text: str) -> None:
    assert chosen(intent, text) is None


ASKED = step(turn=1, status="asking", asked=("payee",), arguments={"amount": "500.00 CNY"})


def carried_on(text: str, *earlier: object, turn: int = 2) -> dict[str, str] | None:
    found = continued(delivered(), earlier, turn, text, entities(text))  # type: ignore[arg-type]
    return None if found is None else dict(found[1].arguments)


@pytest.mark.parametrize("text", ["[ACCOUNT_1]", "账号是[ACCOUNT_1]", "to [ACCOUNT_1], thank you"])
def test_the_answer_to_a_question_carries_on(text: str) -> None:
    assert carried_on(text, ASKED) == {"amount": "500.00 CNY", "payee": "[ACCOUNT_1]"}


@pytest.mark.parametrize(
    "text",
    [
        "你们几点下班?",
        "算了，别转到[ACCOUNT_1]了",
        "Never mind, [ACCOUNT_1] has enough.",
        "Please do not send it to [ACCOUNT_1]",
        "取消吧，[ACCOUNT_1]已经收到了",
    ],
)
def test_what_answers_nothing_or_takes_it_back_moves_nothing(text: str) -> None:
    assert carried_on(text, ASKED) is None


def test_a_number_said_after_something_else_answers_no_old_question() -> None:
    assert carried_on("[ACCOUNT_1]", ASKED, turn=3) is None


def test_after_the_act_the_question_is_closed() -> None:
    assert carried_on("[ACCOUNT_1]", step(turn=1)) is None
    assert carried_on("[ACCOUNT_1]") is None


def test_an_action_taken_out_of_the_catalogue_is_not_carried_on() -> None:
    assert carried_on("[ACCOUNT_1]", step("gone", turn=1, status="asking", asked=("x",))) is None
