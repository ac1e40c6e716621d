"""What so many tickets a second need, computed from what one was measured to cost. Pure.

The names of the formulas in `deploy/capacity.md` are those of the functions here.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from shared.topics import FEEDBACK, INGEST, TOPICS
from tests.bench.measured import Costs, WorkerCosts
from tests.bench.queueing.service import ServiceTime

HOUR = 3_600.0
DAY = 24 * HOUR
MONTH_HOURS = 730.0
MILLION = 1_000_000
GIGABYTE = 1e9
ALSO_READ_FEEDBACK = ("personalize", "generate")
"""Workers whose group reads `feedback` besides, for ratings and reviews."""
OUTCOMES = ("feedback.tickets", "feedback.outcomes", "feedback.waiting")
"""Collections that figures and thresholds are made of."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is not measured but chosen. `utilisation`: the share of a process that is planned for,
    the rest is air for bursts; `batch`: messages a batch has under load; `replication`: copies
    Kafka keeps; `kept_days`: how long the databases keep what a ticket leaves, `outcomes_days` what
    is known of its replies; `least`: processes of each worker that run in any case;
    `partitions_each`: partitions for each process."""

    utilisation: float = 0.6
    batch: int = 256
    replication: int = 3
    kept_days: float = 90.0
    outcomes_days: float = 400.0
    least: int = 2
    partitions_each: int = 2


@dataclass(frozen=True, slots=True)
class Prices:
    """In one currency: of a core and of a gigabyte of memory for an hour, and of a gigabyte of
    disk for a month of 730 hours."""

    core_hour: float
    memory_hour: float
    disk_month: float


@dataclass(frozen=True, slots=True)
class Need:
    """What one rate needs."""

    rate: float
    processes: Mapping[str, int]
    worker_cores: float
    memory: float
    partitions: int
    broker_cores: float
    messages_in: float
    bytes_in: float
    bytes_out: float
    broker_disk: float
    database_cores: float
    commands: float
    database_disk: float


def service_of(worker: WorkerCosts) -> ServiceTime:
    return ServiceTime(worker.per_wave, worker.per_message)


def processes(costs: Costs, name: str, rate: float, plan: Plan) -> int:
    """So many that together they take the rate at the planned utilisation, at least the least."""
    each = service_of(costs.workers[name]).most_per_second(plan.batch)
    return max(plan.least, math.ceil(rate / (each * plan.utilisation)))


def partitions(most: int, plan: Plan) -> int:
    """Of each topic, for the worker with the most processes: a process without one is idle, and
    with one each a slow partition has no neighbour to wait for. Never fewer than the cards say."""
    return max(INGEST.partitions, most * plan.partitions_each)


def need(costs: Costs, rate: float, plan: Plan) -> Need:
    """At so many tickets a second."""
    counts = {name: processes(costs, name, rate, plan) for name in costs.workers}
    written = sum(topic.bytes for topic in costs.topics.values())
    return Need(
        rate,
        counts,
        rate * sum(worker.cpu for worker in costs.workers.values()) / plan.utilisation,
        sum(costs.workers[name].resident * count for name, count in counts.items()) / 1024,
        partitions(max(counts.values()), plan),
        rate * costs.servers["broker"] * plan.replication / plan.utilisation,
        rate * sum(topic.messages for topic in costs.topics.values()),
        rate * written,
        rate * read_bytes(costs),
        rate * retained_bytes(costs) * plan.replication / GIGABYTE,
        rate * costs.servers["database"] / plan.utilisation,
        rate * sum(worker.commands for worker in costs.workers.values()),
        rate * stored_bytes(costs, plan) / GIGABYTE,
    )


def read_bytes(costs: Costs) -> float:
    """Bytes that leave the broker for a ticket: each topic once to the worker it is named after (or
    the upstream), `feedback` also to two more groups. What is said to every process is rare."""
    once = sum(topic.bytes for topic in costs.topics.values())
    return once + len(ALSO_READ_FEEDBACK) * costs.topics[FEEDBACK.name].bytes


def retained_bytes(costs: Costs) -> float:
    """Byte-seconds on the topics for a ticket: times tickets a second, the bytes that lie there."""
    return sum(
        topic.bytes * TOPICS[name].retention.total_seconds() for name, topic in costs.topics.items()
    )


def kept_bytes(costs: Costs) -> float:
    """In the databases, of a ticket."""
    return sum(size for _, size in costs.kept.values())


def stored_bytes(costs: Costs, plan: Plan) -> float:
    """Byte-seconds in the databases for a ticket, like `retained_bytes`."""
    return sum(
        size * DAY * (plan.outcomes_days if name in OUTCOMES else plan.kept_days)
        for name, (_, size) in costs.kept.items()
    )


def core_hours(costs: Costs, plan: Plan) -> float:
    """Of a million tickets, workers, broker and database, at the planned utilisation: what it takes
    when processes follow the load; sized for a peak all day it is so many times more as the peak
    is of the mean."""
    each = sum(worker.cpu for worker in costs.workers.values())
    each += costs.servers["broker"] * plan.replication + costs.servers["database"]
    return MILLION * each / plan.utilisation / HOUR


def cost_of_million(mean: Need, prices: Prices, peak: float) -> dict[str, float]:
    """Of a million tickets that come at the rate of `mean`, sized for a peak so many times as high:
    by `cores`, `memory` and `disk`."""
    hours = MILLION / mean.rate / HOUR
    cores = mean.worker_cores + mean.broker_cores + mean.database_cores
    disk = mean.broker_disk + mean.database_disk
    return {
        "cores": cores * peak * hours * prices.core_hour,
        "memory": mean.memory * peak * hours * prices.memory_hour,
        "disk": disk * hours / MONTH_HOURS * prices.disk_month,
    }
