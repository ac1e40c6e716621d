"""Nothing is kept so short that what comes again is taken for new."""

from datetime import timedelta
from typing import Any

import pytest

from services.feedback.settings import Settings as FeedbackSettings
from services.generate.settings import Settings as GenerateSettings
from shared.retention import again_within
from shared.settings import UnusableSettings
from shared.topics import FEEDBACK, GENERATE


def test_a_message_comes_again_from_its_topic_and_then_from_the_dead_letters() -> None:
    assert again_within("generate", GENERATE) == timedelta(days=7 + 14)
    assert again_within("generate", GENERATE, FEEDBACK) == timedelta(days=30 + 14)


def test_responses_outlive_what_can_come_again() -> None:
    assert GenerateSettings(responses_days=44).responses_kept == timedelta(days=44)
    with pytest.raises(UnusableSettings, match="RESPONSES_DAYS"):
        GenerateSettings(responses_days=43.9)


@pytest.mark.parametrize(
    ("more", "least"),
    [
        ({"messages_days": 7}, 44 + 3),
        ({}, 90 + 3),
        ({"quality_days": 365}, 365 + 3),
        ({"messages_days": 180}, 180 + 3),
    ],
)
def test_outcomes_outlive_whatever_looks_back(more: dict[str, Any], least: int) -> None:
    """A message's outcome is judged for three days more."""
    enough = FeedbackSettings(outcomes_days=least, **more)
    assert enough.outcomes_kept == timedelta(days=least)
    with pytest.raises(UnusableSettings, match=f"OUTCOMES_DAYS: .* at least {least} are needed"):
        FeedbackSettings(outcomes_days=least - 1, **more)


def test_by_default_both_are_long_enough() -> None:
    assert GenerateSettings().responses_kept == timedelta(days=90)
    assert FeedbackSettings().outcomes_kept == timedelta(days=400)
