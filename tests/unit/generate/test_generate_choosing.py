"""What chance may choose, how often, and that it only ever chooses among what is safe."""

from collections import Counter
from dataclasses import replace

import pytest

from services.generate.domain.choosing import Chosen, chosen, drawn
from services.generate.domain.composer import Letter, compose
from services.generate.domain.decision import Verdict, decide
from services.generate.domain.message import Background, Message
from services.generate.domain.policy import Margins, Policy
from services.generate.domain.reasons import Reason
from services.generate.domain.retrieval import Match, Ranking
from shared import ids
from shared.events import Manner, Recommendation
from tests.unit.generate.kit import CANCEL, REFUND, message

SURE = Match(here=Ranking((REFUND, CANCEL), 0.95))
PLAIN, MARGINS = Policy(0, 0.55), Margins()
MANY = 2000


def policy(slot: str, context: str = "", **weights: float) -> Policy:
    return replace(PLAIN, choices={(slot, context): weights})


def taken(
    policy: Policy, *, about: Message | None = None, margins: Margins = MARGINS, count: int = MANY
) -> list[Chosen]:
    asked = about or message()
    verdict = decide(asked, SURE, policy)
    return [
        chosen(asked, verdict, policy, margins, ids.derived("response", str(n)))
        for n in range(count)
    ]


def test_nothing_is_left_to_chance_unless_somebody_wants_it() -> None:
    asked = message()
    verdict = decide(asked, SURE, PLAIN)
    assert taken(PLAIN, count=1) == [Chosen(asked, verdict)]


def test_an_answer_is_drafted_as_often_as_the_policy_says_and_says_how_likely_that_was() -> None:
    told = Counter(
        (one.verdict.decision, one.verdict.propensity, one.choices[0].propensity)
        for one in taken(policy("reply", "refund/en", answer=0.8, draft=0.2))
    )
    assert set(told) == {("answer", 0.8, 0.8), ("draft", 0.2, 0.2)}
    assert told["draft", 0.2, 0.2] / MANY == pytest.approx(0.2, abs=0.03)


def test_without_a_policy_for_it_the_share_of_the_settings_is_drafted() -> None:
    found = taken(PLAIN, margins=Margins(exploration=0.1))
    drafted = [one.verdict for one in found if one.verdict.decision == "draft"]
    assert len(drafted) / MANY == pytest.approx(0.1, abs=0.02)
    assert {(one.reasons[0], one.entry, one.suggested) for one in drafted} == {
        (Reason.EXPLORED, REFUND, (REFUND,))
    }
    wanted = policy("reply", "refund/en", answer=1.0)
    decided = taken(wanted, margins=Margins(exploration=0.1))
    assert {one.verdict.decision for one in decided} == {"answer"}


def test_what_is_for_a_person_stays_theirs() -> None:
    asked = message(intent="complaint")
    everything = replace(
        PLAIN,
        choices={
            ("reply", ""): {"answer": 0.5, "draft": 0.5},
            ("tone", ""): {"formal": 0.5, "friendly": 0.5},
        },
    )
    verdict = decide(asked, SURE, everything)
    assert verdict.decision == "escalate"
    assert {one.verdict for one in taken(everything, about=asked, count=50)} == {verdict}


def test_the_same_message_always_gets_the_same() -> None:
    wanted = policy("reply", answer=0.5, draft=0.5)
    assert taken(wanted, count=50) == taken(wanted, count=50)


def test_slots_are_drawn_apart() -> None:
    halves = replace(
        PLAIN,
        choices={
            ("reply", ""): {"answer": 0.5, "draft": 0.5},
            ("tone", ""): {"formal": 0.5, "friendly": 0.5},
        },
    )
    answered = [one for one in taken(halves) if one.verdict.decision == "answer"]
    friendly = [one for one in answered if one.choices[1].option == "friendly"]
    assert len(friendly) / len(answered) == pytest.approx(0.5, abs=0.06)


