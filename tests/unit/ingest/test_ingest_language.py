"""Languages: sure of what is clear, and never exotic about what is not."""

from collections.abc import Callable

import pytest

from services.ingest.domain import language
from services.ingest.domain.reading import Read
from services.ingest.domain.threads import Thread
from services.ingest.language_model import LanguageModel

Reading = Callable[..., Read]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("我的订单还没到", "zh"),
        ("我的order还没到", "zh"),
        ("iPhone 15 Pro 坏了", "zh"),
        ("奶茶の店在哪", "zh"),
        ("where is my order", "en"),
        ("Where is my 快递?", "en"),
        ("ok", "en"),
        ("thx", "en"),
        ("Paisa Finance", "en"),
        ("do ya ship to Munich", "en"),
        ("time zone in france", "en"),
        ("注文はどこですか", "ja"),
        ("주문이 어디에 있나요", "ko"),
        ("где мой заказ", "ru"),
        ("no puedo entrar en mi cuenta", "es"),
        ("wo ist meine bestellung", "de"),
        ("je veux un remboursement", "fr"),
        ("đơn hàng của tôi ở đâu", "vi"),
        ("คำสั่งซื้อของฉันอยู่ที่ไหน", "th"),
        ("??? 123 😀", "en"),
    ],
)
def test_language_of_a_message(reading: Reading, text: str, code: str) -> None:
    assert reading(text).language == code


def test_confidence_says_how_clear_it_was(reading: Reading) -> None:
    assert reading("我的订单还没到").language_confidence == 1.0
    assert 0.5 < reading("我的order还没到").language_confidence < 1.0
    assert reading("where is my order, please answer").language_confidence > 0.95
    assert reading("ok").language_confidence < 0.5
    assert reading("???").language_confidence == 0.0


def test_shares_of_a_mixed_text(reading: Reading) -> None:
    assert reading("我的order还没到").languages == {"zh": 0.833, "en": 0.167}
    mixed = reading("please cancel my order and refund me 谢谢").languages
    assert list(mixed) == ["en", "zh"]
    assert sum(mixed.values()) == pytest.approx(1, abs=0.01)
    assert reading("我的订单还没到").languages == {}
    assert reading("where is my order").languages == {}


def test_unclear_follow_up_is_in_the_language_of_its_ticket(reading: Reading) -> None:
    chinese = Thread(turns=1, recent=("m",), language="zh")
    assert reading("ok", thread=chinese).language == "zh"
    assert reading("???", thread=chinese).language == "zh"
    clear = reading("Where is my refund, please tell me", thread=chinese)
    assert clear.language == "en"


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ("zh-Hans-CN", "zh"),
        ("en_US", "en"),
        ("PT-br", "pt"),
        ("yue", "zh"),
        ("xx", None),
        ("und", None),
        ("Chinese", None),
        ("", None),
        (None, None),
    ],
)
def test_given_tags(tag: str | None, code: str | None) -> None:
    assert language.given(tag) == code


def test_a_given_language_wins_if_it_is_one(reading: Reading) -> None:
    assert reading("where is my order", language="de-AT").language == "de"
    assert reading("where is my order", language="english").language == "en"


def test_a_language_without_a_model_is_refused() -> None:
    with pytest.raises(ValueError, match="xx"):
        LanguageModel(["en", "xx"])
