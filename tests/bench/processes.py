"""What processes of this machine use, as the system counts it."""

from collections.abc import Mapping
from dataclasses import dataclass

import psutil  # type: ignore[import-untyped]

from deploy.runtime import Runtime
from deploy.system import System

MEBIBYTE = 1024 * 1024


def cpu_seconds(pid: int) -> float:
    """Of all its threads since it began, its own and the system's on its behalf."""
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


def resident_megabytes(pid: int) -> float:
    """Resident memory in MiB."""
    return float(psutil.Process(pid).memory_info().rss) / MEBIBYTE


def listening_on(address: str) -> int | None:
    """The process that listens on `host:port` of this machine; None if that cannot be seen, as in
    a container."""
    port = int(address.rsplit(":", 1)[1])
    for connection in psutil.net_connections("tcp"):
        if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port:
            return int(connection.pid) if connection.pid else None
    return None


def servers_of(runtime: Runtime) -> dict[str, int]:
    """The processes of `broker` and `database`, as far as they run here."""
    mongo = runtime.endpoints.mongo.removeprefix("mongodb://").partition("/")[0]
    addresses = {"broker": runtime.endpoints.kafka, "database": mongo}
    found = {name: listening_on(address) for name, address in addresses.items()}
    return {name: pid for name, pid in found.items() if pid is not None}


def everything_of(system: System) -> dict[str, int]:
    """The processes of the workers by their labels, and `broker` and `database`."""
    workers = {name: process.pid for name, process in system.workers.items()}
    return workers | servers_of(system.runtime)


@dataclass(frozen=True, slots=True)
class Spent:
    """CPU seconds of processes at a moment."""

    seconds: Mapping[str, float]

    @classmethod
    def now(cls, pids: Mapping[str, int]) -> "Spent":
        return cls({name: cpu_seconds(pid) for name, pid in pids.items()})

    def since(self, before: "Spent") -> dict[str, float]:
        """CPU seconds of each between two moments."""
        return {name: spent - before.seconds[name] for name, spent in self.seconds.items()}
