"""The figures over the real database: as counted without one, as gauges, and as a report."""

import asyncio
import json
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import REGISTRY

from services.feedback.domain.definitions import Quality
from services.feedback.domain.policy import Count, Decided, Tuning
from services.feedback.domain.quality import Dimension
from services.feedback.messages.mongo import MongoTrainings
from services.feedback.mongo import MongoOutcomes
from services.feedback.policy.mongo import MongoPolicies
from services.feedback.quality.aggregations import DIMENSIONS
from services.feedback.quality.gauges import Gauges
from services.feedback.quality.measuring import measure, measure_efficiency
from services.feedback.quality.ports import ALL
from services.feedback.report.figures import data
from services.feedback.report.reading import read
from shared.envelope import Event
from shared.events import FeedbackRated, TicketResolved
from shared.mongo import Mongo
from tests.component.feedback.kit import (
    EFFORTS,
    PROMISE,
    STEPPED,
    Counting,
    handler,
    judged_badly,
    stored,
    told,
    verdicts,
)
from tests.unit.feedback.quality_kit import HISTORY, HOUR, NOON, at, response

MONTH = timedelta(days=30)
EVENING = at(103 * HOUR)


async def figures_of(counted: Any, now: datetime, by: Dimension) -> dict[str, Any]:
    measured = await measure(counted, now=now, window=MONTH, by=by)
    efficiency = await measure_efficiency(counted, now=now, window=MONTH, by=by)
    return data(measured, efficiency, by, 30)


def closed(ticket: str, minutes: float) -> Event[Any]:
    return told(TicketResolved(ticket_id=ticket, resolved_by="agent", occurred_at=at(minutes)))


def gauge(name: str, **labels: str) -> float | None:
    return REGISTRY.get_sample_value(f"careloop_{name}", labels)


@pytest.mark.parametrize("by", DIMENSIONS)
async def test_the_database_counts_what_is_counted_without_one(mongo: Mongo, by: Dimension) -> None:
    memory = Counting()
    await memory.handler.record([*HISTORY, *EFFORTS])
    for event in [*HISTORY, *EFFORTS]:
        await handler(mongo).record([event])
    for now in (at(4 * HOUR), EVENING):
        assert await figures_of(MongoOutcomes(mongo), now, by) == await figures_of(memory, now, by)


