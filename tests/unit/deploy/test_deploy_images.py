"""The images: each worker has its own code and packages and no other's."""

import json
import os
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from services.feedback.schedule import BEAT_SECONDS
from tests.unit.deploy.kit import JOBS, ROOT, WORKERS, Stages

STAGES = Stages()


@pytest.mark.parametrize("worker", WORKERS)
def test_a_worker_has_shared_and_its_own_code_alone(worker: str) -> None:
    assert STAGES.copied(worker) == ["shared", "services/__init__.py", f"services/{worker}"]


def test_a_job_has_the_code_that_it_runs_and_no_other() -> None:
    first = ["shared", "services/__init__.py"]
    assert STAGES.copied("insights") == [*first, "services/feedback"]
    training = ["services/classify", "services/feedback", "deploy/__init__.py", "deploy/models.py"]
    assert STAGES.copied("trainer") == [*first, *training, "deploy/retraining"]


@pytest.mark.parametrize("worker", [*WORKERS, *JOBS.values()])
def test_a_worker_has_the_packages_of_its_own_lock(worker: str) -> None:
    assert STAGES.copied(f"{worker}-packages") == [f"deploy/locks/{worker}.txt"]
    copies = [rest for word, rest in STAGES.all_of(worker) if word == "COPY"]
    assert f"--from={worker}-packages /venv /venv" in copies


@pytest.mark.parametrize("stage", sorted(STAGES.instructions))
def test_packages_are_installed_by_hash_and_never_built(stage: str) -> None:
    installs = [rest for _, rest in STAGES.all_of(stage) if "pip install" in rest]
    assert all("--require-hashes" in line and "--only-binary :all:" in line for line in installs)


@pytest.mark.parametrize("worker", [*WORKERS, *JOBS.values(), "tools"])
def test_nothing_runs_as_root(worker: str) -> None:
    """By number: Kubernetes refuses a name where it has to know that it is not root's."""
    users = [rest for word, rest in STAGES.all_of(worker) if word == "USER"]
    (made,) = [rest for _, rest in STAGES.all_of(worker) if rest.startswith("useradd")]
    assert users == ["10001"]
    assert made.endswith("--uid 10001 --no-create-home careloop")


@pytest.mark.parametrize("worker", WORKERS)
def test_a_worker_is_started_directly_so_that_it_gets_the_signals(worker: str) -> None:
    starts = [rest for word, rest in STAGES.all_of(worker) if word == "ENTRYPOINT"]
    assert [json.loads(line) for line in starts] == [["python", "-m", f"services.{worker}"]]


@pytest.mark.parametrize("job", JOBS.values())
def test_a_job_goes_on_and_is_done_once_when_asked(job: str) -> None:
    """What follows the entry point may be replaced: `docker compose run --rm retraining --now`."""
    last = dict(STAGES.all_of(job))
    modules = {"trainer": "deploy.retraining", "insights": "services.feedback.insights"}
    assert json.loads(last["ENTRYPOINT"]) == ["python", "-m", modules[job]]
    assert json.loads(last["CMD"])[0] == "--every"


def test_only_those_who_load_models_carry_them() -> None:
    carriers = {
        stage
        for stage in (*WORKERS, *JOBS.values(), "tools")
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


@pytest.mark.parametrize(("age", "healthy"), [(0, True), (50, True), (70, False), (None, False)])
@pytest.mark.parametrize("job", JOBS.values())
def test_a_job_is_healthy_while_its_schedule_shows_that_it_lives(
    job: str, age: float | None, healthy: bool, tmp_path: Path
) -> None:
    assert BEAT_SECONDS * 3 < 60, "a late beat is not an illness"
    (check,) = [rest for word, rest in STAGES.all_of(job) if word == "HEALTHCHECK"]
    command = json.loads(check.partition(" CMD ")[2])
    beat = tmp_path / "heartbeat"
    if age is not None:
        beat.touch()
        os.utime(beat, (time.time() - age,) * 2)
    environment = os.environ | {"HEARTBEAT_FILE": str(beat)}
    done = subprocess.run(
        [sys.executable, *command[1:]], env=environment, capture_output=True, check=False
    )
    assert (done.returncode == 0) is healthy
