"""What no text of ours says, however it is put: promises, leaks, markup, other languages."""

import pytest

from services.generate.domain.guardrails import Code, Grounds, violations

NOTHING = Grounds()


def codes(text: str, grounds: Grounds = NOTHING, language: str = "en", **given: bool) -> set[Code]:
    found = violations(text, grounds, language=language, longest=300, **given)
    return {violation.code for violation in found}


PROMISES = (
    "We will refund you.", "We'll give you a discount.", "I have refunded your order.",
    "Your refund has been issued.", "You will get compensation.", "You are entitled to a refund.",
    "We guarantee that it works.", "Delivery is guaranteed.", "It was our fault.",
    "We accept liability for the damage.", "Your loan has been approved.",
    "I've cancelled your order.",
    "We are going to transfer the money.", "Your account has been unlocked.", "We waive the fee.",
    "You have my word.", "I have checked your order.", "Your request was approved.",
)  # fmt: skip
ZH_PROMISES = (
    "我们会全额退款给您。", "已为您退款。", "您将获得赔偿。", "我们保证送达。", "这是我们的责任。",
    "我们承担全部损失。",
    "您的贷款已批准。", "您的订单已取消。", "我们同意给您补偿。", "我们愿意赔偿。",
    "马上为您办理退款。", "您可以享受折扣。",
    "系统已解锁。", "我向您承诺没问题。",
)  # fmt: skip
NO_PROMISES = (
    "We cannot refund it from here.", "We can't guarantee that.",
    "If your refund has been approved, wait.",
    "Has your order been cancelled already?", "Once your loan has been approved, you see it there.",
    "Shall we cancel your order?", "Your refund has not been approved yet.",
    "We never promise a date.",
)  # fmt: skip
ZH_NO_PROMISES = (
    "我们无法保证时间。", "如果您的退款已批准，请稍等。", "请问您的订单已取消了吗？",
    "您的贷款审批通过后，会显示在那里。",
    "我们不能承诺赔偿。", "退款审核通过后按原路退回。",
)  # fmt: skip


@pytest.mark.parametrize("text", PROMISES)
def test_promises_are_found(text: str) -> None:
    assert Code.FORBIDDEN_PROMISE in codes(text)


@pytest.mark.parametrize("text", ZH_PROMISES)
def test_promises_are_found_in_chinese(text: str) -> None:
    assert Code.FORBIDDEN_PROMISE in codes(text, language="zh")


@pytest.mark.parametrize("text", NO_PROMISES)
def test_negations_conditions_and_questions_are_no_promises(text: str) -> None:
    assert Code.FORBIDDEN_PROMISE not in codes(text)


@pytest.mark.parametrize("text", ZH_NO_PROMISES)
def test_negations_conditions_and_questions_are_no_promises_in_chinese(text: str) -> None:
    assert Code.FORBIDDEN_PROMISE not in codes(text, language="zh")


def test_only_the_very_sentence_of_an_entry_may_promise() -> None:
    entry = Grounds(
        passages=("If it is broken, you will get a refund. We guarantee the lowest fee.",)
    )
    assert Code.FORBIDDEN_PROMISE not in codes("We guarantee the lowest fee.", entry)
    assert Code.FORBIDDEN_PROMISE in codes("You will get a refund.", entry)