async def test_figures_count_everything_however_many_there_are(mongo: Mongo) -> None:
    """More outcomes than the driver reads at once; record 0022 tells of 400,000."""
    await handler(mongo).record([response(1, "A-1", intent="refund")])
    (one,) = await mongo.database["outcomes"].find().to_list(None)
    many = 1_500
    for start in range(0, many, 500):
        copies = [
            {**one, "_id": f"k{n}", "ticket_id": f"B-{n}", "customer_key": f"c{n}",
             "intent": ("refund", "loan")[n % 2]}
            for n in range(start, start + 500)
        ]  # fmt: skip
        await mongo.database["outcomes"].insert_many(copies, ordered=False)
    found = await measure(MongoOutcomes(mongo), now=EVENING, window=MONTH)
    effort = await measure_efficiency(MongoOutcomes(mongo), now=EVENING, window=MONTH)
    assert found.overall.responses == effort.overall.replies == many + 1
    counts = {value: quality.responses for value, quality in found.by_value.items()}
    assert counts == {"refund": many // 2 + 1, "loan": many // 2}
    assert (found.overall.contacts.customers, effort.overall.tickets) == (many, many + 1)


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
    looks = MongoTrainings(mongo)
    gauges = Gauges(
        MongoOutcomes(mongo), MongoPolicies(mongo), looks, PROMISE, MONTH, now=lambda: EVENING
    )
    await gauges.refresh()
    assert gauge("policy_alpha") == PROMISE.alpha
    assert gauge("drift", test="embedding") == 0
    await looks.looked(EVENING, ["embedding", "labels"])
    await gauges.refresh()
    assert (gauge("drift", test="embedding"), gauge("drift", test="confidence")) == (1, 0)
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

    text, figures = await read(mongo, 30, 0.55, EVENING)
    assert figures["all"]["llm_tokens_per_resolved"] == {
        "value": 75, "low": None, "high": None, "count": 2,
    }  # fmt: skip
    # Stars of 5, 4, 1, 1 and 1: 2.4 +- 2.776 * sqrt(3.8 / 5).
    assert "2.40 (1.00 to 4.82; 5)" in text
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
        looks,
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


async def test_what_a_ticket_takes_and_where_peoples_time_goes(mongo: Mongo) -> None:
    await handler(mongo).record(EFFORTS)
    text, figures = await read(mongo, 30, 0.55, EVENING)
    efficiency = figures["efficiency"]
    # Three escalations in two tickets; of one of these all times are known, and it took 4 s.
    escalated, answered = (efficiency["decisions"][name] for name in ("escalate", "answer"))
    assert (escalated["tickets"], escalated["replies"]) == (2, 3)
    assert escalated["ms_per_ticket"] == {"value": 4000, "low": None, "high": None, "count": 1}
    assert escalated["steps"]["personalize"]["value"] == pytest.approx(2200 / 5000)
    assert answered["steps"]["generate"]["value"] == 0.7
    # The first ticket took 5 s with both of its replies, the second 1 s: 3 +- 12.706 * 2.
    assert efficiency["all"]["tickets"] == 3
    assert efficiency["all"]["ms_per_ticket"] == {
        "value": 3000, "low": 0, "high": pytest.approx(28_412), "count": 2,
    }  # fmt: skip
    assert efficiency["all"]["steps"]["generate"]["value"] == pytest.approx(3100 / 7000)
    assert efficiency["all"]["llm_tokens_per_ticket"]["value"] == pytest.approx(100 / 3)
    assert efficiency["all"]["llm_cost_per_ticket"]["value"] == pytest.approx(0.5 / 3)
    assert efficiency["all"]["encoder_passes_per_ticket"]["value"] == pytest.approx(2 / 3)
    # An hour for the first, half an hour for the draft, and nobody knows of the others.
    (login,) = efficiency["people"]
    assert login["waited"]["part"] == 4
    assert login["reasons"] == {"below_threshold": 3, "urgent": 1}
    assert login["wait_ms_median"]["count"] == 2
    assert login["wait_ms_median"]["low"] == pytest.approx(30 * 60_000, rel=0.05)
    assert login["wait_ms_median"]["high"] == pytest.approx(60 * 60_000, rel=0.05)
    assert login["reckoned_with"]["borrowed"]
    assert (
        "login: 4 of 5 replies waited for a person (mostly: below_threshold, 3), reckoned with the "
        in text
    )
    assert "(only 2 known): 100% of people's time" in text
    assert "An upper limit" in text
    (row,) = [line.split() for line in text.splitlines() if line.startswith("escalate ")]
    assert row[1:7] == ["2", "4.0", "s", "(1)", "22%", "(2)"]


async def test_an_intent_that_takes_most_of_peoples_time_comes_first(mongo: Mongo) -> None:
    events = []
    for number in range(8):
        for intent, minutes in (("refund", 120), ("login", 20)):
            ticket = f"{intent} {number}"
            events += [
                response(number, ticket, intent=intent, decision="draft", reasons=("urgent",)),
                closed(ticket, number + minutes),
            ]
    await handler(mongo).record(events)
    text, figures = await read(mongo, 30, 0.55, EVENING)
    first, second = figures["efficiency"]["people"]
    assert first["share_of_peoples_time_at_most"] == pytest.approx(120 / 140, abs=0.01)
    assert second["reckoned_with"]["value"] == pytest.approx(20 * 60_000, rel=0.05)
    lines = text.splitlines()
    refund = next(number for number, line in enumerate(lines) if line.startswith("  refund:"))
    assert lines[refund].startswith("  refund: 8 of 8 replies waited for a person")
    assert "each (" in lines[refund]
    assert "8 known): 8" in lines[refund]
    assert lines[refund + 1].startswith("  login: ")


async def test_tokens_told_by_direction_count_and_are_told_once(mongo: Mongo) -> None:
    by_direction = {"llm_tokens": 0, "llm_tokens_in": 300, "llm_tokens_out": 40}
    await handler(mongo).record(
        [
            response(1, "T-1", cost=by_direction),
            response(2, "T-2", cost={**by_direction, "llm_tokens": 340}),
            response(3, "T-3", cost={"llm_tokens": 100}),
            response(4, "T-4"),
        ]
    )
    _, figures = await read(mongo, 30, 0.55, EVENING)
    tokens = figures["efficiency"]["all"]["llm_tokens_per_ticket"]
    assert (tokens["value"], tokens["count"]) == (780 / 4, 4)


async def test_what_was_stored_before_steps_were_kept_is_read_and_judged_further(
    mongo: Mongo,
) -> None:
    await handler(mongo).record([response(1, timings=STEPPED), response(2, "T-2", timings=STEPPED)])
    key = (await stored(mongo))["tickets"][0]["responses"].popitem()[0]
    await mongo.database["tickets"].update_one(
        {"_id": "T-1"}, {"$unset": {f"responses.{key}.steps": ""}}
    )
    await mongo.database["outcomes"].update_one({"_id": key}, {"$unset": {"steps": ""}})
    rated = told(FeedbackRated(ticket_id="T-1", response_id="T-1/r1", rating=1))
    for _ in range(2):
        _, figures = await read(mongo, 30, 0.55, EVENING)
        everything = figures["efficiency"]["all"]
        # Its time counts, and the steps are those of the other.
        assert everything["ms_per_ticket"]["count"] == 2
        generate = everything["steps"]["generate"]
        assert (generate["value"], generate["count"]) == (pytest.approx(0.7), 1)
        await handler(mongo).record([rated])
    assert (await verdicts(mongo))["T-1/r1"] == "bad"
