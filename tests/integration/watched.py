"""A live system under a real Prometheus and a real Alertmanager, with somebody to be called."""

import asyncio
import json
import math
import re
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from deploy.monitoring.files import DEPLOY, RULES
from deploy.runtime.prometheus import Monitor
from tests.component.generate.llm.server import ModelServer, good, status

SHORTER = {"CareloopBacklogOld": ("> 60", "> 4")}
"""Thresholds in seconds that a test cannot wait for, as they stand and as they are tried."""


class Call(NamedTuple):
    """One alert of a notification: whom it was sent to, and what it says."""

    receiver: str
    status: str
    labels: dict[str, str]
    annotations: dict[str, str]


class OnCall:
    """Answers Alertmanager's webhooks; `/page`, `/ticket` are two persons, `/heartbeat` a machine
    elsewhere."""

    def __init__(self) -> None:
        calls: list[Call] = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                for alert in body["alerts"]:
                    told = (alert["status"], alert["labels"], alert["annotations"])
                    calls.append(Call(self.path.strip("/"), *told))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Nothing."""

        self.calls = calls
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def url(self, receiver: str) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/{receiver}"

    def told(self, alert: str, status: str = "firing", **labels: str) -> Call | None:
        """The first such call, if there was one."""
        wanted = {"alertname": alert, **labels}.items()
        found = (c for c in self.calls if c.status == status and wanted <= c.labels.items())
        return next(found, None)

    def __enter__(self) -> "OnCall":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def shortened_rules(folder: Path) -> list[Path]:
    """The rules as they stand, but evaluated every other second, and firing a second later."""
    made = []
    for path in sorted(RULES.glob("*.yml")):
        content = yaml.safe_load(path.read_text("utf-8"))
        for group in content["groups"]:
            group["interval"] = "2s"
            for rule in group["rules"]:
                if "for" in rule:
                    rule["for"] = "1s"
                if (change := SHORTER.get(rule.get("alert", ""))) is not None:
                    assert change[0] in rule["expr"]
                    rule["expr"] = rule["expr"].replace(*change)
        made.append(folder / path.name)
        made[-1].write_text(yaml.safe_dump(content), "utf-8")
    return made


def routing(on_call: OnCall) -> dict[str, Any]:
    """deploy/alertmanager/alertmanager.yml, with addresses in place of their files (which Debian's
    Alertmanager does not know yet), and without patience."""
    text = (DEPLOY / "alertmanager" / "alertmanager.yml").read_text("utf-8")
    for name in ("page", "ticket", "heartbeat"):
        file = f"url_file: /etc/alertmanager/secrets/{name}_url"
        assert file in text
        text = text.replace(file, f"url: {on_call.url(name)}")
    text = re.sub(r"group_wait: \w+", "group_wait: 2s", text)
    text = re.sub(r"group_interval: \w+", "group_interval: 2s", text)
    content: dict[str, Any] = yaml.safe_load(text)
    return content


class Answers:
    """What Prometheus says."""

    def __init__(self, prometheus: Monitor) -> None:
        self._prometheus = prometheus

    def query(self, expr: str) -> list[dict[str, Any]]:
        """The series that `expr` gives now, of values that are numbers."""
        asked = urllib.parse.urlencode({"query": expr})
        answer = self._prometheus.get(f"/api/v1/query?{asked}")
        assert answer["status"] == "success", answer
        found = answer["data"]["result"]
        return [one for one in found if not math.isnan(float(one["value"][1]))]

    def rules(self) -> list[dict[str, Any]]:
        groups = self._prometheus.get("/api/v1/rules")["data"]["groups"]
        return [rule for group in groups for rule in group["rules"]]

    def metadata(self) -> dict[str, Any]:
        """Type and meaning of every metric, by its name."""
        found: dict[str, Any] = self._prometheus.get("/api/v1/metadata")["data"]
        return found

    def firing(self, alert: str, **labels: str) -> bool:
        given = {"alertname": alert, "alertstate": "firing", **labels}
        wanted = ", ".join(f'{name}="{value}"' for name, value in given.items())
        return bool(self.query(f"ALERTS{{{wanted}}}"))


@contextmanager
def language_model() -> Iterator[ModelServer]:
    """A server in a thread of its own. It answers well, but for the first time, until it is told
    otherwise."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    server = ModelServer(status(500), good)
    try:
        asyncio.run_coroutine_threadsafe(server.__aenter__(), loop).result(30)
        yield server
        asyncio.run_coroutine_threadsafe(server.__aexit__(), loop).result(30)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)


def until(true: Callable[[], object], what: str, seconds: float = 90.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"{what}: not within {seconds:.0f} s"
        time.sleep(0.5)
