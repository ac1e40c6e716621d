"""The Dockerfile by the rules of hadolint (https://github.com/hadolint/hadolint)."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

DOCKERFILE = Path(__file__).resolve().parents[2] / "deploy" / "Dockerfile"
LINTER = shutil.which("hadolint", path=str(Path(sys.executable).parent)) or shutil.which("hadolint")

pytestmark = pytest.mark.skipif(LINTER is None, reason="hadolint is not installed: make setup")


def findings(dockerfile: Path) -> list[str]:
    done = subprocess.run(
        [str(LINTER), "--format", "json", "--no-color", str(dockerfile)],
        capture_output=True,
        text=True,
        check=False,
    )
    return [
        f"{found['line']} {found['code']} {found['message']}" for found in json.loads(done.stdout)
    ]


def test_nothing_is_found_and_nothing_is_passed_over() -> None:
    assert findings(DOCKERFILE) == []
    assert "hadolint ignore" not in DOCKERFILE.read_text("utf-8")


@pytest.mark.parametrize(
    ("was", "becomes", "rule"),
    [
        ("FROM ${PYTHON_IMAGE}", "FROM python:latest", "DL3007"),
        ("USER 10001", "USER careloop", "DL3066"),
        ("WORKDIR /app", "WORKDIR app", "DL3000"),
        ('CMD ["--every"]', "CMD --every", "DL3025"),
    ],
)
def test_a_slip_is_found(was: str, becomes: str, rule: str, tmp_path: Path) -> None:
    text = DOCKERFILE.read_text("utf-8")
    assert was in text
    slipped = tmp_path / "Dockerfile"
    slipped.write_text(text.replace(was, becomes), "utf-8")
    assert any(f" {rule} " in f" {line} " for line in findings(slipped))
