"""A megabyte of whatever is repeated costs seconds at most; a pattern that backtracks, hours."""

import time
from collections.abc import Callable

import pytest

from services.ingest.domain.personal import MOST_OF_A_KIND, Finder
from services.ingest.domain.reading import Rules

SIZE = 2**20
GENEROUS = 5.0
"""Seconds of the processor. Measured are under one; work that grows with the square, minutes."""

UNITS = (
    *("1", "1 ", "12 ", "4111 ", "12345 ", "1-1-", "(1)", "0.", "1:", "$1,", "123-45-6789 "),
    *("13812345678 ", "call 12345678 ", "4111 1111 1111 1111 ", "1101 0519 4912 3100 2X "),
    *("+1 ", "+86 138 ", "1.1.1.1 ", "::", "fe80::1 ", "a:", "GB82", "GB82WEST12345698765432 "),
    *("A123456(", "E12345678 ", "passport ", "护照", "京A", "京A12345 ", "licence plate "),
    *("账号", "账号1", "account no. ", "@", "a@", "a@a.", "a.a.a", "x@y.zz "),
    *("先生", "王先生", "我叫", "我叫王", "我是", "姓名:", "李", "欧阳", "李雷", "张三 "),
    *("Mr ", "Mr. A. ", "Aa ", "A ", "Aa Bb,\n", "Anna B ", "Li Lei ", "Lei", "Dear A,\n"),
    *("Regards,\n", "my name is ", "this is ", "I am ", "corner of ", "and "),
    *("路1号", "北京市", "省市区", "二号", "号楼", "地址:", "北京市朝阳区建国路88号"),
    *("1 Main St ", "12 Main ", "Street ", "Apt. 1 ", "Suite ", "PO Box 1 ", "lives at "),
    *("Rua ", "A1\n", "1\n", "A\n", "\n", " ", "\0", "😀", "order ", "订单1"),
)


@pytest.fixture
def finder(rules: Rules) -> Finder:
    return rules.finder


@pytest.mark.parametrize("unit", UNITS)
def test_repeats(finder: Finder, unit: str) -> None:
    text = unit * (SIZE // len(unit.encode()))
    started = time.process_time()
    finder.find(text, {"NAME": "Li Lei", "PHONE": "+8613812345678"})
    assert time.process_time() - started < GENEROUS


@pytest.mark.parametrize(
    "made",
    [
        lambda n: "".join(f"{17 * i % 10**9:09d} " for i in range(n // 10)),
        lambda n: " ".join(f"user{i}@host{i}.example" for i in range(n // 24)),
        lambda n: "".join(
            f"Name{'abcdefghij'[i % 10]} Sur{'klmno'[i % 5]}, " for i in range(n // 14)
        ),
        lambda n: "a" * (n // 2) + "@" + "b" * (n // 2),
        lambda n: "Aa " * (n // 6) + "路" * (n // 6),
    ],
)
def test_other_floods(finder: Finder, made: Callable[[int], str]) -> None:
    started = time.process_time()
    finder.find(made(SIZE))
    assert time.process_time() - started < GENEROUS


def test_what_a_flood_holds_past_the_limit_is_taken_out_whole(finder: Finder) -> None:
    text = "a@b.co " * (MOST_OF_A_KIND + 10)
    found = finder.find(text)
    assert found[-1].end == len(text)
    assert len(found) == MOST_OF_A_KIND + 1


def test_a_flood_of_numbers_leaves_none_behind(finder: Finder) -> None:
    text = "13812345678 7 " * 30_000
    kept = "".join(
        text[before.end : after.start]
        for before, after in zip(finder.find(text), finder.find(text)[1:], strict=False)
    )
    assert "13812345678" not in kept
    assert finder.find(text)[-1].end == len(text)
