"""Writes `deploy/capacity.md` from what was measured: `python -m tests.bench.capacity`.

`python -m tests.bench costs` measures.
"""

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from string import Template

from tests.bench import capacity_model, measured
from tests.bench.capacity_model import Need, Plan, Prices
from tests.bench.day import Day, simulated
from tests.bench.measured import Costs

PAGE = Path("deploy/capacity.md")
TEMPLATE = Path(__file__).with_name("capacity.template.md")
RATES = (1.0, 100.0, 10_000.0)
TICKETS_A_DAY, PEAK = 10_000_000.0, 3.0
PRICES = Prices(core_hour=0.04, memory_hour=0.005, disk_month=0.10)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.capacity", description=__doc__)
    parser.add_argument("--costs", type=Path, default=measured.FILE, help="what was measured")
    parser.add_argument("--out", type=Path, default=PAGE, help="the page to write")
    parser.add_argument("--core-hour", type=float, default=PRICES.core_hour, help="price")
    parser.add_argument("--memory-hour", type=float, default=PRICES.memory_hour, help="of a GB")
    parser.add_argument("--disk-month", type=float, default=PRICES.disk_month, help="of a GB")
    told = parser.parse_args()
    prices = Prices(told.core_hour, told.memory_hour, told.disk_month)
    told.out.write_text(page(measured.read(told.costs), Plan(), prices), encoding="utf-8")
    print(f"written to {told.out}")
    return 0


def page(costs: Costs, plan: Plan, prices: Prices) -> str:
    """The whole page."""
    needs = [capacity_model.need(costs, rate, plan) for rate in RATES]
    day = simulated(costs, TICKETS_A_DAY, PEAK, plan)
    cpu = sum(one.cpu for one in costs.workers.values()) + sum(costs.servers.values())
    hours = capacity_model.core_hours(costs, plan)
    tables = {
        "machine": "\n".join(f"- {line}" for line in costs.machine),
        "workers": _of_workers(costs),
        "topics": _of_topics(costs),
        "databases": _of_databases(costs),
        "needs": _of_needs(costs, needs),
        "prices": _of_prices(costs, needs, prices),
        "day": _of_day(day),
    }
    chosen = {name: f"{getattr(plan, name):g}" for name in Plan.__dataclass_fields__}
    charged = {name: f"{getattr(prices, name):g}" for name in Prices.__dataclass_fields__}
    figures = {
        "measured_on": costs.measured_on,
        "cpu": f"{1000 * cpu:.2f}",
        "together": f"{costs.together:.0f}",
        "at_rest": f"{1000 * costs.at_rest:.0f}",
        "peak": f"{PEAK:g}",
        "core_hours": f"{hours:.1f}",
        "with_load": f"{hours * prices.core_hour:.2f}",
        "millions": f"{day.tickets / 1e6:g}",
        "quiet": f"{min(day.rates):.0f}",
        "busy": f"{max(day.rates):.0f}",
        "day_partitions": f"{day.partitions}",
        "reply": _milliseconds(day.reply),
        "reply_at_peak": _milliseconds(day.reply_at_peak),
    }
    template = Template(TEMPLATE.read_text(encoding="utf-8"))
    return template.substitute(tables | chosen | charged | figures)


def _milliseconds(quantiles: Sequence[float]) -> str:
    told = zip((50, 95, 99), quantiles, strict=True)
    return ", ".join(f"p{share} {1000 * value:.0f} ms" for share, value in told)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _of_workers(costs: Costs) -> str:
    rows = [
        (
            name,
            f"{1000 * one.per_wave:.1f}",
            f"{1000 * one.per_message:.2f}",
            f"{capacity_model.service_of(one).most_per_second(256):,.0f}",
            f"{1000 * one.cpu:.2f}",
            f"{one.resident:.0f}",
            f"{one.commands_alone:.1f}",
            f"{one.commands:.2f}",
        )
        for name, one in costs.workers.items()
    ]
    rows += [
        (name, "", "", "", f"{1000 * spent:.2f}", "", "", "")
        for name, spent in costs.servers.items()
    ]
    head = (
        "process",
        "ms a batch, a",
        "ms a message, b",
        "tickets/s in full batches",
        "CPU ms a ticket, k",
        "resident MB, m",
        "database commands a ticket at rest",
        "the same under load, q",
    )
    return _table(head, rows)


