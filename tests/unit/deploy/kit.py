"""Reading the Dockerfile and the Compose file."""

import shlex
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[3]
WORKERS = ("ingest", "classify", "personalize", "generate", "feedback")
JOBS = {"retraining": "trainer", "insights": "insights"}
"""The services of the Compose file that do something every so often, with their images."""

WATCHERS = {"prometheus": 9090, "alertmanager": 9093, "grafana": 3000}
"""The services that watch the others, with the ports they listen on."""


def compose() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
    return content


def mounts(service: str) -> dict[str, tuple[str, bool]]:
    """Where the service mounts which volume or path, and whether it may write there."""
    found = {}
    for given in compose()["services"][service].get("volumes", ()):
        if isinstance(given, str):
            source, target, *options = given.split(":")
            assert options in ([], ["ro"])
            found[target] = (source, not options)
        else:
            assert given["type"] == "volume"
            found[given["target"]] = (given["source"], not given.get("read_only", False))
    return found


class Stages:
    """The stages of the Dockerfile: for each its instructions, and what it is made from; and the
    arguments of the whole file with their defaults."""

    def __init__(self) -> None:
        self.instructions: dict[str, list[tuple[str, str]]] = {}
        self.parent: dict[str, str] = {}
        text = (ROOT / "deploy" / "Dockerfile").read_text("utf-8")
        lines = [line for line in text.splitlines() if not line.startswith("#")]
        name = ""
        self.arguments: dict[str, str] = {}
        for line in "\n".join(lines).replace("\\\n", " ").splitlines():
            word, _, rest = line.strip().partition(" ")
            if word == "FROM":
                parent, _, name = rest.partition(" AS ")
                self.parent[name], self.instructions[name] = parent, []
            elif word == "ARG" and not name:
                argument, _, default = rest.partition("=")
                self.arguments[argument] = default
            elif word:
                self.instructions[name].append((word, rest.strip()))

    def all_of(self, stage: str) -> list[tuple[str, str]]:
        """The instructions of a stage and of those it is made from, in order."""
        if stage not in self.instructions:
            return []
        return [*self.all_of(self.parent[stage]), *self.instructions[stage]]

    def copied(self, stage: str) -> list[str]:
        """What is copied from the repository into the stage and those it is made from."""
        found: list[str] = []
        for word, rest in self.all_of(stage):
            if word == "COPY" and not rest.startswith("--from"):
                found += shlex.split(rest)[:-1]
        return found
