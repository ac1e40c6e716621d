"""What may be done: a told no always wins."""

from datetime import UTC, datetime, timedelta

import pytest

from services.personalize.domain.consent import Allowed, Consent, allowed, told
from services.personalize.domain.told import Told

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)
GENEROUS = Allowed(personalization=True, recommendations=True)


@pytest.mark.parametrize(
    ("said", "unsaid", "personalization", "recommendations"),
    [
        (Consent(), Allowed(), True, False),
        (Consent(), GENEROUS, True, True),
        (Consent(recommendations=True), Allowed(), True, True),
        (Consent(recommendations=False), GENEROUS, True, False),
        (Consent(personalization=False), GENEROUS, False, False),
        (Consent(False, True), GENEROUS, False, False),
        (Consent(True, None), Allowed(False, True), True, True),
        (Consent(None, True), Allowed(False, False), False, False),
    ],
)
def test_what_was_said_wins_over_what_holds_otherwise(
    said: Consent, unsaid: Allowed, personalization: bool, recommendations: bool
) -> None:
    assert allowed(said, unsaid) == Allowed(personalization, recommendations)


def test_the_newest_statement_counts_this_message_included() -> None:
    known = {"recommendations": Told(NOON, False)}
    assert told(known, Consent(recommendations=True), LATER) == Consent(recommendations=True)
    assert told(known, Consent(), LATER) == Consent(recommendations=False)


def test_a_no_in_a_message_that_comes_late_still_holds_for_it() -> None:
    known = {"personalization": Told(LATER, True), "recommendations": Told(LATER, False)}
    late = Consent(personalization=False, recommendations=True)
    assert told(known, late, NOON) == Consent(personalization=False, recommendations=False)
