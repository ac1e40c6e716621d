"""A collector that is away, or takes everything and never answers, costs a worker nothing."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from deploy.runtime.ports import free_ports
from tests.integration.samples import accepted
from tests.integration.stage import Stage


@contextmanager
def silent() -> Iterator[int]:
    """A port where everybody is let in and nobody is answered."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        guests: list[socket.socket] = []

        def let_in() -> None:
            while True:
                try:
                    guests.append(server.accept()[0])
                except OSError:
                    return

        threading.Thread(target=let_in, daemon=True).start()
        try:
            yield server.getsockname()[1]
        finally:
            server.shutdown(socket.SHUT_RDWR)
            for guest in guests:
                guest.close()


@contextmanager
def nobody() -> Iterator[int]:
    yield free_ports(1)[0]


@pytest.mark.parametrize("collector", [nobody, silent])
async def test_a_worker_works_and_stops_as_if_there_were_none(
    stage: Stage, collector: Callable[[], AbstractContextManager[int]]
) -> None:
    with collector() as port:
        worker = stage.start(
            OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{port}",
            OTEL_BSP_SCHEDULE_DELAY="100",
        )
        await worker.says("ready")
        # More than may wait for a collector.
        await stage.publish("classify", [accepted(f"T{n}", 1) for n in range(5_000)])
        records = await stage.read_until("personalize", 5_000)
        assert len(records) == 5_000
        assert await stage.read("classify.dlq") == []
        started = time.monotonic()
        assert worker.terminate() == 0
        # Three seconds for spans, and what the drain of Kafka's side takes.
        assert time.monotonic() - started < 10.0
        log = worker.log
        if collector is nobody:
            assert log.count("spans cannot be exported") == 1
        assert "Traceback" not in log
