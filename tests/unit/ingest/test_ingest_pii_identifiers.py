"""Identity numbers, IBANs, passports, plates, IP addresses, accounts: found by form and by cue."""

import pytest

from services.ingest.domain.personal import Finder
from services.ingest.domain.reading import Rules


@pytest.fixture
def finder(rules: Rules) -> Finder:
    return rules.finder


def marked(finder: Finder, text: str) -> str:
    for item in reversed(finder.find(text)):
        text = f"{text[: item.start]}<{item.kind} {text[item.start : item.end]}>{text[item.end :]}"
    return text


def unmarked(text: str) -> str:
    """The text of a case: without its marks."""
    for kind in ("ID", "IBAN", "PASSPORT", "PLATE", "IP", "ACCOUNT", "CARD", "PHONE"):
        text = text.replace(f"<{kind} ", "")
    return text.replace(">", "")


@pytest.mark.parametrize(
    "text",
    [
        "身份证号<ID 11010519491231002X>，请核对",
        "证件号码：<ID 11010519491231002x>",
        "身份证 <ID 440304 19870620 1235>",
        "<ID 440304198706201235>",
        "老身份证<ID 440304870620123>",
        "香港身份证 <ID A123456(3)>",
        "HKID <ID AB987654(3)>",
        "身分證字號 <ID A123456789>",
        "my ssn is <ID 536-90-4399>",
        "social security number <ID 536904399>",
        "NI number <ID AB123456C>",
        "national insurance <ID AB 12 34 56 C>",
        "aadhaar <ID 2341 2341 2346>",
        "my PAN is <ID ABCPK1234F>",
        "my driver's license number is <ID D1234567>",
        "驾驶证号<ID 440304198706201>",
    ],
)
def test_identity_numbers(finder: Finder, text: str) -> None:
    assert marked(finder, unmarked(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "110105194912310021",
        "110105194913310020",
        "990105194912310020",
        "123456789012345678",
        "A123456(4)",
        "A123456788",
        "订单号440304198706201235",
        "订单 A123456789",
        "ref 536-90-4399",
        "order AB123456C",
        "BG123456C",
        "2341 2341 2347",
        "X440304198706201235",
    ],
)
def test_a_wrong_check_digit_or_an_order_is_no_identity_number(finder: Finder, text: str) -> None:
    assert [item.kind for item in finder.find(text)] == []


@pytest.mark.parametrize(
    "text",
    [
        "IBAN <IBAN GB82 WEST 1234 5698 7654 32> please",
        "to <IBAN DE89370400440532013000>.",
        "<IBAN de89 3704 0044 0532 0130 00>",
        "DE89370400440532013001",
        "DE8937040044053201300",
        "ZZ89370400440532013000",
        "XDE89370400440532013000",
        "护照号<PASSPORT E12345678>",
        "<PASSPORT G87654321>",
        "<PASSPORT EB1234567>",
        "往来港澳通行证 <PASSPORT C12345678>",
        "passport number is <PASSPORT 533380006>",
        "Passport No: <PASSPORT K1234567>",
        "订单号E12345678",
        "part E12345678-9",
        "the passport costs 12345",
        "车牌<PLATE 京A12345>违章",
        "<PLATE 粤B·D12345>",
        "<PLATE 沪AD12345>",
        "licence plate <PLATE AB12 CDE>",
        "my number plate is <PLATE ABC-1234>",
        "京A套餐",
        "AB12 CDE",
        "IP <IP 203.0.113.77> blocked",
        "from <IP 2001:db8:85a3::8a2e:370:7334>",
        "ping <IP 8.8.8.8>",
        "version 10.2.33.44",
        "v10.2.33.44",
        "section 3.2.1.1",
        "1.2.3.4.5.6",
        "300.1.1.1",
        "std::vector 10:30:00",
        "账号：<ACCOUNT 1234567890123>",
        "我的账号是<ACCOUNT zhou1234567>",
        "account number is <ACCOUNT 12345678>",
        "acct no. <ACCOUNT 00-1234-5678>",
        "customer number <ACCOUNT 88123456>",
        "sort code <ACCOUNT 20-00-00>",
        "my account balance is 12345678",
        "账号登录不上,等了10分钟",
        "account number <CARD 4111111111111111>",
        "账号<PHONE 13812345678>",
    ],
)
def test_other_identifiers(finder: Finder, text: str) -> None:
    assert marked(finder, unmarked(text)) == text


def test_one_number_written_in_several_ways_has_one_normal_form(finder: Finder) -> None:
    texts = ("IBAN DE89 3704 0044 0532 0130 00", "iban de89370400440532013000")
    assert {finder.find(text)[0].normal for text in texts} == {"DE89370400440532013000"}
    texts = ("身份证 440304 19870620 1235", "440304198706201235")
    assert {finder.find(text)[0].normal for text in texts} == {"440304198706201235"}
