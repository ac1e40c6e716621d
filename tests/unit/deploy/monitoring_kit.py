"""Prometheus' own tools for tests, and the rules as they are written."""

import functools
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.monitoring.files import RULES
from deploy.runtime import RuntimeUnavailable
from deploy.runtime.prometheus import Programs, find_or_fetch

HERE = Path(__file__).parent


def programs() -> Programs:
    """Prometheus and what comes with it; the test is skipped where they cannot be had."""
    found = _looked_for()
    if isinstance(found, str):
        pytest.skip(found)
    return found


@functools.cache
def _looked_for() -> Programs | str:
    try:
        return find_or_fetch(print)
    except RuntimeUnavailable as error:
        return str(error)


def run(*command: object) -> str:
    """What the command says; it must succeed."""
    done = subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


@functools.cache
def rules() -> tuple[Mapping[str, Any], ...]:
    """Every rule of every file."""
    return tuple(
        rule
        for path in sorted(RULES.glob("*.yml"))
        for group in yaml.safe_load(path.read_text("utf-8"))["groups"]
        for rule in group["rules"]
    )


@functools.cache
def alerts() -> Mapping[str, Mapping[str, Any]]:
    """Alerts by their name."""
    return {rule["alert"]: rule for rule in rules() if "alert" in rule}
