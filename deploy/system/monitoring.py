"""Prometheus beside the system on this machine, where it is installed."""

from collections.abc import Iterator
from contextlib import contextmanager

from deploy.runtime import RuntimeUnavailable, Say
from deploy.runtime.ports import is_free
from deploy.runtime.prometheus import RULES, Monitor, find_prometheus, prometheus, scraping
from deploy.system.system import System


@contextmanager
def watched(system: System, port: int, say: Say) -> Iterator[None]:
    """Prometheus scrapes the workers of the system as long as this is open: at `port` if that is
    free. Without it, or if it does not start, the system runs all the same."""
    server = _started(system, port, say)
    try:
        yield
    finally:
        if server is not None:
            server.stop()


def _started(system: System, port: int, say: Say) -> Monitor | None:
    program = find_prometheus()
    if program is None:
        say("Prometheus is not installed: nothing is watched (Debian's package: prometheus)")
        return None
    server = prometheus(
        program,
        scraping(
            {name: [f"127.0.0.1:{worker.port}"] for name, worker in system.workers.items()},
            sorted(RULES.glob("*.yml")),
        ),
        system.data / "prometheus",
        port if is_free(port) else None,
    )
    try:
        server.start()
    except RuntimeUnavailable as error:
        say(f"nothing is watched: {error}")
        return None
    say(f"Prometheus watches the workers; figures and alerts are at {server.url}")
    return server
