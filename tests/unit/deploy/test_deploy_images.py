"""The images: each worker has its own code and packages and no other's."""

import json
import os
import re
import shlex
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from deploy.lock import LockError, find_uv
from tests.unit.deploy.kit import ROOT, WORKERS, Stages

STAGES = Stages()


@pytest.mark.parametrize("worker", WORKERS)
def test_a_worker_has_shared_and_its_own_code_alone(worker: str) -> None:
    assert STAGES.copied(worker) == ["shared", "services/__init__.py", f"services/{worker}"]


@pytest.mark.parametrize("worker", WORKERS)
def test_a_worker_has_the_packages_of_its_own_lock(worker: str) -> None:
    assert STAGES.copied(f"{worker}-packages") == [f"deploy/locks/{worker}.txt"]
    copies = [rest for word, rest in STAGES.all_of(worker) if word == "COPY"]
    assert f"--from={worker}-packages /venv /venv" in copies


@pytest.mark.parametrize("stage", sorted(STAGES.instructions))
def test_packages_are_installed_by_hash_and_never_built(stage: str) -> None:
    installs = [rest for _, rest in STAGES.all_of(stage) if "pip install" in rest]
    assert all("--require-hashes" in line and "--only-binary :all:" in line for line in installs)


@pytest.mark.parametrize("worker", [*WORKERS, "tools"])
def test_nothing_runs_as_root(worker: str) -> None:
    users = [rest for word, rest in STAGES.all_of(worker) if word == "USER"]
    assert users == ["careloop"]


@pytest.mark.parametrize("worker", WORKERS)
def test_a_worker_is_started_directly_so_that_it_gets_the_signals(worker: str) -> None:
    starts = [rest for word, rest in STAGES.all_of(worker) if word == "ENTRYPOINT"]
    assert [json.loads(line) for line in starts] == [["python", "-m", f"services.{worker}"]]


def test_only_those_who_load_models_carry_them() -> None:
    carriers = {
        stage
        for stage in (*WORKERS, "tools")
        if any(rest == "--from=models /models /models" for _, rest in STAGES.all_of(stage))
    }
    assert carriers == {"classify", "generate"}


@pytest.mark.parametrize("stage", sorted(STAGES.instructions))
def test_what_is_copied_is_there(stage: str) -> None:
    assert all((ROOT / path).exists() for path in STAGES.copied(stage))


@pytest.mark.parametrize(("status", "healthy"), [(200, True), (503, False)])
def test_the_health_check_asks_livez(status: int, healthy: bool) -> None:
    asked = []

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(status)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            return

    (check,) = [rest for word, rest in STAGES.all_of("ingest") if word == "HEALTHCHECK"]
    command = json.loads(check.partition(" CMD ")[2])
    assert command[0] == "python"
    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        environment = os.environ | {"HTTP_PORT": str(server.server_port)}
        done = subprocess.run(
            [sys.executable, *command[1:]], env=environment, capture_output=True, check=False
        )
        server.shutdown()
    assert asked == ["/livez"]
    assert (done.returncode == 0) is healthy


def installer(python: Path) -> list[str]:
    """`pip install` for that Python: uv's where it is, since it keeps what it once fetched."""
    try:
        return [find_uv(), "pip", "install", "--python", str(python)]
    except LockError:
        return [str(python), "-m", "pip", "install"]


@pytest.mark.slow
@pytest.mark.parametrize("worker", ["personalize", "ingest"])
def test_a_worker_starts_with_nothing_but_what_its_image_has(worker: str, tmp_path: Path) -> None:
    """Install and copy what the Dockerfile says, and load the worker from it."""
    (install,) = [rest for _, rest in STAGES.instructions[f"{worker}-packages"] if "pip" in rest]
    words = shlex.split(re.sub(r"--mount=\S+", "", install))
    assert words[:2] == ["pip", "install"]
    words[words.index("/tmp/lock.txt")] = str(ROOT / "deploy" / "locks" / f"{worker}.txt")
    python = tmp_path / "venv" / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", str(python.parent.parent)], check=True)
    subprocess.run([*installer(python), *words[2:], "--quiet"], check=True)
    app = tmp_path / "app"
    for path in STAGES.copied(worker):
        target = app / path
        target.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["cp", "-r", str(ROOT / path), str(target)], check=True)
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": ""}
    code = f"import services.{worker}.main as m; print(m.__file__)"
    done = subprocess.run(
        [str(python), "-c", code], cwd=app, env=environment, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout.decode().strip() == str(app / "services" / worker / "main.py")
