"""The figures over the real database: as counted without one, as gauges, and as a report."""

import asyncio
import json
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from services.feedback.aggregations import DIMENSIONS
from services.feedback.domain.definitions import Quality
from services.feedback.domain.policy import Count, Decided, Tuning
from services.feedback.domain.quality import Dimension
from services.feedback.gauges import Gauges
from services.feedback.measuring import measure
from services.feedback.mongo import MongoOutcomes
from services.feedback.mongo_policies import MongoPolicies
from services.feedback.quality_ports import ALL
from services.feedback.report import read
from services.feedback.report_figures import data
from shared.mongo import Mongo
from tests.component.feedback.kit import PROMISE, handler, judged_badly
from tests.unit.feedback.quality_kit import HISTORY, HOUR, NOON, Memory, at

MONTH = timedelta(days=30)
EVENING = at(103 * HOUR)


def gauge(name: str, **labels: str) -> float | None:
    return REGISTRY.get_sample_value(f"careloop_{name}", labels)


@pytest.mark.parametrize("by", DIMENSIONS)
async def test_the_database_counts_what_is_counted_without_one(mongo: Mongo, by: Dimension) -> None:
    memory = Memory()
    await memory.handler.record(HISTORY)
    for event in HISTORY:
        await handler(mongo).record([event])
    for now in (at(4 * HOUR), EVENING):
        found = await measure(MongoOutcomes(mongo), now=now, window=MONTH, by=by)
        expected = await measure(memory, now=now, window=MONTH, by=by)
        assert data(found, by, 30) == data(expected, by, 30)


async def test_the_figures_of_a_hand_worked_history(mongo: Mongo) -> None:
    await handler(mongo).record(HISTORY)
    found = await measure(MongoOutcomes(mongo), now=EVENING, window=MONTH, by="day")
    assert list(found.by_value) == ["2026-11-23", "2026-11-27"]
    quality: Quality = found.overall
    # Of 11 replies 8 were automatic. Of 7 answers and actions 2 are verified (A-4, B-1), 3 bad.
    assert (quality.automation.part, quality.automation.whole) == (8, 11)
    assert (quality.verified.part, quality.verified.whole) == (2, 7)
    assert (quality.silent.part, quality.pending) == (2, 0)
    assert (quality.wrong.part, quality.wrong.whole) == (3, 5)
    # A 5 and a 4: the latter for what was sent instead of the draft.
    assert (quality.satisfied.part, quality.satisfied.whole, quality.satisfaction) == (2, 2, 4.5)
    # One edited, one rejected; "Your invoice is (t)here." is 1 of 22 characters.
    assert (quality.accepted.part, quality.accepted.whole) == (0, 2)
    assert quality.compared == 1
    assert quality.edit_distance == pytest.approx(1 / 22)
    assert (quality.escalated.part, found.reasons) == (
        1,
        {"2026-11-23": {"upset": 1, "unsure": 1}},
    )
    # Half a minute for most; ten and a half for the draft, which is one of 7 tickets.
    median = quality.first_response(0.5)
    assert median.count == 7
    assert median.value == pytest.approx(30_000, rel=0.05)
    assert quality.first_response(0.95).value == pytest.approx(630_000, rel=0.05)
    # Customer a wrote 4 times, b 4 times of which one answered our question.
    assert (quality.contact_rate, quality.returning.part) == (3.5, 2)
    # 100 + 40 + 10 tokens over 2 tickets.
    assert (quality.tokens_per_resolved, quality.resolved) == (75, 2)
    assert (found.waiting, found.orphans) == (1, 1)


async def test_the_figures_show_in_gauges_and_report(mongo: Mongo) -> None:
    await handler(mongo).record(HISTORY)
    await judged_badly(mongo, 0.6, 0.7, 0.82, intent="shipping")
    why = {"shipping": "3 of 3 automatic replies judged bad: 0.55 -> 0.83"}
    tuning = Tuning(0.55, {"shipping": 0.83}, why, {"shipping": Count(0, 3)})
    await MongoPolicies(mongo).add(Decided(1, tuning, PROMISE, at(30)))
    gauges = Gauges(MongoOutcomes(mongo), MongoPolicies(mongo), PROMISE, MONTH, now=lambda: EVENING)
    await gauges.refresh()
    assert gauge("quality_responses", intent="refund", decision="answer") == 3
    assert gauge("quality_responses", intent="refund", decision="ask") == 1
    assert gauge("quality_judged", intent="refund", verdict="silent") == 2
    assert gauge("quality_judged", intent="refund", verdict="pending") == 0
    assert gauge("quality_automation_rate", intent="refund") == 1
    assert gauge("quality_automation_rate", intent=ALL) == 11 / 14
    assert gauge("quality_verified_rate", intent="refund") == 0.5
    low, high = (gauge(f"quality_verified_rate_{end}", intent="refund") for end in ("low", "high"))
    assert (low, high) == pytest.approx((0.1500, 0.8500), abs=1e-4)
    assert gauge("quality_edit_distance", intent="invoice") == pytest.approx(1 / 22)
    assert gauge("quality_escalations", reason="upset") == 1
    assert (gauge("quality_waiting"), gauge("quality_orphans")) == (1, 1)
    assert gauge("policy_version") == 1
    assert gauge("policy_threshold", intent="shipping") == 0.83

    text, _ = await read(mongo, 30, 0.55, EVENING)
    assert "shipping: 3 of 3 automatic replies judged bad: 0.55 -> 0.83" in text
    (row,) = [line for line in text.splitlines() if line.startswith("refund ")]
    assert "50% (15% to 85%; 4)" in row
    assert row.endswith(" 0.55")
    assert "unsure 1, upset 1" in text
    assert "1 waiting, 1 orphans" in text
    assert "threshold" not in (await read(mongo, 30, 0.55, EVENING, by="language"))[0]

    # What left the window is gone from the figures.
    late = Gauges(
        MongoOutcomes(mongo),
        MongoPolicies(mongo),
        PROMISE,
        MONTH,
        now=lambda: EVENING + timedelta(days=40),
    )
    await late.refresh()
    assert gauge("quality_responses", intent="refund", decision="answer") is None
    assert gauge("quality_orphans") == 0


async def test_a_report_before_anything_happened(mongo: Mongo) -> None:
    text, figures = await read(mongo, 30, 0.55, NOON)
    assert "No policy yet: every intent starts at 0.55." in text
    assert figures["all"]["verified_resolution"] == {
        "value": None, "low": 0, "high": 1, "part": 0, "count": 0,
    }  # fmt: skip


async def test_the_command_prints_any_dimension_and_writes_its_figures(
    mongo: Mongo, mongo_url: str, tmp_path: Path
) -> None:
    await handler(mongo).record(HISTORY)
    command = [sys.executable, "-m", "services.feedback.report", "--by", "channel"]
    command += ["--days", "99999", "--mongo-url", mongo_url, "--database", mongo.database.name]
    command += ["--json", str(tmp_path / "figures.json")]
    running = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    shown = (await running.communicate())[0].decode()
    figures = json.loads((tmp_path / "figures.json").read_text("utf-8"))
    assert [one["channel"] for one in figures["values"]] == ["unknown", "chat"]
    assert [one["responses"] for one in figures["values"]] == [10, 1]
    assert "\nunknown " in shown
    assert "\nchat " in shown
