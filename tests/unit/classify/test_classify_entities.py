"""What a message names is found at its place and in one form."""

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.classify.catalogue import CatalogueError, read_catalogue
from services.classify.domain.entities import Catalogue, Product, find_entities

MONDAY = datetime(2026, 11, 23, 10, tzinfo=UTC)
CATALOGUE = Catalogue(
    (
        Product("one", "product", ("Lumen One", "Lumen One 手机")),
        Product("family", "plan", ("Family plan", "家庭套餐")),
    )
)


def found(text: str) -> list[tuple[str, str, str | None]]:
    entities = find_entities(text, MONDAY, CATALOGUE)
    assert all(text[e.start : e.end] == e.text for e in entities)
    return [(entity.type, entity.value, entity.unit) for entity in entities]


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("我的订单 20231105 还没到", "order", "20231105"),
        ("订单号：A-2231-88，麻烦查下", "order", "A223188"),
        ("Where is order #88-20417?", "order", "8820417"),
        ("order no. 330218 please", "order", "330218"),
        ("about #4471902", "order", "4471902"),
        ("快递单号SF1234567890123", "tracking", "SF1234567890123"),
        ("tracking number 1Z999AA10123456784", "tracking", "1Z999AA10123456784"),
        ("运单 75312345678901 不动了", "tracking", "75312345678901"),
        ("waiting since 3 November 2026", "date", "2026-11-03"),
        ("arrives Nov 28th", "date", "2026-11-28"),
        ("yesterday it broke", "date", "2026-11-22"),
        ("last Friday I called", "date", "2026-11-20"),
        ("by next Monday", "date", "2026-11-30"),
        ("I paid 3 days ago", "date", "2026-11-20"),
        ("in two weeks", "date", "2026-12-07"),
        ("by the 25th", "date", "2026-11-25"),
        ("2026年11月5日下的单", "date", "2026-11-05"),
        ("11月3号买的", "date", "2026-11-03"),
        ("前天买的", "date", "2026-11-21"),
        ("上周五打过电话", "date", "2026-11-20"),
        ("下个月1号生效吗", "date", "2026-12-01"),
        ("三天前付的款", "date", "2026-11-20"),
        ("元旦前，也就是1月1日", "date", "2027-01-01"),
        ("已经等了十天了", "duration", "P10D"),
        ("waited for 3 weeks", "duration", "P3W"),
        ("两个小时没人理", "duration", "PT2H"),
        ("半个月了", "duration", "P15D"),
        ("after half an hour", "duration", "PT30M"),
        ("my Lumen One does not start", "product", "one"),
        ("想办家庭套餐", "plan", "family"),
    ],
)
def test_things_are_found_in_one_form(text: str, kind: str, value: str) -> None:
    assert [entity[:2] for entity in found(text) if entity[0] == kind] == [(kind, value)]


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("charged £49.99 twice", "49.99", "GBP"),
        ("$1,234.50 is missing", "1234.5", "USD"),
        ("HK$300 please", "300", "HKD"),
        ("扣了我100元", "100", "CNY"),
        ("一百二十块", "120", "CNY"),
        ("一百二块钱", "120", "CNY"),
        ("转了1.5万元", "15000", "CNY"),
        ("¥20 运费", "20", "CNY"),
        ("twenty dollars", "20", "USD"),
        ("RMB 88", "88", "CNY"),
    ],
)
def test_amounts_have_a_plain_value_and_a_currency(text: str, value: str, unit: str) -> None:
    assert found(text) == [("amount", value, unit)]


@pytest.mark.parametrize(
    "text",
    [
        "call me at [PHONE_1] about it",
        "I have order problems",
        "订单什么时候到",
        "order 2 pizzas",
        "the order of 12 items",
        "转人工",
        "Lumen Oneplus",
        "",
    ],
)
def test_other_words_and_numbers_are_nothing(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    "piece", ["订单", "order no ", "1", "12-", "十", "3天", "$1,", "Nov ", "下", "a ", "#", "SF1"]
)
def test_hostile_repeats_cost_no_more_than_their_length(piece: str) -> None:
    def seconds(length: int) -> float:
        text = piece * (length // len(piece))
        start = time.perf_counter()
        find_entities(text, MONDAY, CATALOGUE)
        return time.perf_counter() - start

    assert seconds(64_000) < max(12 * seconds(16_000), 2.0)


def test_a_catalogue_is_read_and_its_mistakes_are_named(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.csv"
    path.write_text("id,type,names\np1,plan,Big plan|大套餐\n", "utf-8")
    assert [e.value for e in read_catalogue(path).find("the BIG PLAN, 大套餐")] == ["p1", "p1"]
    path.write_text("id,type,names\np1,toy,Big\n", "utf-8")
    with pytest.raises(CatalogueError, match=r"catalogue\.csv:2: type is 'toy'"):
        read_catalogue(path)
    path.write_text("id,names\n", "utf-8")
    with pytest.raises(CatalogueError, match="lacks type"):
        read_catalogue(path)
