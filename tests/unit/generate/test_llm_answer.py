"""What of a model's words is let through: form, citations, and what characters can prove."""

import json
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.generate.llm.answer import Completion, written
from services.generate.llm.brief import Brief, Fact, WriterFailed, Written
from services.generate.llm.brief import FailureReason as Reason

REFUND = Fact("f1", "A refund takes 3 working days to your card, at most 1,234.50 CNY a day.")
PAGE = Fact("f2", "Open https://shop.example.com/returns (or write to help@example.com) by 05.12.")
DONE = Fact("a1", "Order [ORDER_1] was cancelled on 2026-11-23.")
EN = Brief("en", "I have been waiting for my money.", (REFUND, PAGE, DONE), "")
ZH = Brief(
    "zh", "我的钱还没有到，已经等了十天了！", (Fact("f1", "退款需要3个工作日，八折商品除外。"),), ""
)


def read(text: str, brief: Brief = EN, *, lenient: bool = False) -> Written:
    return written(brief, Completion(text, 10, 5, 0.1, "m"), lenient=lenient)


def said(body: str, used: Sequence[str] = ("f1",), brief: Brief = EN) -> Written:
    return read(json.dumps({"body": body, "used": used}), brief)


def reason(body: str, used: Sequence[str] = ("f1",), brief: Brief = EN) -> Reason:
    with pytest.raises(WriterFailed) as failed:
        said(body, used, brief)
    assert (failed.value.tokens_in, failed.value.tokens_out) == (10, 5), "it was paid for"
    return failed.value.reason


@pytest.mark.parametrize(
    ("body", "used"),
    [
        ("Your refund takes 3 working days.", ("f1",)),
        ("It is 3 days, and never more than 1234.5 CNY a day.", ("f1",)),
        ("It is ３ days.", ("f1",)),
        ("1. Open the page.\n2. Wait 3 days.", ("f1",)),
        ("See https://shop.example.com/returns.", ("f2",)),
        ("Please write to help@example.com by 05.12.", ("f2",)),
        ("Your order [ORDER_1] was cancelled on 23 November 2026 (11/23).", ("a1",)),
        ("Your order [ORDER_1] was cancelled, the refund takes 3 days.", ("a1", "f1")),
    ],
)
def test_what_the_cited_facts_say_is_let_through(body: str, used: tuple[str, ...]) -> None:
    assert (said(body, used).body, said(body, used).used) == (body, used)


@pytest.mark.parametrize(
    ("body", "used"),
    [
        ("Your refund takes 5 working days.", ("f1",)),
        ("You get 123450 CNY.", ("f1",)),
        ("It takes 3\u200b0 days.", ("f1",)),
        ("We double your refund.", ("f1",)),
        ("See https://shop.example.com/returns.", ("f1",)),
        ("See https://shop.example.com.evil.example/returns.", ("f2",)),
        ("See shop.evil.example.", ("f2",)),
        ("See ｅｖｉｌ．example.", ("f2",)),
        ("Write to money@example.com.", ("f2",)),
        ("Dear [NAME_1], it takes 3 days.", ("f1",)),
        ("Your order [ORDER_2] was cancelled.", ("a1",)),
        ("Your order was cancelled on 24 November.", ("a1",)),
        ("Your order [ORDER_1] was cancelled, the refund takes 3 days.", ("a1",)),
    ],
)
def test_what_they_do_not_say_is_unfounded(body: str, used: tuple[str, ...]) -> None:
    assert reason(body, used) is Reason.UNFOUNDED


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("您的退款需要5个工作日。", Reason.UNFOUNDED),
        ("我们赔偿您五千元。", Reason.UNFOUNDED),
        ("所有商品五折。", Reason.UNFOUNDED),
        ("The refund takes 3 days.", Reason.WRONG_LANGUAGE),
        ("我的钱还没有到，已经等了很久。", Reason.ECHOES_CUSTOMER),
    ],
)
def test_chinese_is_held_to_the_same(body: str, why: Reason) -> None:
    assert reason(body, brief=ZH) is why


def test_chinese_that_keeps_to_its_fact_is_let_through() -> None:
    body = "退款到账需要3个工作日。请打开 Settings > Orders 查看，八折商品除外。"
    assert said(body, brief=ZH).body == body


def test_an_english_reply_is_not_in_chinese() -> None:
    assert reason("退款需要3个工作日。") is Reason.WRONG_LANGUAGE


def test_the_customers_own_sentence_is_no_reply() -> None:
    customer = "I want a full refund for all my orders right now"
    brief = replace(EN, customer_text=customer)
    assert reason("You get a full refund for all your orders.", brief=brief) is (
        Reason.ECHOES_CUSTOMER
    )
    assert said("About the refund for your orders: it takes 3 working days.", brief=brief)
    told = replace(brief, facts=(Fact("f1", "There is a full refund for all orders."),))
    assert said("There is a full refund for all orders.", brief=told), "a fact says so, too"


def test_without_facts_nothing_is_cited_and_nothing_checkable_is_said() -> None:
    ask = replace(EN, facts=(), draft="Which order is it about?")
    assert said("Could you tell us which order this is about?", (), ask).used == ()
    assert reason("It is order 77.", (), ask) is Reason.UNFOUNDED
    assert reason("Could you tell us?", ("f1",), ask) is Reason.UNKNOWN_FACT


def test_a_fact_is_cited_once_and_invisible_characters_go() -> None:
    result = said("It takes\u202e 3 days.\x07\n\nReally.\ufeff ", ("f1", "f1"))
    assert (result.body, result.used) == ("It takes 3 days.\n\nReally.", ("f1",))


@pytest.mark.parametrize(
    "around", ["```json\n{}\n```", "```\n{}```", " {}\n", "<think>x</think>{}"]
)
def test_a_wrapping_is_taken_off(around: str) -> None:
    answer = json.dumps({"body": "It takes 3 days.", "used": ["f1"]})
    assert read(around.replace("{}", answer)).body == "It takes 3 days."


def test_only_a_lenient_reader_looks_for_the_answer_among_other_words() -> None:
    text = 'Here you are: {"body": "It takes 3 days.", "used": ["f1"]} Anything else?'
    assert read(text, lenient=True).body == "It takes 3 days."
    with pytest.raises(WriterFailed, match="not_json"):
        read(text)
    with pytest.raises(WriterFailed, match="unfounded"):
        read(text.replace("3", "4"), lenient=True)


@given(st.text(), st.booleans())
def test_no_words_of_a_model_raise_anything_else(text: str, lenient: bool) -> None:
    for words in (text, f'{{"body": {json.dumps(text)}, "used": ["f1"]}}', f"```{text}```"):
        try:
            assert read(words, lenient=lenient).body
        except WriterFailed as failed:
            assert str(failed) == failed.reason.value
