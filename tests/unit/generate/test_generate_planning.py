"""What a message asks to be done, what is asked back, and when a person comes in."""

from typing import Any

import pytest

from services.generate.domain.actions.catalogue import Catalogue
from services.generate.domain.actions.orders import Step
from services.generate.domain.actions.parsing import parse
from services.generate.domain.decision import Verdict, decide
from services.generate.domain.message import Message
from services.generate.domain.planning import MOST_QUESTIONS, plan_of
from services.generate.domain.policy import Margins, Policy
from services.generate.domain.reasons import Reason
from services.generate.domain.retrieval import Match, Ranking
from services.generate.domain.standing import NEW, Standing
from services.generate.settings import Settings
from shared.events import Entity
from tests.unit.generate.kit import CANCEL, REFUND, message

POLICY = Policy(0, 0.55)
NOTHING = Match()
SURE = Match(here=Ranking((REFUND, CANCEL), 0.95))


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return parse(Settings().actions.read_text("utf-8"))


def wish(text: str, intent: str, *entities: tuple[str, str, str | None], **more: Any) -> Message:
    """A message from a customer who is logged in; entities as (type, what is written, unit)."""
    found = tuple(
        Entity(
            type=kind,
            text=written,
            value=written,
            unit=unit,
            start=text.index(written),
            end=text.index(written) + len(written),
        )
        for kind, written, unit in entities
    )
    plain = message(text, intent=intent, identity="verified", customer_known=True, **more)
    understood = plain.understood
    return Message(
        **{
            **{name: getattr(plain, name) for name in plain.__dataclass_fields__},
            "understood": type(understood)(
                understood.intent,
                understood.intents,
                understood.sentiment,
                understood.priority,
                understood.is_out_of_scope,
                found,
            ),
        }
    )


def verdict_of(
    catalogue: Catalogue, asked: Message, match: Match = NOTHING, standing: Standing = NEW
) -> Verdict:
    plan = plan_of(catalogue, asked, standing)
    return decide(asked, match, POLICY, plan=plan, standing=standing)


def question(turn: int = 1, asked: tuple[str, ...] = ("order",), **more: Any) -> Step:
    fields: dict[str, Any] = {
        "response_id": f"r{turn}",
        "key": f"k{turn}",
        "ticket_id": "T-1",
        "message_id": f"m{turn}",
        "turn": turn,
        "action": "order_cancel",
        "arguments": {},
        "status": "asking",
        "asked": asked,
    }
    return Step(**{**fields, **more})


CANCEL_IT = wish("Please cancel my order 20231105", "order_cancel", ("order", "20231105", None))


def test_a_wish_with_all_it_needs_is_carried_out(catalogue: Catalogue) -> None:
    verdict = verdict_of(catalogue, CANCEL_IT)
    assert verdict.decision == "act"
    assert verdict.plan is not None
    assert verdict.plan.action.name == "order_cancel"
    assert verdict.plan.arguments == {"order": "20231105"}


def test_how_something_is_done_is_answered_and_not_done(catalogue: Catalogue) -> None:
    verdict = verdict_of(catalogue, wish("How do I cancel an order?", "order_cancel"), SURE)
    assert (verdict.decision, verdict.plan) == ("answer", None)


def test_what_is_missing_is_asked_for(catalogue: Catalogue) -> None:
    verdict = verdict_of(catalogue, wish("Please cancel my order", "order_cancel"))
    assert (verdict.decision, verdict.reasons) == ("ask", (Reason.ARGUMENT_MISSING,))


def test_two_order_numbers_are_asked_about(catalogue: Catalogue) -> None:
    both = wish(
        "Please cancel my order 20231105 or 20231106",
        "order_cancel",
        ("order", "20231105", None),
        ("order", "20231106", None),
    )
    verdict = verdict_of(catalogue, both)
    assert (verdict.decision, verdict.reasons) == ("ask", (Reason.ARGUMENT_AMBIGUOUS,))


@pytest.mark.parametrize("intent", ["order_status", "out_of_scope"])
@pytest.mark.parametrize("sentiment", ["neutral", "negative"])
def test_the_answer_to_a_question_carries_on(
    catalogue: Catalogue, intent: str, sentiment: str
) -> None:
    """A bare number has no intent of its own, and writing back is no sign of trouble."""
    reply = wish("20231105", intent, ("order", "20231105", None), turn=2, sentiment=sentiment)
    verdict = verdict_of(catalogue, reply, standing=Standing(earlier=(question(),)))
    assert verdict.decision == "act"
    assert verdict.plan is not None
    assert (verdict.plan.action.name, verdict.plan.arguments) == (
        "order_cancel",
        {"order": "20231105"},
    )


