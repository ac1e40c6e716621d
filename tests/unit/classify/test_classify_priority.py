"""Stated rules raise the model's priority, and never lower it."""

from datetime import UTC, datetime

import pytest

from services.classify.domain.entities import Catalogue, find_entities
from services.classify.domain.priority import LEVELS, raised, rules_of

MONDAY = datetime(2026, 11, 23, 10, tzinfo=UTC)


def rules(text: str, priority: str = "low") -> tuple[str, tuple[str, ...]]:
    holding = rules_of(text, find_entities(text, MONDAY, Catalogue(())), MONDAY)
    return raised(priority, holding), tuple(holding)


@pytest.mark.parametrize(
    ("text", "level", "rule"),
    [
        ("my card was stolen an hour ago", "urgent", "fraud"),
        ("someone is using my account to buy things", "urgent", "fraud"),
        ("我的卡被盗刷了", "urgent", "fraud"),
        ("the charger caught fire", "urgent", "safety"),
        ("插座冒烟了", "urgent", "safety"),
        ("we are stranded in Rome without money", "urgent", "stranded"),
        ("I was charged twice for it", "high", "money_gone"),
        ("钱被扣了但是订单没有", "high", "money_gone"),
        ("no internet at home", "high", "service_down"),
        ("小区断网了", "high", "service_down"),
        ("this is the third time I write", "high", "repeated_contact"),
        ("我已经打了三次电话", "high", "repeated_contact"),
        ("I need it by tomorrow", "high", "deadline"),
        ("必须在明天之前送到", "high", "deadline"),
    ],
)
def test_a_rule_raises_to_its_level(text: str, level: str, rule: str) -> None:
    priority, holding = rules(text)
    assert priority == level
    assert rule in holding


@pytest.mark.parametrize(
    "text",
    [
        "what should I do if my card was stolen?",
        "如果卡被盗刷了应该怎么办",
        "is there a fraud hotline",
        "where is my order",
        "I bought it tomorrow's special",
        "打电话打爆了",
        "delivery by 3 January is fine",
        "什么时候发货",
    ],
)
def test_general_questions_and_plain_wishes_raise_nothing(text: str) -> None:
    assert rules(text) == ("low", ())


@pytest.mark.parametrize("level", LEVELS)
def test_nothing_is_ever_lowered(level: str) -> None:
    priority, _ = rules("no internet at home", level)
    assert LEVELS.index(priority) >= LEVELS.index(level)
