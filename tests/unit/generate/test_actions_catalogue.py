"""The catalogue as it is delivered, and what a company that changes it is told of its mistakes."""

import re
from pathlib import Path

import pytest
import yaml

from services.classify import train
from services.generate.actions import executor
from services.generate.domain.actions.catalogue import Catalogue, CatalogueError
from services.generate.domain.actions.parsing import parse

FILE = Path(executor.__file__).with_name("catalogue.toml")
SMALL = """
withdrawn = ["never mind"]

[wording.en]
asking = "One more thing."
which = "You said several {label}: {candidates}."
verify = "Please log in."
refused = "Not accepted."
not_sent = "Not done."
unsure = "Perhaps done."

[actions.pay]
intents = ["transfer"]
identity = "verified"
approval = "above_limit"
cues = ["pay"]
result = ["reference"]

[actions.pay.arguments.amount]
label = { en = "amount" }
ask = { en = "How much?" }
form = "money"
entities = ["amount"]

[actions.pay.limit]
argument = "amount"
USD = "100"

[actions.pay.wording.en]
done = "Paid {amount}: {reference}."
awaiting_approval = "{amount} waits."
"""


@pytest.fixture(scope="module")
def delivered() -> Catalogue:
    return parse(FILE.read_text("utf-8"))


def test_every_intent_named_is_one_that_messages_are_classified_by(delivered: Catalogue) -> None:
    taxonomy = Path(train.__file__).with_name("taxonomy.yaml")
    known = set(yaml.safe_load(taxonomy.read_text("utf-8"))["intents"])
    named = {intent for action in delivered.actions for intent in action.intents}
    assert named <= known


def test_all_promised_actions_are_there_and_speak_both_languages(delivered: Catalogue) -> None:
    assert {action.name for action in delivered.actions} == {
        "order_status", "order_cancel", "return_open", "balance", "transfer", "loan_request",
        "plan_usage", "plan_change",
    }  # fmt: skip
    for action in delivered.actions:
        assert set(action.wording) == {"zh", "en"}
        assert set(action.wording["zh"].refusals) == set(action.wording["en"].refusals)


def test_money_needs_a_verified_customer_and_a_person_above_the_limit(delivered: Catalogue) -> None:
    moving = {action.name: action for action in delivered.actions}
    for name, approval in (("transfer", "above_limit"), ("loan_request", "always")):
        assert (moving[name].identity, moving[name].approval) == ("verified", approval)


def test_an_intent_has_its_actions_in_order(delivered: Catalogue) -> None:
    names = [action.name for action in delivered.for_intent("usage_plan")]
    assert names == ["plan_change", "plan_usage"]
    assert delivered.for_intent("praise_feedback") == ()


def test_the_small_one_is_right() -> None:
    (action,) = parse(SMALL).actions
    assert action.argument("amount").form == "money"


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('intents = ["transfer"]\n', "", "the catalogue.actions.pay.intents: must be a list"),
        ('identity = "verified"', 'identity = "sure"', "pay.identity: must be one of unknown"),
        ('cues = ["pay"]', 'cues = ["pay("]', "pay.cues: is no regular expression"),
        ('cues = ["pay"]', 'cues = ["pay"]\ncue = 1', "pay.cue: is not known here; misspelt?"),
        ("{reference}.", "{refrence}.", "done: shows {refrence}, but what it may show is: amount"),
        ("{amount} waits.", "{reference} waits.", "awaiting_approval: shows {reference}"),
        ("{amount} waits.", "{amount waits.", "awaiting_approval: has a brace that is no place"),
        ("{amount} waits.", "{amount.real} waits.", "has a brace that is no place"),
        ('done = "Paid {amount}: {reference}."\n', "", "wording.en.done: must be a sentence"),
        ('verify = "Please log in."\n', "", "verify: must be a sentence"),
        ('USD = "100"', "USD = 100.0", "limit.USD: must be an amount in quotes"),
        ('USD = "100"', 'USD = "NaN"', "limit.USD: must be an amount in quotes"),
        ('USD = "100"', 'dollars = "100"', "limit.dollars: must be an ISO 4217 code"),
        ('argument = "amount"', 'argument = "sum"', "limit.argument: must name a required"),
        ('approval = "above_limit"', 'approval = "never"', "pay.approval: is"),
        ('approval = "above_limit"', "reads_only = true", "pay.approval: is"),
        ('entities = ["amount"]', 'entities = ["money"]', "entities: 'money' is none of order"),
        ('entities = ["amount"]', "", "arguments.amount: is filled from nothing"),
        ('entities = ["amount"]', 'pattern = "([0-9]+)"', "pattern: needs the group"),
        ('ask = { en = "How much?" }', 'ask = { zh = "多少" }', "ask: has nothing in 'en'"),
        ("[wording.en]", "[wording.de]", "the catalogue.wording: must have a table wording.en"),
        ("[actions.pay.wording.en]", "[actions.pay.wording.de]", "add wording.en.done"),
        ("[wording.en]", "[wording.en", "not TOML"),
        ('withdrawn = ["never mind"]', "", "the catalogue.withdrawn: must be a list"),
    ],
)
def test_a_mistake_is_named_with_its_place(old: str, new: str, complaint: str) -> None:
    assert old in SMALL
    with pytest.raises(CatalogueError, match=re.escape(complaint)):
        parse(SMALL.replace(old, new, 1))
