"""What a ticket was measured to cost, kept in a file: capacity is computed from it."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import TypeAdapter
from pydantic.dataclasses import dataclass

FILE = Path("tests/bench/costs.json")


@dataclass(frozen=True, slots=True)
class WorkerCosts:
    """Of one worker, with one process. `per_wave` and `per_message`: seconds of a batch; `cpu`: CPU
    seconds of a ticket under load; `resident`: MiB; `commands_alone` and `commands`: of the
    database for a ticket at rest and under load."""

    per_wave: float
    per_message: float
    cpu: float
    resident: float
    commands_alone: float
    commands: float


@dataclass(frozen=True, slots=True)
class TopicCosts:
    """Messages and bytes (key, value, headers) of a ticket on a topic."""

    messages: float
    bytes: float


@dataclass(frozen=True, slots=True)
class Costs:
    """Everything. `servers`: CPU seconds of a ticket by `broker` and `database`; `kept`: documents
    and bytes of a ticket by `database.collection`; `at_rest`: seconds of one ticket at rest, p50;
    `together`: tickets a second of all on this machine."""

    measured_on: str
    machine: Sequence[str]
    workers: Mapping[str, WorkerCosts]
    servers: Mapping[str, float]
    topics: Mapping[str, TopicCosts]
    kept: Mapping[str, tuple[float, float]]
    at_rest: float
    together: float

    @property
    def hop(self) -> float:
        """Seconds from a message written until the next worker's batch begins, at rest: what the
        four workers before the reply do not spend in their batches, over their four hops."""
        busy = sum(
            worker.per_wave + worker.per_message
            for name, worker in self.workers.items()
            if name != "feedback"
        )
        return max(0.0, (self.at_rest - busy) / 4)


_ADAPTER = TypeAdapter(Costs)


def read(path: Path = FILE) -> Costs:
    """Raises ValidationError for a file of another shape."""
    return _ADAPTER.validate_json(path.read_bytes())


def write(costs: Costs, path: Path = FILE) -> None:
    path.write_bytes(_ADAPTER.dump_json(costs, indent=1) + b"\n")