def test_a_tone_is_tried_and_heard_in_the_reply_unless_they_asked_for_one() -> None:
    wanted = policy("tone", formal=0.5, friendly=0.5)
    texts = {
        (one.choices[0].option, compose(one.message, one.verdict, Letter(by_name=False)))
        for one in taken(wanted, count=50)
    }
    assert len(texts) == 2 and len({text for _, text in texts}) == 2
    asked = replace(message(), background=Background(tone_wanted=True))
    assert all(not one.choices for one in taken(wanted, about=asked, count=50))


def test_one_of_two_offers_comes_first() -> None:
    items = tuple(
        Recommendation(item_id=name, title=name, reason="popular") for name in ("Lamp", "Kettle")
    )
    background = Background(manner=Manner(selling=True), recommendations=items)
    asked = replace(message(), background=background)
    wanted = policy("offer", first=0.5, second=0.5)
    for one in taken(wanted, about=asked, count=50):
        text = compose(one.message, one.verdict, Letter(by_name=False))
        first = one.choices[0].option == "first"
        assert ("Lamp" in text, "Kettle" in text) == (first, not first)
    alone = replace(asked, background=replace(background, recommendations=items[:1]))
    assert all(not one.choices for one in taken(wanted, about=alone, count=50))


def test_one_of_two_passages_is_drafted_and_both_are_shown() -> None:
    wanted = replace(policy("passage", "refund/en", first=0.75, second=0.25), default_threshold=1.0)
    found = taken(wanted)
    by_option = {one.choices[0].option: one.verdict for one in found}
    assert {verdict.decision for verdict in by_option.values()} == {"draft"}
    assert by_option["first"].entry == REFUND and by_option["second"].entry == CANCEL
    assert {verdict.suggested for verdict in by_option.values()} == {(REFUND, CANCEL)}
    assert [Reason.OTHER_PASSAGE in by_option[one].reasons for one in ("first", "second")] == [
        False,
        True,
    ]
    told = Counter((one.choices[0].option, one.choices[0].propensity) for one in found)
    assert set(told) == {("first", 0.75), ("second", 0.25)}
    assert told["second", 0.25] / MANY == pytest.approx(0.25, abs=0.03)


def test_what_goes_out_by_itself_has_the_passage_that_it_is_sure_of() -> None:
    wanted = policy("passage", first=0.5, second=0.5)
    assert {one.verdict.entry for one in taken(wanted, count=50)} == {REFUND}


def test_a_single_passage_is_no_choice() -> None:
    strict = replace(policy("passage", first=0.5, second=0.5), default_threshold=1.0)
    verdict = decide(message(), Match(here=Ranking((REFUND,), 0.95)), strict)
    assert verdict.decision == "draft"
    found = chosen(message(), verdict, strict, MARGINS, ids.derived("r"))
    assert (found.verdict, found.choices) == (verdict, ())


@pytest.mark.parametrize("draw", [0.0, 0.25, 0.5, 0.75, 1 - 2**-32])
def test_weights_need_not_add_up_and_an_option_without_weight_is_never_taken(draw: float) -> None:
    choice = drawn("tone", "", {"never": 0.0, "formal": 1.0, "friendly": 3.0, "not": -1.0}, draw)
    assert choice is not None
    assert (choice.option, choice.propensity) == (
        ("formal", 0.25) if draw < 0.25 else ("friendly", 0.75)
    )
    assert drawn("tone", "", {"formal": 1.0, "friendly": 0.0}, draw) is None


def test_the_context_counts_before_the_slot() -> None:
    both = replace(
        PLAIN,
        choices={
            ("reply", ""): {"answer": 0.5, "draft": 0.5},
            ("reply", "refund/en"): {"answer": 0.9, "draft": 0.1},
        },
    )
    assert {one.verdict.propensity for one in taken(both)} == {0.9, 0.1}
    assert {one.choices[0].context for one in taken(both)} == {"refund/en"}


def test_a_courtesy_is_no_answer_to_draft() -> None:
    thanked = Verdict("answer", (Reason.THANKED,), 0.9)
    found = chosen(
        message(), thanked, policy("reply", answer=0.5, draft=0.5), MARGINS, ids.derived("r")
    )
    assert found.verdict == thanked
