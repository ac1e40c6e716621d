"""Which way imports go, and where the database's library may be imported."""

import ast
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINT = Path(sys.executable).with_name("lint-imports")
PACKAGES = ("services", "shared", "deploy", "tests")
DATABASE = {"motor", "pymongo", "bson"}

BROKEN_BY = {
    "The five workers never import each other": (
        "services/ingest/domain/emails.py",
        "import services.feedback.domain.binomial",
    ),
    "shared uses neither services, deploy nor tests": ("shared/ids.py", "import deploy.topics"),
    "Services use neither deploy nor tests": ("services/classify/ports.py", "import tests"),
    "deploy does not use tests": ("deploy/topics.py", "import tests"),
    "Domains are pure: no I/O, no framework, nothing of what surrounds them": (
        "services/feedback/domain/verdicts.py",
        "import services.feedback.ports; import time",
    ),
}


def lint(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [str(LINT), "--no-logo", *options]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_imports_go_one_way() -> None:
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout
    assert f"{len(BROKEN_BY)} kept, 0 broken" in done.stdout


def test_every_import_rule_notices_when_it_is_broken(tmp_path: Path) -> None:
    """A rule that a typo has switched off would be kept here, too."""
    shutil.copy(ROOT / ".importlinter", tmp_path)
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            copied = tmp_path / path.relative_to(ROOT)
            copied.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, copied)
    for name, line in BROKEN_BY.values():
        with (tmp_path / name).open("a", encoding="utf-8") as file:
            file.write(f"\n{line}\n")
    done = lint(tmp_path, "--no-cache")
    assert done.returncode == 1
    for rule in BROKEN_BY:
        assert f"{rule} BROKEN" in done.stdout, done.stdout


@pytest.mark.parametrize("package", ["services", "shared", "deploy"])
def test_the_database_is_imported_in_files_named_mongo_only(package: str) -> None:
    found = {
        str(path.relative_to(ROOT))
        for path in (ROOT / package).rglob("*.py")
        if path.name != "mongo.py" and DATABASE & set(imported(path))
    }
    assert found == set()


def imported(path: Path) -> Iterator[str]:
    """The top packages a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"), str(path))):
        if isinstance(node, ast.Import):
            yield from (name.name.partition(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").partition(".")[0]
