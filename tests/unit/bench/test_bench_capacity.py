"""What a rate needs, computed by hand for a system of round figures."""

from pathlib import Path

import pytest

from shared.topics import FEEDBACK
from tests.bench import capacity, measured
from tests.bench.capacity_model import (
    Plan,
    Prices,
    core_hours,
    cost_of_million,
    need,
    partitions,
    processes,
    read_bytes,
)
from tests.bench.day import simulated
from tests.bench.measured import Costs, TopicCosts, WorkerCosts

PLAN = Plan(
    utilisation=0.5,
    batch=100,
    replication=3,
    kept_days=10,
    outcomes_days=30,
    least=2,
    partitions_each=2,
)


def worker(per_message: float) -> WorkerCosts:
    """Batches of 100 take 0.1 s more than their messages."""
    return WorkerCosts(
        per_wave=0.1,
        per_message=per_message,
        cpu=0.002,
        resident=512.0,
        commands_alone=4.0,
        commands=0.5,
    )


COSTS = Costs(
    measured_on="2026-11-27",
    machine=["two cores"],
    workers={
        "ingest": worker(0.001),
        "classify": worker(0.009),
        "personalize": worker(0.001),
        "generate": worker(0.001),
        "feedback": worker(0.001),
    },
    servers={"broker": 0.001, "database": 0.002},
    topics={"ingest": TopicCosts(1.0, 500.0), FEEDBACK.name: TopicCosts(2.0, 1_000.0)},
    kept={"ingest.messages": (1.0, 2_000.0), "feedback.outcomes": (1.0, 500.0)},
    at_rest=0.6,
    together=50.0,
)


def test_processes_are_those_that_keep_to_the_utilisation() -> None:
    # feedback: 100 messages in 0.2 s, 500/s, half of it 250/s: 1,000/s need 4.
    assert processes(COSTS, "feedback", 1_000, PLAN) == 4
    assert processes(COSTS, "ingest", 1_001, PLAN) == 5
    assert processes(COSTS, "feedback", 1, PLAN) == 2


def test_partitions_suffice_for_the_worker_with_the_most_processes() -> None:
    assert partitions(2, PLAN) == 6
    assert partitions(34, PLAN) == 68


def test_broker_and_database_are_asked_for_what_a_ticket_costs_them() -> None:
    needed = need(COSTS, 100, PLAN)
    assert needed.messages_in == pytest.approx(300)
    assert needed.bytes_in == pytest.approx(150_000)
    # 1 ms of 3 copies, 2 ms, at half use.
    assert needed.broker_cores == pytest.approx(100 * 0.001 * 3 / 0.5)
    assert needed.database_cores == pytest.approx(100 * 0.002 / 0.5)
    assert needed.commands == pytest.approx(100 * 5 * 0.5)
    # ingest a day, feedback 30 days, 3 copies.
    lying = 500 * 86_400 + 1_000 * 30 * 86_400
    assert needed.broker_disk == pytest.approx(100 * lying * 3 / 1e9)
    assert needed.database_disk == pytest.approx(100 * (2_000 * 10 + 500 * 30) * 86_400 / 1e9)


def test_feedback_leaves_the_broker_for_three_groups() -> None:
    # All topics once, feedback also to the groups of personalize and generate.
    assert read_bytes(COSTS) == pytest.approx(1_500 + 2 * 1_000)


def test_workers_need_their_cpu_time_and_memory() -> None:
    needed = need(COSTS, 100, PLAN)
    # classify: 100 in a second, 50/s each at half use: 3 for 101; the others 2 each.
    assert [need(COSTS, 101, PLAN).processes[name] for name in COSTS.workers] == [2, 3, 2, 2, 2]
    assert needed.worker_cores == pytest.approx(100 * 5 * 0.002 / 0.5)
    assert needed.memory == pytest.approx(10 * 512 / 1024)


def test_a_million_tickets_cost_their_hours() -> None:
    # 5 workers of 2 ms, 3 copies of 1 ms, 2 ms: 15 ms, at half use 30 ms; a million of them.
    assert core_hours(COSTS, PLAN) == pytest.approx(1e6 * 0.030 / 3_600)
    needed = need(COSTS, 100, PLAN)
    prices = Prices(core_hour=1.0, memory_hour=0.1, disk_month=0.01)
    parts = cost_of_million(needed, prices, peak=2.0)
    hours = 1e6 / 100 / 3_600
    assert parts["memory"] == pytest.approx(5 * 2 * hours * 0.1)
    cores = needed.worker_cores + needed.broker_cores + needed.database_cores
    assert parts["cores"] == pytest.approx(cores * 2 * hours)
    disk = needed.broker_disk + needed.database_disk
    assert parts["disk"] == pytest.approx(disk * hours / 730 * 0.01)


def test_a_hop_is_what_workers_do_not_spend_in_their_batches() -> None:
    # 0.6 s less 4 * 0.1 and 0.012, over four hops.
    assert COSTS.hop == pytest.approx((0.6 - 0.412) / 4)


def test_a_day_has_more_processes_when_more_comes_and_nobody_waits_for_ever() -> None:
    day = simulated(COSTS, tickets=6_000_000, peak=3.0, plan=PLAN)
    classify = day.processes["classify"]
    assert classify[12] == max(classify) > min(classify) == classify[0]
    assert day.partitions == 2 * max(classify)
    # A lone ticket takes 0.6 s, and no reply is faster than that.
    assert all(a <= b for a, b in zip(day.reply, day.reply[1:], strict=False))
    assert 0.6 <= day.reply[0] < day.reply[2] < 5.0
    assert day.reply_at_peak[0] >= 0.6


def test_the_page_says_what_was_measured(tmp_path: Path) -> None:
    measured.write(COSTS, tmp_path / "costs.json")
    assert measured.read(tmp_path / "costs.json") == COSTS
    page = capacity.page(COSTS, PLAN, capacity.PRICES)
    assert "| processes of classify | 2 | 2 | 200 |" in page
    assert "| together | 3.00 | 1,500 |" in page
    assert "$" not in page
