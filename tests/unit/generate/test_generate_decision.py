"""The policy: what a person must see, what may be answered, and why."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.generate.domain.decision import HOPELESS, Verdict, decide
from services.generate.domain.message import Background, Message
from services.generate.domain.policy import Policy
from services.generate.domain.reasons import Reason
from services.generate.domain.retrieval import Match, Ranking
from tests.unit.generate.kit import CANCEL, NOON, REFUND, ROAMING, ZH_REFUND, message

POLICY = Policy(0, 0.55)
SURE = Match(here=Ranking((REFUND, CANCEL, ROAMING), 0.95))
RECENT = Background(
    known=True, messages=3, by_intent={"refund": 2}, last_contact_at=NOON - timedelta(days=2)
)
LONG_AGO = Background(
    known=True, messages=3, by_intent={"refund": 2}, last_contact_at=NOON - timedelta(days=30)
)


def test_a_good_match_is_answered_with_its_entry() -> None:
    verdict = decide(message(), SURE, POLICY)
    assert (verdict.decision, verdict.entry) == ("answer", REFUND)
    assert verdict.reasons == (Reason.CITED_ANSWER,)


@pytest.mark.parametrize(
    ("given_message", "reason"),
    [
        (message(intent="human_agent"), Reason.ASKED_FOR_PERSON),
        (message(intent="complaint"), Reason.COMPLAINT),
        (message(intent="out_of_scope"), Reason.OUT_OF_SCOPE),
        (message("My refund is late, I want to speak to a real person"), Reason.ASKED_FOR_PERSON),
        (message("Please put me through to your manager"), Reason.ASKED_FOR_PERSON),
        (message("No bots please, where is my refund?"), Reason.ASKED_FOR_PERSON),
        (message("退款一直没到，请转人工"), Reason.ASKED_FOR_PERSON),
        (message("找个真人来跟我说"), Reason.ASKED_FOR_PERSON),
        (message(""), Reason.NOTHING_TO_READ),
        (message("[file]", flags=frozenset({"nothing_to_read"})), Reason.NOTHING_TO_READ),
        (message(priority="urgent"), Reason.URGENT),
        (message("refund me or I call my lawyer"), Reason.FRAUD_OR_SAFETY),
        (message("不退款我就去法院起诉"), Reason.FRAUD_OR_SAFETY),
        (message(sentiment="very_negative"), Reason.VERY_NEGATIVE_MOOD),
        (message(sentiment="negative", turn=2), Reason.VERY_NEGATIVE_MOOD),
        (message(sentiment="negative", background=RECENT), Reason.VERY_NEGATIVE_MOOD),
    ],
    ids=lambda value: value.value if isinstance(value, Reason) else "",
)
def test_what_only_a_person_may_answer(given_message: Message, reason: Reason) -> None:
    verdict = decide(given_message, SURE, POLICY)
    assert verdict.decision == "escalate"
    assert reason in verdict.reasons


@pytest.mark.parametrize(
    "text",
    [
        "Can I talk about my refund on the phone with my bank?",
        "I spoke to an agent yesterday, how long does a refund take?",
        "Do I transfer money to the person or to the account?",
        "人工费怎么算？",
        "退款要找人代收可以吗？",
    ],
)
def test_speaking_of_people_is_not_asking_for_one(text: str) -> None:
    assert decide(message(text), SURE, POLICY).decision == "answer"


def test_every_reason_is_told() -> None:
    verdict = decide(
        message("my card was stolen", priority="urgent", sentiment="very_negative"), SURE, POLICY
    )
    assert verdict.reasons == (
        Reason.FRAUD_OR_SAFETY,
        Reason.URGENT,
        Reason.VERY_NEGATIVE_MOOD,
    )


@pytest.mark.parametrize(
    "calm",
    [
        message(sentiment="negative"),
        message(sentiment="negative", background=LONG_AGO),
        message("We issue the refund, right?", sentiment="positive", turn=4),
    ],
)
def test_a_first_negative_message_is_no_reason_for_a_person(calm: Message) -> None:
    assert decide(calm, SURE, POLICY).decision == "answer"


def test_attachments_are_noted_whatever_is_decided() -> None:
    answered = decide(message(has_unread_files=True), SURE, POLICY)
    handed_over = decide(message(has_unread_files=True), Match(), POLICY)
    assert answered.reasons == (Reason.CITED_ANSWER, Reason.ATTACHMENTS_NOT_READ)
    assert handed_over.reasons == (Reason.NO_MATCHING_ANSWER, Reason.ATTACHMENTS_NOT_READ)


def test_what_is_out_of_scope_is_told_where_there_is_no_answer() -> None:
    strange = message(is_out_of_scope=True)
    assert decide(strange, Match(), POLICY).reasons == (Reason.OUT_OF_SCOPE,)
    assert decide(strange, SURE, POLICY).reasons == (Reason.CITED_ANSWER,)


def test_each_intent_has_its_own_threshold() -> None:
    match = Match(here=Ranking((REFUND,), 0.7))
    strict = Policy(3, 0.55, {"refund": 0.8})
    assert decide(message(), match, strict).reasons == (Reason.BELOW_THRESHOLD,)
    assert decide(message(intent="invoice"), match, strict).decision == "answer"


def test_a_possible_complaint_lowers_the_confidence() -> None:
    doubtful = message(probability=0.5, intents={"complaint": 0.45})
    verdict = decide(doubtful, SURE, POLICY)
    assert verdict.reasons == (Reason.BELOW_THRESHOLD,)
    assert verdict.confidence == pytest.approx(0.95 * 0.55)


def test_nothing_found_is_told_from_not_sure_enough() -> None:
    weak = Match(here=Ranking((REFUND,), HOPELESS / 2))
    unsure = Match(here=Ranking((REFUND, CANCEL), 0.3))
    assert decide(message(), weak, POLICY).reasons == (Reason.NO_MATCHING_ANSWER,)
    assert decide(message(), weak, POLICY).suggested == ()
    assert decide(message(), unsure, POLICY).reasons == (Reason.BELOW_THRESHOLD,)
    assert decide(message(), unsure, POLICY).suggested == (REFUND, CANCEL)


def test_an_answer_in_another_language_goes_to_a_person() -> None:
    match = Match(here=None, elsewhere=Ranking((ZH_REFUND,), 0.95))
    verdict = decide(message(language="de"), match, POLICY)
    assert verdict.decision == "escalate"
    assert verdict.reasons == (Reason.NO_ANSWER_IN_LANGUAGE,)
    assert verdict.suggested == (ZH_REFUND,)


def test_nothing_is_suggested_for_what_cannot_be_read() -> None:
    assert decide(message(" "), SURE, POLICY).suggested == ()


def test_praise_is_thanked_for() -> None:
    praise = message("Great service!", intent="praise_feedback", sentiment="very_positive")
    verdict = decide(praise, Match(), POLICY)
    assert (verdict.decision, verdict.entry) == ("answer", None)
    assert verdict.reasons == (Reason.THANKED,)


@pytest.mark.parametrize(
    "not_mere_praise",
    [
        message("Great! But where is my refund?", intent="praise_feedback", sentiment="positive"),
        message("夸一下，退款到了吗", intent="praise_feedback", sentiment="positive"),
        message("You could open earlier.", intent="praise_feedback", sentiment="neutral"),
        message("Thanks", intent="praise_feedback", sentiment="positive", probability=0.3),
    ],
)
def test_a_question_or_a_suggestion_is_more_than_praise(not_mere_praise: Message) -> None:
    assert Reason.THANKED not in decide(not_mere_praise, Match(), POLICY).reasons


messages = st.builds(
    message,
    st.text(max_size=60),
    intent=st.sampled_from(["refund", "human_agent", "complaint", "praise_feedback", "transfer"]),
    probability=st.floats(0, 1),
    sentiment=st.sampled_from(["very_negative", "negative", "neutral", "positive"]),
    priority=st.sampled_from(["low", "normal", "high", "urgent"]),
    turn=st.integers(1, 5),
    has_unread_files=st.booleans(),
)
rankings = st.none() | st.builds(Ranking, st.just((REFUND, CANCEL)), st.floats(0, 1))
matches = st.builds(Match, rankings, rankings)


@given(messages, matches, st.floats(0, 1))
def test_an_answer_always_reaches_the_threshold(
    any_message: Message, match: Match, threshold: float
) -> None:
    verdict: Verdict = decide(any_message, match, Policy(1, threshold))
    assert 0.0 <= verdict.confidence <= 1.0
    assert verdict.reasons
    if verdict.decision == "answer":
        assert verdict.confidence >= threshold
        assert any_message.understood.priority != "urgent"
        assert any_message.understood.intent not in ("human_agent", "complaint")
    elif verdict.decision == "draft":
        assert verdict.confidence < threshold and verdict.entry is not None
    else:
        assert verdict.decision == "escalate" and verdict.entry is None
