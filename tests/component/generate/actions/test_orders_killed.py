"""A process that runs an order (`driver.py`) dies by SIGKILL at each of its steps, or the back
office before or after its commit; the order is run again in a new process. Money has moved once."""

import asyncio
import json
import signal
import subprocess
import sys
from typing import Any

import pytest

from services.generate.domain.actions.orders import OUTCOME, UNKNOWN
from shared.mongo import Mongo
from tests.component.generate.actions.driver import KEY, STEPS
from tests.component.generate.actions.kit import (
    ROOT,
    Office,
)


def drive(mongo: Mongo, mongo_url: str, office: Office, chosen: str) -> Any:
    """A process that runs the order; its exit code, what it printed, and how often it called."""
    where = (mongo_url, mongo.database.name, office.url)
    command = [sys.executable, "-m", "tests.component.generate.actions.driver", *where, chosen]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    told = json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 else None
    return done.returncode, told, done.stderr.count("called\n")


@pytest.mark.parametrize("chosen", STEPS)
async def test_kill_9_at_each_step_moves_money_once(
    chosen: str, mongo: Mongo, mongo_url: str, office: Office
) -> None:
    code, _, _ = await asyncio.to_thread(drive, mongo, mongo_url, office, chosen)
    assert code == -signal.SIGKILL
    moved = {} if chosen in ("before_begin", "before_call") else {KEY: 1}
    assert await office.moved() == moved, "the step was reached"
    code, told, calls = await asyncio.to_thread(drive, mongo, mongo_url, office, "none")
    assert (code, told["status"]) == (0, "done")
    assert calls == (0 if chosen == "after_store" else 1)
    code, again, calls = await asyncio.to_thread(drive, mongo, mongo_url, office, "none")
    assert (code, again, calls) == (0, told, 0)
    assert await office.moved() == {KEY: 1}


async def test_kill_9_again_and_again_moves_money_once(
    mongo: Mongo, mongo_url: str, office: Office
) -> None:
    for chosen in STEPS:
        await asyncio.to_thread(drive, mongo, mongo_url, office, chosen)
    _, told, _ = await asyncio.to_thread(drive, mongo, mongo_url, office, "none")
    assert told["status"] == "done"
    assert await office.moved() == {KEY: 1}


@pytest.mark.parametrize("moment", ["before_commit", "after_commit"])
async def test_kill_9_of_the_back_office_moves_money_once(
    moment: str, mongo: Mongo, mongo_url: str, office: Office
) -> None:
    await office.faults(die=moment)
    code, told, _ = await asyncio.to_thread(drive, mongo, mongo_url, office, "before_store")
    assert code == -signal.SIGKILL
    assert await asyncio.to_thread(office.died)
    office.start()
    assert await office.moved() == ({} if moment == "before_commit" else {KEY: 1})
    _, told, _ = await asyncio.to_thread(drive, mongo, mongo_url, office, "none")
    assert told["status"] == "done"
    assert await office.moved() == {KEY: 1}


async def test_both_dead_and_the_back_office_still_down_nobody_claims_that_nothing_happened(
    mongo: Mongo, mongo_url: str, office: Office
) -> None:
    await asyncio.to_thread(drive, mongo, mongo_url, office, "before_store")
    office.kill()
    _, told, _ = await asyncio.to_thread(drive, mongo, mongo_url, office, "none")
    assert (told["status"], told["fields"][OUTCOME]) == ("failed", UNKNOWN)
    office.start()
    _, again, calls = await asyncio.to_thread(drive, mongo, mongo_url, office, "none")
    assert (again, calls) == (told, 0)
    assert await office.moved() == {KEY: 1}
