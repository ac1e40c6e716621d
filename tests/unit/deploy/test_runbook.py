"""The runbook: every alert has its section, and what a section says to type exists."""

import re
import shlex
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest
import yaml

from deploy.monitoring.dashboards.runbook import sections
from deploy.system import WORKERS
from tests.unit.deploy.kit import ROOT, compose
from tests.unit.deploy.monitoring_kit import alerts, programs, run

SECTIONS = sections()
WHOLE = "\n".join(SECTIONS.values())
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)
INLINE = re.compile(r"`([^`]+)`")
SETTING = re.compile(r"`([A-Z][A-Z_]{5,})(?:=\w+)?`")


def blocks(kind: str) -> list[str]:
    """Lines of the fenced blocks of a kind."""
    return [
        line
        for name, body in BLOCK.findall(WHOLE)
        if name == kind
        for line in body.splitlines()
        if line
    ]


def commands(first: str) -> list[str]:
    """Command lines that begin so, in blocks and in the text; `X` stands for any."""
    inline = [one.replace("\n", " ") for one in INLINE.findall(BLOCK.sub("", WHOLE))]
    found = [line for line in [*blocks("sh"), *inline] if line.startswith(first)]
    return sorted({line for line in found if ".X" not in line})


def test_every_alert_has_a_section_and_every_section_an_alert() -> None:
    assert SECTIONS.keys() - {"First moves"} == alerts().keys()


@pytest.mark.parametrize("name", alerts())
def test_a_section_says_how_bad_it_is_and_for_whom(name: str) -> None:
    section = SECTIONS[name]
    assert section.startswith(f"{alerts()[name]['labels']['severity']}. ")
    assert "ustomer" in section
    assert "**" in section or name == "CareloopDeadLetters"


@cache
def help_of(*words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *words, "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("line", commands("python -m"))
def test_a_python_command_has_its_options(line: str) -> None:
    _, _, module, *rest = shlex.split(line)
    inside = rest[:1] if rest and not rest[0].startswith("-") else []
    said = help_of(module, *inside)
    for option in (word for word in rest if word.startswith("--")):
        assert option in said, f"{module} knows no {option}"


@pytest.mark.parametrize("line", commands("make "))
def test_a_make_target_exists(line: str) -> None:
    assert re.search(rf"^{line.split()[1]}:", MAKEFILE, re.MULTILINE)


@pytest.mark.parametrize("line", commands("docker compose"))
def test_a_compose_command_names_services_that_exist(line: str) -> None:
    words = shlex.split(line.partition("|")[0])
    services = compose()["services"].keys()
    named = [word for word in words if word in services]
    scaled = [word.partition("=")[0] for word in words if re.fullmatch(r"[a-z]+=\d+", word)]
    assert set(scaled) <= set(WORKERS)
    assert named or scaled or words[2:] == ["ps"], line


def test_what_is_scaled_does_not_exceed_partitions() -> None:
    assert "has partitions (6)" in SECTIONS["First moves"].replace("\n", " ")


def test_queries_are_promql(tmp_path: Path) -> None:
    asked = blocks("promql")
    assert len(asked) > 20
    rules = [{"record": f"asked:{number}", "expr": expr} for number, expr in enumerate(asked)]
    file = tmp_path / "asked.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "asked", "rules": rules}]}), "utf-8")
    run(programs().promtool, "check", "rules", file)


def known_settings() -> set[str]:
    """Variables some settings.py reads; a prefix stands before those of the language model."""
    found: set[str] = set()
    for path in [*(ROOT / "services").rglob("settings.py"), ROOT / "shared" / "settings.py"]:
        text = path.read_text("utf-8")
        prefix = re.search(r'env_prefix="(\w+)"', text)
        names = re.findall(r"^    ([a-z_]+): ", text, re.MULTILINE)
        found |= {((prefix[1] if prefix else "") + name).upper() for name in names}
    return found


def test_settings_that_are_named_exist() -> None:
    named = {name for name in SETTING.findall(WHOLE) if name not in ELSEWHERE}
    assert len(named) > 10
    assert named - known_settings() == set()


ELSEWHERE: Mapping[str, str] = {
    "KAFKA_BOOTSTRAP_SERVERS": "every command",
    "MONGO_URL": "every command",
}
