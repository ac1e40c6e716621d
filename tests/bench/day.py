"""A day of very many tickets through the four workers before the reply, simulated. Pure.

What leaves one worker is what comes to the next, so batches that form in one are felt by all after
it. Each hour is a steady stretch of its own: processes are planned for every hour's rate, so no
queue is left over from one hour to the next.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tests.bench.capacity_model import Plan, partitions, processes, service_of
from tests.bench.measured import Costs
from tests.bench.queueing.demand import at_random, daily_profile, hourly_rates
from tests.bench.queueing.simulation import Floats, Station, simulate

BEFORE_REPLY = ("ingest", "classify", "personalize", "generate")
SECONDS = 60.0
"""Simulated of each hour; the first tenth, while queues build up, is left out."""
QUANTILES = (0.5, 0.95, 0.99)


@dataclass(frozen=True, slots=True)
class Day:
    """`processes` by worker and hour; `partitions` of each topic; seconds from a message written
    until it is begun, by worker, and from a ticket published to its reply: p50, p95 and p99 over
    all tickets of the day, and of the peak hour."""

    tickets: float
    rates: Sequence[float]
    processes: Mapping[str, Sequence[int]]
    partitions: int
    waiting: Mapping[str, Sequence[float]]
    reply: Sequence[float]
    reply_at_peak: Sequence[float]


def simulated(costs: Costs, tickets: float, peak: float, plan: Plan, seed: int = 0) -> Day:
    """A day of so many tickets, with `peak` times the mean in its busiest hour."""
    rates = hourly_rates(tickets, daily_profile(peak))
    counts = {
        name: [processes(costs, name, rate, plan) for rate in rates] for name in costs.workers
    }
    shared = partitions(max(max(of_hours) for of_hours in counts.values()), plan)
    random = np.random.default_rng(seed)
    waited: dict[str, list[Floats]] = {name: [] for name in BEFORE_REPLY}
    replied = []
    for hour, rate in enumerate(rates):
        published = at_random(rate, SECONDS, random)
        arrivals, keys = published, random.integers(0, 2**40, len(published))
        kept = published > SECONDS / 10
        order = np.arange(len(published))
        for name in BEFORE_REPLY:
            station = Station(
                service_of(costs.workers[name]),
                counts[name][hour],
                shared,
                plan.batch,
                costs.hop,
            )
            served = simulate(arrivals, keys[order], station)
            waited[name].append(served.waiting[kept[order]])
            # Batches of many processes end in another order than they began.
            place = np.argsort(served.finished, kind="stable")
            arrivals, order = served.finished[place], order[place]
        replied.append((arrivals - published[order])[kept[order]])
    weights = [rate / sum(rates) for rate in rates]
    return Day(
        tickets,
        rates,
        counts,
        shared,
        {name: _quantiles(found, weights) for name, found in waited.items()},
        _quantiles(replied, weights),
        _quantiles([replied[int(np.argmax(rates))]], [1.0]),
    )


def _quantiles(parts: Sequence[Floats], weights: Sequence[float]) -> list[float]:
    """Over all parts together, each with its weight whatever its length."""
    values = np.concatenate(parts)
    weight = np.concatenate(
        [np.full(len(part), share / len(part)) for part, share in zip(parts, weights, strict=True)]
    )
    order = np.argsort(values)
    below = np.cumsum(weight[order])
    places = np.searchsorted(below, [q * below[-1] for q in QUANTILES])
    return [float(value) for value in values[order][np.minimum(places, len(values) - 1)]]
