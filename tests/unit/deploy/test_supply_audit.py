"""The audit: what an advisory service tells, and that silence is never taken for good news."""

import json
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from deploy.runtime.ports import free_ports
from deploy.supply import __main__ as command
from deploy.supply.audit import Audit, Unreachable, Weakness, audit, found_in

HASH = "0" * 64
ADVISORY = {
    "id": "PYSEC-2099-1",
    "aliases": ["CVE-2099-1"],
    "summary": "It leaks.",
    "affected": [
        {
            "package": {"name": "leaky", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.1"}]}],
        }
    ],
}


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    path = tmp_path / "lock.txt"
    lines = [f"{pin} \\\n    --hash=sha256:{HASH}\n" for pin in ("leaky==1.0", "sound==2.0")]
    path.write_text("".join(lines), "utf-8")
    return path


@contextmanager
def service(status: int = 200) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """An OSV service that knows of one weakness; its address, and what it was asked about."""
    asked: list[tuple[str, str]] = []

    class Osv(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            asked.append((query["package"]["name"], query["version"]))
            known = {"vulns": [ADVISORY]} if query["package"]["name"] == "leaky" else {}
            body = json.dumps(known).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Osv) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/v1/query", asked
        server.shutdown()


def test_a_known_weakness_is_found_with_the_version_that_mends_it(lock: Path) -> None:
    with service() as (url, asked):
        found = audit(osv_url=url, lock=lock)
    assert sorted(asked) == [("leaky", "1.0"), ("sound", "2.0")]
    assert found == Audit(2, (Weakness("leaky", "1.0", "PYSEC-2099-1", ("1.1",)),))


def test_an_advisory_that_does_not_concern_us_is_passed_over(lock: Path) -> None:
    with service() as (url, _):
        assert audit(["PYSEC-2099-1"], url, lock) == Audit(2, ())


def test_who_cannot_be_reached_told_nothing(lock: Path) -> None:
    (port,) = free_ports(1)
    with pytest.raises(Unreachable, match="nothing was audited"):
        audit(osv_url=f"http://127.0.0.1:{port}/v1/query", lock=lock)


def test_who_answers_with_an_error_told_nothing(lock: Path) -> None:
    with service(503) as (url, _), pytest.raises(Unreachable, match="nothing was audited"):
        audit(osv_url=url, lock=lock)


def test_a_package_that_was_skipped_is_not_taken_for_sound() -> None:
    with pytest.raises(Unreachable, match="odd was not audited: no such version"):
        found_in({"dependencies": [{"name": "odd", "skip_reason": "no such version"}]})


def test_not_knowing_has_an_exit_code_of_its_own(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of the lock itself, as the scheduled check runs it."""
    (port,) = free_ports(1)
    url = f"http://127.0.0.1:{port}/v1/query"
    monkeypatch.setattr(sys, "argv", ["supply", "audit", "--osv-url", url])
    assert command.main() == 3
    assert "nothing was audited" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("found", "code", "words"),
    [
        (Audit(2, (Weakness("leaky", "1.0", "PYSEC-2099-1", ()),)), 1, "no version yet"),
        (Audit(2, ()), 0, "2 packages, 0 known weaknesses"),
    ],
)
def test_the_exit_code_says_whether_something_was_found(
    found: Audit,
    code: int,
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(command, "audit", lambda _passed, _url: found)
    monkeypatch.setattr(sys, "argv", ["supply", "audit"])
    assert command.main() == code
    assert words in capsys.readouterr().out
