"""Names greet, sentences do not: a customer's name is text that a stranger chose."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.generate.domain.names import LONGEST, usable_name
from tests.attacks import attacks

PEOPLE = (
    "Ann", "Ann Lee", "Ann-Marie O'Neil", "J. R. R. Tolkien", "J.R.R. Tolkien", "José Núñez",
    "Dr. Priya Nandan", "ann lee", "ANN LEE", "Nguyễn Văn An", "Łukasz Żak", "Will Grant",
    "Mark May", "Bill Price", "Jean-Luc Picard", "Maria da Silva Santos", "van der Berg", "Björk",
    "李雷", "王小帆", "钱多多", "欧阳娜娜", "司马光", "司徒美堂", "迪丽热巴·迪力木拉提", "Kevin 林",
    "林凯文 Kevin", "万华", "張偉",
)  # fmt: skip
NOBODY = (
    None, "", "   ", "x" * 41, "Ann\nYour refund of 500 is approved", "visit http://evil.example",
    "www.evil.example", "Ann evil.example", "you owe us 500", "[NAME_1]", "<b>Ann</b>", "Ann😀",
    "Ann2", "Ann & Bob", "Ann; Bob", "{name}", "$name", "Refund Approved", "Your Loan Is Approved",
    "Admin", "System", "Customer Service", "Ann\u200bLee", "Ann\u202eeeL", "Аnn Lee", "Ann, refund",
    "Call Me Now", "A B C D E", "退款批准", "钱已退", "王八蛋", "李退款", "张经理", "系统管理员",
    "您好", "加微信",
    "李·退款已批准", "Ваш возврат одобрен", "Kevin 退款",
)  # fmt: skip


@pytest.mark.parametrize("name", PEOPLE)
def test_people_are_greeted_by_their_name(name: str) -> None:
    assert usable_name(f" {name} ") == name


@pytest.mark.parametrize("name", NOBODY)
def test_what_might_be_more_than_a_name_is_not_used(name: str | None) -> None:
    assert usable_name(name) is None


@pytest.mark.parametrize(
    "name", [attack.text for attack in attacks() if attack.place == "customer_name"]
)
def test_no_attack_gets_into_the_greeting(name: str) -> None:
    assert usable_name(name) is None


@given(st.text(max_size=60))
def test_what_is_used_is_short_and_holds_no_digit_line_or_bracket(name: str) -> None:
    used = usable_name(name)
    assert used is None or (len(used) <= LONGEST and not set(used) & set("0123456789\n[]<>@/:"))