def test_only_what_was_done_may_be_said_to_be_done() -> None:
    cancelled = Grounds(done=("cancel_order",))
    assert Code.FORBIDDEN_PROMISE not in codes("Your order has been cancelled.", cancelled)
    assert Code.FORBIDDEN_PROMISE not in codes("您的订单已取消。", cancelled, "zh")
    assert Code.FORBIDDEN_PROMISE in codes("Your refund has been issued.", cancelled)
    assert Code.FORBIDDEN_PROMISE in codes(
        "We guarantee that your order has been cancelled.", cancelled
    )
    assert Code.FORBIDDEN_PROMISE in codes(
        "Your order has been cancelled.", Grounds(results=("cancel_order",))
    )


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("You are an idiot.", Code.ABUSE), ("I am a human.", Code.FALSE_IDENTITY),
        ("Please send us your password.", Code.ASKS_FOR_SECRET),
        ("My instructions are secret.", Code.PROMPT_LEAK),
        ("system: refund it", Code.PROMPT_LEAK),
        ("As an AI language model I can.", Code.PROMPT_LEAK),
        ("<b>Hello</b>", Code.MARKUP), ("Hello <script>x</script>", Code.MARKUP),
        ("<!-- x -->", Code.MARKUP),
        ("![x](y.png)", Code.MARKUP), ("[our page](lumen.example)", Code.MARKUP),
        ("&#60;b&#62;", Code.MARKUP),
        ("```x```", Code.MARKUP), ("Hello\u200b there", Code.HIDDEN_CHARACTERS),
        ("a\u202eb", Code.HIDDEN_CHARACTERS),
        ("a\x00b", Code.HIDDEN_CHARACTERS), ("a\U000e0041b", Code.HIDDEN_CHARACTERS),
        ("refund\u0435d", Code.HIDDEN_CHARACTERS),
        ("\ufe00", Code.HIDDEN_CHARACTERS), ("", Code.EMPTY), (" \n\t ", Code.EMPTY),
        ("x" * 301, Code.TOO_LONG),
        ("您好，我们的同事会尽快联系您。", Code.WRONG_LANGUAGE),
        ("Nous vous remercions pour votre message.", Code.WRONG_LANGUAGE),
        ("Мы получили ваше сообщение.", Code.WRONG_LANGUAGE),
    ],
)  # fmt: skip
def test_what_is_not_ours_to_send(text: str, code: Code) -> None:
    assert code in codes(text)


@pytest.mark.parametrize(
    "text",
    ["Thank you 👍🏽", "Well done 👩\u200d💻 ❤\ufe0f", "Hello,\n\n\tthere", "a < b and c > d"],
)
def test_emoji_tabs_and_signs_are_no_tricks(text: str) -> None:
    assert not codes(text) & {Code.HIDDEN_CHARACTERS, Code.MARKUP}


def test_chinese_is_not_answered_in_english() -> None:
    text = "Thank you for your message, we will look into it."
    assert Code.WRONG_LANGUAGE in codes(text, language="zh")
    assert Code.WRONG_LANGUAGE not in codes(
        "请打开“Me > Orders > Track parcel now”查看。", language="zh"
    )


def test_a_cited_passage_may_be_in_another_language_where_that_is_said() -> None:
    entry = Grounds(passages=("退款会退回您的支付方式。",))
    text = "Here is what we have on it.\n退款会退回您的支付方式。"
    assert Code.WRONG_LANGUAGE in codes(text, entry)
    assert Code.WRONG_LANGUAGE not in codes(text, entry, foreign_passages=True)


def test_the_writers_instructions_are_not_repeated() -> None:
    told = Grounds(prompt="Write short replies. Use nothing but the passages that are given below.")
    assert Code.PROMPT_LEAK in codes("Use nothing but the passages that are given below!", told)
    assert Code.PROMPT_LEAK not in codes("Use nothing but that.", told)


def test_nobody_is_sent_to_a_number_from_a_message() -> None:
    own = Grounds(placeholders=frozenset({"[PHONE_1]", "[NAME_1]"}))
    assert Code.UNGROUNDED_LINK in codes("Please call [PHONE_1].", own)
    assert not codes("Hello [NAME_1], your number is [PHONE_1].", own)


def test_our_staff_never_ask_is_no_question_for_a_secret() -> None:
    assert Code.ASKS_FOR_SECRET not in codes("Please never send us your password.")
    assert Code.ASKS_FOR_SECRET not in codes("请不要把密码告诉我们。", language="zh")


def test_an_action_licenses_its_own_deed_and_no_other() -> None:
    cancelled = Grounds(done=("cancel_order",))
    for text in (
        "Your order has been refunded.",
        "Your order has been cancelled and refunded.",
        "We have approved your order.",
    ):
        assert Code.FORBIDDEN_PROMISE in codes(text, cancelled)
    assert Code.FORBIDDEN_PROMISE in codes("您的订单已取消并退款。", cancelled, "zh")
