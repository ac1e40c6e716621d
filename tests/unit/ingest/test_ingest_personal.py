"""Which parts of a text are personal data, and which numbers are none."""

import pytest

from services.ingest.domain.cards import luhn
from services.ingest.domain.personal import Finder, Kind
from services.ingest.domain.phones import Phones
from services.ingest.domain.reading import Rules


@pytest.fixture
def finder(rules: Rules) -> Finder:
    return rules.finder


def found(finder: Finder, text: str) -> list[tuple[str, str]]:
    return [(item.kind, text[item.start : item.end]) for item in finder.find(text)]


@pytest.mark.parametrize(
    "text",
    [
        "我的手机号是{13812345678}，请回电",
        "电话:{010-12345678}",
        "联系电话：{+86 138 1234 5678}。",
        "拨打{0086 13812345678}",
        "两个号{13812345678}和{13987654321}",
        "{13812345678},{13987654321}",
        "请打我電話 {9123 4567}",
        "call me on {+852 9123 4567}",
        "台北 {0912-345-678} 找我",
        "reach me at {(212) 555-0123} after 5",
        "{212-555-0123x459} is my desk",
        "UK {07911 123456} thanks",
        "my number is {9876543210}",
        "IN {98765 43210}",
        "新号段{14899230918}",
        "Phone: {467 3395}",
        "+44 is our code, write to {+44 7911 123456}",
        "{416 60 039} office",
    ],
)
def test_phone_numbers(finder: Finder, text: str) -> None:
    plain = text.replace("{", "").replace("}", "")
    wanted = [("PHONE", part.split("}")[0]) for part in text.split("{")[1:]]
    assert found(finder, plain) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "我的订单 20231105 还没到",
        "订单号13812345678",
        "快递单号 773012345678901",
        "运单 SF1234567890123 和 YT7700123456789",
        "order number 9876543210 is late",
        "tracking 9400100000000000000000",
        "amazon order 123-4567890-1234567",
        "RMA-13812345678",
        "on 2026-11-23 10:00:00, 23/11/2026 or 2026年11月23日",
        "退款 ¥12,345,678.90 或 13800000000元",
        "paid $1234567 and 1,234,567.89",
        "价格1000-2000元，2019-2023",
        "数字12345678901不是手机号",
        "1 2 3 4 5 6 7 8 9 10 11 12",
        "version 10.2.3456.7890",
    ],
)
def test_numbers_that_are_no_personal_data_of_these_kinds_stay(finder: Finder, text: str) -> None:
    assert found(finder, text) == []


@pytest.mark.parametrize(
    "text",
    [
        "银行卡号 {4111111111111111}",
        "card {4111 1111 1111 1111} was charged",
        "{5500-0000-0000-0004}",
        "amex {3714 496353 98431}",
        "卡号{6222021234567890128}被盗",
        "my card # {4111111111111111}",
    ],
)
def test_card_numbers(finder: Finder, text: str) -> None:
    plain = text.replace("{", "").replace("}", "")
    assert found(finder, plain) == [("CARD", text[text.index("{") + 1 : text.index("}")])]


@pytest.mark.parametrize(
    "text",
    [
        "card 4111111111111112",
        "编号A4111111111111111",
        "订单号 4111111111111111",
        "9999999999999995",
        "0000000000000000",
    ],
)
def test_other_long_numbers_are_no_cards(finder: Finder, text: str) -> None:
    assert found(finder, text) == []


def test_check_digit_of_the_standards_example() -> None:
    assert luhn("79927398713")
    assert not any(luhn(f"7992739871{digit}") for digit in "012456789")


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("邮箱是zhang.san@qq.com谢谢", "zhang.san@qq.com"),
        ("Mail: <Ann.O'Hara+x@mail.shop.example>.", "Ann.O'Hara+x@mail.shop.example"),
        ("from ann@shop.example, thanks", "ann@shop.example"),
        ("mailto:ann@shop.example?x", "ann@shop.example"),
        ("müller@firma.de", "müller@firma.de"),
    ],
)
def test_addresses(finder: Finder, text: str, address: str) -> None:
    assert found(finder, text) == [("EMAIL", address)]


@pytest.mark.parametrize("text", ["@here", "a@b", "user@localhost", "5 @ 3.50", "@@@", "x@.com"])
def test_an_at_sign_alone_is_no_address(finder: Finder, text: str) -> None:
    assert found(finder, text) == []


def test_customers_own_data_is_found_however_it_is_written(finder: Finder) -> None:
    own: dict[Kind, str] = {"NAME": "Li Lei", "PHONE": "+1 345 678 9012"}
    text = "LI  LEI here, order for Li Lei; 3456789012 or 13456789012. Lileia and Alilei are not."
    kinds = [(item.kind, text[item.start : item.end]) for item in finder.find(text, own)]
    assert ("NAME", "LI  LEI") in kinds
    assert ("NAME", "Li Lei") in kinds
    assert ("PHONE", "13456789012") in kinds
    assert len([kind for kind, _ in kinds if kind == "NAME"]) == 2


def test_chinese_name_is_found_within_a_sentence(finder: Finder) -> None:
    text = "我是李雷，李雷的订单"
    assert [item.kind for item in finder.find(text, {"NAME": "李雷"})] == ["NAME", "NAME"]


def test_one_letter_is_no_name_to_look_for(finder: Finder) -> None:
    assert finder.find("a b c", {"NAME": "a"}) == []


def test_the_same_number_has_one_normal_form(finder: Finder) -> None:
    forms = ["13812345678", "+86 138-1234-5678", "0086 138 1234 5678"]
    assert {finder.find(f"tel: {form}")[0].normal for form in forms} == {"+8613812345678"}


def test_a_region_without_a_numbering_plan_is_refused() -> None:
    with pytest.raises(ValueError, match="'XX'"):
        Phones(["CN", "XX"])
