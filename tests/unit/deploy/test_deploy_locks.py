"""The locks: one version of everything, everywhere, with hashes, and no worker with a stranger."""

import itertools
import re
import tomllib
from pathlib import Path

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from deploy.lock import FOLDER, PARTS, PROJECT, LockError, find_uv, versions_of
from services import __path__ as services_path

LOCKS = sorted(path.stem for path in FOLDER.glob("*.txt"))
PYTHONS = ("3.11", "3.12")
PLATFORMS = (("linux", "x86_64"), ("linux", "aarch64"), ("darwin", "arm64"), ("win32", "AMD64"))
MACHINES = tuple(itertools.product(PYTHONS, PLATFORMS))
HEAVY = frozenset({"torch", "transformers", "onnx", "onnxruntime", "tokenizers", "scikit-learn"})


def text_of(lock: str) -> str:
    return (FOLDER / f"{lock}.txt").read_text("utf-8")


def installed(lock: str, python: str, platform: str, machine: str) -> dict[str, str]:
    """Package and version, as the lock installs them on such a machine."""
    environment = {
        "python_version": python,
        "python_full_version": f"{python}.0",
        "sys_platform": platform,
        "platform_machine": machine,
        "platform_python_implementation": "CPython",
        "implementation_name": "cpython",
    }
    pins: dict[str, str] = {}
    for line in versions_of(text_of(lock)).splitlines():
        pin, _, marker = line.partition(" ; ")
        if not marker or Marker(marker).evaluate(environment):
            name, _, version = pin.partition("==")
            assert name not in pins, f"{lock}: {name} twice"
            pins[name] = version
    return pins


def on_linux(lock: str) -> dict[str, str]:
    return installed(lock, "3.11", "linux", "x86_64")


def requirements(*extras: str) -> list[Requirement]:
    """What pyproject.toml asks for, extras of our own resolved."""
    project = tomllib.loads(PROJECT.read_text("utf-8"))["project"]
    found: list[Requirement] = []
    open_lines = [*project["dependencies"]]
    for extra in extras:
        open_lines += project["optional-dependencies"][extra]
    while open_lines:
        requirement = Requirement(open_lines.pop())
        if requirement.name == project["name"]:
            for extra in requirement.extras:
                open_lines += project["optional-dependencies"][extra]
        else:
            found.append(requirement)
    return found


def test_every_worker_has_a_lock() -> None:
    (folder,) = services_path
    workers = {path.parent.name for path in Path(folder).glob("*/main.py")}
    assert len(workers) == 5
    assert workers | {"insights", "trainer", "train", "dev", "tools", "uv"} == set(LOCKS)


@pytest.mark.parametrize("lock", LOCKS)
def test_everything_has_a_version_and_hashes_and_no_address(lock: str) -> None:
    text = text_of(lock)
    blocks = re.split(r"\n(?=\S)", text.strip())
    assert blocks and all(
        re.fullmatch(
            r"[a-z0-9._-]+==\S+( ; [^\\\n]+)?( \\\n    --hash=sha256:[0-9a-f]{64})+", block
        )
        for block in blocks
    )
    assert "://" not in text and "@" not in text


@pytest.mark.parametrize(("python", "platform"), MACHINES)
def test_a_package_has_one_version_wherever_it_is_installed(
    python: str, platform: tuple[str, str]
) -> None:
    whole = installed("dev", python, *platform)
    for lock in {*LOCKS} - {"uv"}:
        part = installed(lock, python, *platform)
        assert part.items() <= whole.items(), lock


@pytest.mark.parametrize("lock", [*PARTS, "dev"])
def test_a_lock_holds_what_pyproject_asks_for(lock: str) -> None:
    pins = on_linux(lock)
    for requirement in requirements(lock):
        version = pins.get(canonicalize_name(requirement.name))
        assert version is not None, f"{requirement} is not in {lock}: make lock"
        assert requirement.specifier.contains(version, prereleases=True), (
            f"{requirement}: make lock"
        )


def test_the_tools_have_what_they_import_and_no_database() -> None:
    pins = on_linux("tools")
    assert {"kafka-python", "crc32c", "rich", "pydantic"} <= pins.keys()
    assert not {"secantusdb", "testcontainers", "docker"} & pins.keys()


@pytest.mark.parametrize("worker", ["ingest", "personalize", "feedback"])
def test_workers_without_a_model_install_none_of_its_tools(worker: str) -> None:
    assert not HEAVY & on_linux(worker).keys()


def test_what_only_reports_and_training_need_is_not_in_the_feedback_worker() -> None:
    pins = on_linux("feedback")
    assert "numpy" in pins
    assert not {"scipy", "scikit-learn", "jinja2", "markupsafe"} & pins.keys()


@pytest.mark.parametrize("lock", ["classify", "generate", "trainer", "train"])
def test_models_are_served_and_made_without_torch(lock: str) -> None:
    pins = on_linux(lock)
    assert "onnxruntime" in pins
    assert not {"torch", "transformers"} & pins.keys()


def test_the_jobs_install_what_they_use_and_nothing_to_make_models_from_nothing() -> None:
    insights, trainer = on_linux("insights"), on_linux("trainer")
    assert {"jinja2", "scikit-learn", "motor", "aiokafka"} <= insights.keys()
    assert not {"onnx", "onnxruntime", "tokenizers", "torch"} & insights.keys()
    assert {"onnxruntime", "scikit-learn", "motor", "aiokafka"} <= trainer.keys()
    assert not {"implicit", "bm25s", "jinja2", "torch"} & trainer.keys()


def test_without_uv_the_message_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    with pytest.raises(LockError, match=r"pip install --require-hashes -r deploy/locks/uv\.txt"):
        find_uv()
