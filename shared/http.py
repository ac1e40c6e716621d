"""The worker's HTTP side: alive, ready, metrics, and what it reads and writes."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import orjson
import uvicorn
from faststream.asgi import AsgiResponse, get
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

Check = Callable[[], str | None]
"""Says what is wrong, or None when all is well."""


class Health:
    """What must hold for the worker to be ready, and to be alive."""

    def __init__(self) -> None:
        self._ready: dict[str, Check] = {}
        self._alive: dict[str, Check] = {}

    def ready_when(self, name: str, check: Check) -> None:
        self._ready[name] = check

    def alive_when(self, name: str, check: Check) -> None:
        self._alive[name] = check

    def unready(self) -> dict[str, str]:
        """What keeps the worker from being ready, by name; empty when it is."""
        return _failing(self._ready)

    def dead(self) -> dict[str, str]:
        """What shows that the worker will not recover by itself; empty when it may."""
        return _failing(self._alive)


def _failing(checks: dict[str, Check]) -> dict[str, str]:
    found = ((name, check()) for name, check in checks.items())
    return {name: problem for name, problem in found if problem is not None}


def routes(health: Health) -> list[tuple[str, Any]]:
    """ASGI routes of `/livez`, `/readyz` and `/metrics`."""

    def answer(problems: dict[str, str]) -> AsgiResponse:
        body = {"status": "failing" if problems else "ok", "problems": problems}
        status = 503 if problems else 200
        return AsgiResponse(orjson.dumps(body), status, {"content-type": "application/json"})

    @get
    async def livez(_scope: Any) -> AsgiResponse:
        return answer(health.dead())

    @get
    async def readyz(_scope: Any) -> AsgiResponse:
        return answer(health.unready())

    @get
    async def metrics(_scope: Any) -> AsgiResponse:
        return AsgiResponse(generate_latest(), 200, {"content-type": CONTENT_TYPE_LATEST})

    return [("/livez", livez), ("/readyz", readyz), ("/metrics", metrics)]


class Server(uvicorn.Server):
    """Serves HTTP beside the worker, which alone listens to signals."""

    def __init__(self, app: Any, host: str, port: int) -> None:
        options: dict[str, Any] = {"log_config": None, "lifespan": "off", "access_log": False}
        super().__init__(uvicorn.Config(app, host=host, port=port, **options))

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
