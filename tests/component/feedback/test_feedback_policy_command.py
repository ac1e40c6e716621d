"""`make policy` over the real database: what people set holds, and the worker tells everybody."""

import asyncio
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from services.feedback.domain.pins import PinRefused
from services.feedback.mongo import MongoOutcomes
from services.feedback.policy.__main__ import carried_out, parser
from services.feedback.policy.desk import PolicyDesk
from services.feedback.policy.mongo import MongoPolicies
from services.feedback.settings import Settings
from shared.mongo import Mongo
from tests.component.feedback.kit import PROMISE, Heard, judged_badly, stored
from tests.component.feedback.test_feedback_policy import tuner


async def policy(mongo: Mongo, *arguments: str) -> str:
    """What the command prints."""
    desk = PolicyDesk(
        MongoOutcomes(mongo), MongoPolicies(mongo), PROMISE, lambda: datetime.now(UTC)
    )
    return await carried_out(desk, parser(Settings()).parse_args(arguments))


async def test_before_the_first_policy(mongo: Mongo) -> None:
    assert "No policy yet: every intent starts at 0.55." in await policy(mongo)
    assert await policy(mongo, "propose") == "Nothing: version 0 stays in force."
    with pytest.raises(PinRefused, match="no version 3: no policy yet, only the start, 0"):
        await policy(mongo, "compare", "0", "3")


async def test_a_proposal_says_what_the_tuner_then_does(mongo: Mongo) -> None:
    await judged_badly(mongo, 0.6, 0.7, 0.82)
    proposed = await policy(mongo, "propose")
    assert "refund: 3 of 3 automatic replies judged bad: 0.55 -> 0.83" in proposed
    assert (await stored(mongo, "policies"))["policies"] == []
    heard = Heard()
    await tuner(mongo, heard).run_once()
    assert heard.events[-1].data.thresholds == {"refund": 0.83}
    text = await policy(mongo, "show")
    assert "refund: 3 of 3 automatic replies judged bad: 0.55 -> 0.83" in text
    assert ", published." in text


async def test_what_is_pinned_everybody_hears_and_outcomes_leave_alone(mongo: Mongo) -> None:
    printed = await policy(mongo, "pin", "0.6", "--intent", "refund", "--why", "campaign")
    assert "refund: pinned: 0.55 -> 0.60 (campaign)" in printed
    assert "not published yet" in await policy(mongo)
    await judged_badly(mongo, 0.6, 0.7, 0.82)
    await judged_badly(mongo, 0.6, 0.7, 0.82, intent="invoice")
    heard = Heard()
    await tuner(mongo, heard).run_once()
    told = [event.data for event in heard.events]
    assert [(one.version, one.pinned) for one in told] == [(1, True), (2, True)]
    assert told[-1].thresholds == {"refund": 0.6, "invoice": 0.83}
    # Left to outcomes again, it is what they say.
    await policy(mongo, "unpin", "--intent", "refund")
    await tuner(mongo, heard).run_once()
    assert heard.events[-1].data.thresholds == {"refund": 0.83, "invoice": 0.83}
    assert heard.events[-1].data.pinned is False


async def test_rolled_back_the_old_thresholds_come_as_a_new_version(mongo: Mongo) -> None:
    await judged_badly(mongo, 0.6, 0.7, 0.82)
    heard = Heard()
    await tuner(mongo, heard).run_once()
    printed = await policy(mongo, "rollback", "0", "--why", "wrong ratings")
    assert "version 2" in printed
    assert "rolled back to version 0, pinned until unpinned (wrong ratings)" in printed
    for _ in range(2):
        await tuner(mongo, heard).run_once()
    assert [event.data.version for event in heard.events] == [1, 2]
    assert (heard.events[-1].data.thresholds, heard.events[-1].data.pinned) == ({}, True)
    rows = [line.split() for line in (await policy(mongo, "compare", "1", "2")).splitlines()]
    assert ["refund", "0.83", "0.55", "pinned", "looser"] in [row[:5] for row in rows]
    with pytest.raises(PinRefused, match="no version 9: the newest is 2"):
        await policy(mongo, "rollback", "9")


async def test_two_people_at_once_lose_nothing(mongo: Mongo) -> None:
    pins = {f"intent {number}": str(0.6 + number / 100) for number in range(4)}
    await asyncio.gather(
        *(policy(mongo, "pin", value, "--intent", intent) for intent, value in pins.items())
    )
    (*_, newest) = (await stored(mongo, "policies"))["policies"]
    assert newest["_id"] == len(pins)
    assert dict(newest["thresholds"]) == {intent: float(value) for intent, value in pins.items()}


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    run = [sys.executable, "-m", "services.feedback.policy", *arguments]
    return subprocess.run(run, capture_output=True, text=True, check=False)


def test_a_database_that_is_away_is_said_in_one_line() -> None:
    away = command("--mongo-url", "mongodb://127.0.0.1:1", "pin", "0.9")
    assert away.returncode == 1
    (line,) = away.stderr.splitlines()
    assert line.startswith("policy: no database answers")


def test_it_says_how_it_is_used() -> None:
    shown = command("--help")
    assert shown.returncode == 0
    for name in ("show", "compare", "pin", "unpin", "rollback", "propose"):
        assert name in shown.stdout