def test_who_is_asked_in_vain_gets_a_person(catalogue: Catalogue) -> None:
    earlier = tuple(question(turn) for turn in range(1, MOST_QUESTIONS + 1))
    again = wish("Please cancel my order", "order_cancel", turn=3)
    verdict = verdict_of(catalogue, again, standing=Standing(earlier=earlier))
    assert verdict.decision == "escalate"
    assert Reason.ASKED_IN_VAIN in verdict.reasons


def test_something_else_after_a_question_is_something_else(catalogue: Catalogue) -> None:
    other = wish("How long does a refund take?", "refund", turn=2)
    verdict = verdict_of(catalogue, other, SURE, Standing(earlier=(question(),)))
    assert (verdict.decision, verdict.entry) == ("answer", REFUND)


TRANSFER = "Please transfer 100 USD to account [ACCOUNT_1]"
LARGE = "Please transfer 900 USD to account [ACCOUNT_1]"


def transfer(text: str, amount: str, **more: Any) -> Message:
    return wish(text, "transfer", ("amount", amount, "USD"), **more)


def test_money_within_the_limit_moves_for_who_is_verified(catalogue: Catalogue) -> None:
    assert verdict_of(catalogue, transfer(TRANSFER, "100")).decision == "act"


def test_money_above_the_limit_waits_for_a_person(catalogue: Catalogue) -> None:
    verdict = verdict_of(catalogue, transfer(LARGE, "900"))
    assert verdict.decision == "escalate"
    assert verdict.plan is not None and verdict.plan.next == "approve"
    assert "above_limit" in verdict.reasons


@pytest.mark.parametrize("identity", ["unknown", "claimed"])
def test_nobody_unverified_moves_money(catalogue: Catalogue, identity: str) -> None:
    plain = transfer(TRANSFER, "100")
    claimed = Message(
        **{
            **{name: getattr(plain, name) for name in plain.__dataclass_fields__},
            "identity": identity,
        }
    )
    verdict = verdict_of(catalogue, claimed)
    assert (verdict.decision, verdict.reasons) == ("ask", ("identity_not_verified",))


def test_a_policy_keeps_an_action_from_being_automatic(catalogue: Catalogue) -> None:
    plan = plan_of(catalogue, CANCEL_IT, NEW)
    strict = Policy(1, 0.55, {"order_cancel": 0.99})
    verdict = decide(CANCEL_IT, NOTHING, strict, plan=plan)
    assert (verdict.decision, verdict.plan) == ("escalate", None)


def test_whoever_speaks_of_fraud_has_nothing_done(catalogue: Catalogue) -> None:
    text = "Please cancel my order 20231105, my account was hacked"
    hacked = wish(text, "order_cancel", ("order", "20231105", None))
    verdict = verdict_of(catalogue, hacked)
    assert (verdict.decision, verdict.reasons) == ("escalate", (Reason.FRAUD_OR_SAFETY,))


WITH_A_PERSON = Standing(with_a_person=True)


def test_what_a_person_has_is_prepared_and_not_answered(catalogue: Catalogue) -> None:
    asked = wish("How long does a refund take?", "refund", turn=2)
    verdict = verdict_of(catalogue, asked, SURE, WITH_A_PERSON)
    assert (verdict.decision, verdict.entry, verdict.is_silent) == ("draft", REFUND, False)
    assert verdict.reasons[0] == Reason.WITH_A_PERSON


@pytest.mark.parametrize("asked", [CANCEL_IT, wish("ok", "praise_feedback", sentiment="positive")])
def test_nothing_is_done_or_said_over_a_persons_head(catalogue: Catalogue, asked: Message) -> None:
    verdict = verdict_of(catalogue, asked, standing=WITH_A_PERSON)
    assert (verdict.decision, verdict.is_silent, verdict.plan) == ("escalate", True, None)


@pytest.mark.parametrize(("score", "decision"), [(0.2, "escalate"), (0.4, "draft")])
def test_what_is_not_sure_enough_is_drafted(score: float, decision: str) -> None:
    match = Match(here=Ranking((REFUND,), score))
    verdict = decide(message(), match, POLICY, margins=Margins(draft=0.3))
    assert (verdict.decision, verdict.reasons) == (decision, (Reason.BELOW_THRESHOLD,))
