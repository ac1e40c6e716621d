"""Profiles survive the database, and those that the first release stored can still be read."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import bson
from bson.codec_options import CodecOptions
from hypothesis import given, settings

from services.personalize.documents import (
    entry_document,
    entry_of,
    member_of,
    profile_document,
    profile_of,
)
from services.personalize.domain.consent import Consent
from services.personalize.domain.facts import Fact, Message
from services.personalize.domain.ledger import apply, completed
from services.personalize.domain.manner import Manner
from services.personalize.domain.offers import Offer
from services.personalize.domain.population import Member
from services.personalize.domain.preferences import Preferences
from services.personalize.domain.profile import Entry, Profile
from services.personalize.domain.segment import Segment
from services.personalize.domain.view import (
    Influence,
    Needs,
    PlanOutlook,
    Prediction,
    Ranked,
    View,
)
from services.personalize.view_text import text_of, view_in
from tests.unit.personalize.test_profile import histories

NOON = datetime(2026, 11, 23, 12, 0, 0, 123000, tzinfo=UTC)
KEPT = timedelta(days=44)
AWARE: CodecOptions[dict[str, Any]] = CodecOptions(tz_aware=True, tzinfo=UTC)

FULL = View(
    NOON,
    known=True,
    tickets=2,
    messages=3,
    open_tickets=1,
    by_intent={"refund": 3},
    languages={"zh": 2, "en": 1},
    channels={"web.chat": 3},
    sentiment_trend=-0.1 + 0.3,
    last_contact_at=NOON,
    interactions={"purchased": 1},
    orders=1,
    satisfaction=11 / 3,
    consent=Consent(True, False),
    preferences=Preferences("friendly", None),
    segment=Segment("loyal", 12.5, 3, 127.7),
    predictions=(
        Prediction("Churn", "Yes", 0.2, False, (Influence("tenure", -0.4),), "behaviour-churn@1"),
    ),
    next_needs=Needs((Ranked("refund", 1 / 3),), cold=False),
    usage=(PlanOutlook("S", 10.0, 8.1, 12.9, 0.93, NOON, 3.9, NOON, cold=False),),
    recommendations=(Offer("M", "大套餐", "exceeds_plan", "小套餐"),),
    manner=Manner("friendly", True, False, True),
)


def kept(document: dict[str, Any]) -> dict[str, Any]:
    """As the database gives it back."""
    return bson.decode(bson.encode(document), AWARE)


@given(histories)
@settings(max_examples=100, deadline=None)
def test_a_profile_comes_back_as_it_was_put_in(history: Sequence[Fact]) -> None:
    change = apply(Profile("c"), {}, history, NOON)
    views = {moment.message.event_id: text_of(FULL) for moment in change.moments}
    profile = completed(change, views).profile
    document = kept(profile_document(profile, KEPT))
    back = profile_of(document)
    assert (back.version, profile.version) == (1, 0)
    assert profile_document(back, KEPT) == {**profile_document(profile, KEPT), "version": 2}
    assert member_of(document) in (
        Member(profile.purchases, profile.wishes, profile.usage),
        Member(),
    )


def test_a_view_comes_back_to_the_last_digit() -> None:
    entry = entry_of(kept(entry_document(Entry("e", NOON, text_of(FULL)))))
    assert entry.view is not None
    assert view_in(entry.view) == FULL


def test_who_does_not_want_to_be_predicted_is_not_counted_for_others() -> None:
    said = Consent(personalization=False)
    message = Message("m", "c", NOON, NOON, "T-1", "refund", "zh", "web", 0.0, said)
    change = apply(Profile("c"), {}, [message], NOON)
    profile = completed(change, {"m": text_of(FULL)}).profile
    assert profile.wishes
    assert member_of(kept(profile_document(profile, KEPT))) == Member()


def test_a_profile_of_the_first_release_can_be_read_and_goes_on() -> None:
    document = {
        "_id": "c",
        "version": 7,
        "tickets": 2,
        "messages": 3,
        "by_intent": [["refund", 3]],
        "languages": [["zh", 3]],
        "channels": [["web.chat", 3]],
        "interactions": [["purchased", 1]],
        "moods": [[NOON, -0.5]],
        "last_contact_at": NOON,
        "ratings": 1,
        "stars": 4,
        "ticket_ids": ["T-2", "T-1"],
        "recent": [
            {
                "_id": "old",
                "received_at": NOON,
                "view": {
                    "made_at": NOON,
                    "known": True,
                    "tickets": 1,
                    "by_intent": [["refund", 1]],
                    "satisfaction": 4.0,
                },
            },
            {"_id": "rating", "received_at": NOON},
        ],
        "archived": False,
        "erased_at": None,
    }
    profile = profile_of(kept(document))
    assert (profile.version, profile.tickets, profile.satisfaction) == (7, 2, 4.0)
    old = View(NOON, known=True, tickets=1, by_intent={"refund": 1}, satisfaction=4.0)
    assert profile.recent["old"].view == text_of(old)
    assert profile.recent["rating"].view is None
    message = Message("m", "c", NOON, NOON, "T-1", "refund", "zh", "web", 0.0)
    change = apply(profile, {}, [message], NOON)
    assert (change.profile.tickets, change.profile.messages) == (2, 4)
    after = completed(change, {"m": text_of(FULL)}).profile
    assert profile_of(kept(profile_document(after, KEPT))).ticket_states == after.ticket_states
    assert [one.is_open for one in after.ticket_states] == [False, True]


def test_a_mark_of_an_erasure_expires_and_stays_small() -> None:
    mark = Profile("c", 3, erased_at=NOON)
    document = profile_document(mark, KEPT)
    assert document["expires_at"] == NOON + KEPT
    assert len(bson.encode(document)) < 300
    assert profile_of(kept(document)).erased_at == NOON