def _of_topics(costs: Costs) -> str:
    rows = [
        (name, f"{topic.messages:.2f}", f"{topic.bytes:,.0f}")
        for name, topic in costs.topics.items()
    ]
    total = sum(topic.bytes for topic in costs.topics.values())
    messages = sum(topic.messages for topic in costs.topics.values())
    rows.append(("together", f"{messages:.2f}", f"{total:,.0f}"))
    return _table(("topic", "messages a ticket", "bytes a ticket"), rows)


def _of_databases(costs: Costs) -> str:
    rows = [
        (name, f"{count:.2f}", f"{size:,.0f}")
        for name, (count, size) in costs.kept.items()
        if size >= 1
    ]
    total = capacity_model.kept_bytes(costs)
    rows.append(("together", "", f"{total:,.0f}"))
    return _table(("database.collection", "documents a ticket", "bytes a ticket"), rows)


def _of_needs(costs: Costs, needs: Sequence[Need]) -> str:
    rows = [
        ("tickets a day", [f"{need.rate * capacity_model.DAY:,.0f}" for need in needs]),
        *(
            (f"processes of {name}", [f"{need.processes[name]:,}" for need in needs])
            for name in costs.workers
        ),
        ("cores of the workers", [_number(need.worker_cores) for need in needs]),
        ("memory of the workers, GB", [_number(need.memory) for need in needs]),
        ("partitions of a topic", [f"{need.partitions:,}" for need in needs]),
        ("broker: messages in a second", [_number(need.messages_in) for need in needs]),
        ("broker: MB in a second", [_number(need.bytes_in / 1e6) for need in needs]),
        ("broker: MB out a second", [_number(need.bytes_out / 1e6) for need in needs]),
        ("broker: cores, all copies", [_number(need.broker_cores) for need in needs]),
        ("broker: disk, all copies, GB", [_number(need.broker_disk) for need in needs]),
        ("database: commands a second", [_number(need.commands) for need in needs]),
        ("database: cores", [_number(need.database_cores) for need in needs]),
        ("database: data, GB", [_number(need.database_disk) for need in needs]),
    ]
    head = ("", *(f"{need.rate:,.0f} tickets/s" for need in needs))
    return _table(head, [(name, *cells) for name, cells in rows])


def _of_prices(costs: Costs, needs: Sequence[Need], prices: Prices) -> str:
    rows: list[Sequence[str]] = []
    for need in needs:
        rate = f"{need.rate:,.0f} tickets/s"
        parts = capacity_model.cost_of_million(need, prices, PEAK)
        cells = [f"{parts[name]:,.2f}" for name in ("cores", "memory", "disk")]
        rows.append((rate, *cells, f"{sum(parts.values()):,.2f}"))
    return _table(("mean rate", "cores", "memory", "disk", "together"), rows)


def _of_day(day: Day) -> str:
    peak, quiet = day.rates.index(max(day.rates)), day.rates.index(min(day.rates))
    rows = []
    for name, counts in day.processes.items():
        waits = day.waiting.get(name)
        cells = [f"{1000 * value:.0f}" for value in waits] if waits else [""] * 3
        rows.append((name, f"{counts[quiet]}", f"{counts[peak]}", *cells))
    head = (
        "worker",
        "processes in the quietest hour",
        "in the busiest",
        "waits ms, p50",
        "p95",
        "p99",
    )
    return _table(head, rows)


def _number(value: float) -> str:
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 1 else f"{value:.3f}"


if __name__ == "__main__":
    sys.exit(main())
