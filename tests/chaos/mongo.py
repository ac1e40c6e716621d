"""The databases between two faults, and a look at every write on its way."""

from collections.abc import Callable

from pymongo import monitoring

from deploy.system import WORKERS
from tests.e2e.mongo import connected

WRITES = frozenset(("insert", "update", "delete", "findAndModify", "findandmodify", "bulkWrite"))


def empty(url: str, *databases: str) -> None:
    """Drop these databases; without a name those of the five workers."""
    with connected(url) as client:
        for name in databases or WORKERS:
            client.drop_database(name)


class _Writes(monitoring.CommandListener):
    def __init__(self, before: Callable[[], None]) -> None:
        self._before = before

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        if event.command_name in WRITES:
            self._before()

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        """Too late to be before."""

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        """Too late to be before."""


def watch_writes(before: Callable[[], None]) -> None:
    """Have `before` called before each write of this process goes out; first thing to do."""
    monitoring.register(_Writes(before))
