"""Who will exceed their plan is offered the next one, if there is one and enough is known."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.personalize.domain.offers import Offer, first_of
from services.personalize.domain.plans import Plan, bigger_plans
from services.personalize.domain.view import PlanOutlook
from services.personalize.plans_file import PlansError, read_plans
from services.personalize.settings import Settings

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
PLANS = {
    "S": Plan("S", {"en": "Plan S", "zh": "小套餐"}, "M"),
    "M": Plan("M", {"en": "Plan M"}, None),
}
COMING = PlanOutlook("S", 10.0, 8.0, 13.0, 0.93, NOON, 3.9, NOON, cold=False)


def offered(*outlooks: PlanOutlook, least: float = 0.5, language: str = "en") -> list[Offer]:
    return bigger_plans(PLANS, outlooks, least, language)


def test_the_next_plan_is_offered_because_of_the_one_that_will_not_do() -> None:
    assert offered(COMING) == [Offer("M", "Plan M", "exceeds_plan", "Plan S")]
    assert offered(COMING, language="zh-CN") == [Offer("M", "Plan M", "exceeds_plan", "小套餐")]


def test_a_probability_below_the_limit_offers_nothing() -> None:
    assert offered(replace(COMING, probability=0.49)) == []
    assert offered(COMING, least=0.95) == []


def test_others_usage_is_no_reason_but_what_is_used_up_is() -> None:
    assert offered(replace(COMING, cold=True)) == []
    assert offered(replace(COMING, cold=True, used=11.0, probability=1.0)) != []


def test_the_biggest_plan_and_one_we_do_not_know_have_no_next() -> None:
    assert offered(replace(COMING, plan="M")) == []
    assert offered(replace(COMING, plan="gone")) == []


def test_who_has_the_next_plan_already_is_not_offered_it() -> None:
    assert offered(COMING, replace(COMING, plan="M", probability=0.0)) == []


def test_each_item_is_offered_once_the_first_reason_counts() -> None:
    plan, item = Offer("M", "Plan M", "exceeds_plan", "Plan S"), Offer("M", "M", "popular")
    other = Offer("lamp", "Lamp", "popular")
    assert first_of([plan, item, other], 3) == (plan, other)
    assert first_of([plan, item, other], 1) == (plan,)


def test_the_plans_that_come_with_the_project_can_be_read() -> None:
    plans = read_plans(Settings().plans)
    assert plans["plan-light"].next == "plan-family"
    assert plans["plan-light"].title("zh") == "轻享套餐"
    assert plans["plan-light"].title("fr") == "Light plan"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("[S]\nnext = 'gone'", "S: next is 'gone', which is no plan"),
        ("[S]\nprice = 3", "S: a plan has title and next, nothing else"),
        ("S = 3", "S: a plan has title and next, nothing else"),
        ("[S]\ntitle = 3", "S: titles and next are texts"),
        ("[S]\ntitle = {en = ''}", "S: titles and next are texts"),
        ("[S", "Expected"),
    ],
)
def test_plans_that_cannot_be_used_are_refused_with_the_reason(
    tmp_path: Path, content: str, reason: str
) -> None:
    path = tmp_path / "plans.toml"
    path.write_text(content, "utf-8")
    with pytest.raises(PlansError) as caught:
        read_plans(path)
    assert str(path) in str(caught.value)
    assert reason in str(caught.value)


def test_a_plan_needs_no_more_than_its_id(tmp_path: Path) -> None:
    path = tmp_path / "plans.toml"
    path.write_text("[S]\nnext = 'M'\n[M]\ntitle = 'Medium'\n", "utf-8")
    plans = read_plans(path)
    assert (plans["S"].title("en"), plans["M"].title("zh")) == ("S", "Medium")
