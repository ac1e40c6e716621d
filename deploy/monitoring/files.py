"""The files that Grafana and Prometheus read, as they have to be."""

import json
from collections.abc import Mapping
from pathlib import Path

from deploy.monitoring.dashboards import boards
from deploy.monitoring.rule import rules_file
from deploy.monitoring.rules import GROUPS

DEPLOY = Path(__file__).parents[1]
DASHBOARDS = DEPLOY / "grafana" / "dashboards"
RULES = DEPLOY / "prometheus" / "rules"
NOTE = "# Written by `python -m deploy.monitoring write` from deploy/monitoring/rules.\n"


def wanted() -> Mapping[Path, str]:
    """The content of each file."""
    dashboards = {
        DASHBOARDS / f"{uid}.json": json.dumps(board.json(), indent=1, ensure_ascii=False) + "\n"
        for uid, board in boards().items()
    }
    rules = {RULES / f"{name}.yml": NOTE + rules_file(groups) for name, groups in GROUPS.items()}
    return dashboards | rules


def write() -> list[Path]:
    """Make the files as they have to be; those that changed or went."""
    changed = outdated()
    content = wanted()
    for path in changed:
        if path in content:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content[path], "utf-8")
        else:
            path.unlink()
    return changed


def outdated() -> list[Path]:
    """Files that are missing, differ, or that nothing here makes."""
    content = wanted()
    there = {*DASHBOARDS.glob("*.json"), *RULES.glob("*.yml")}
    differing = {
        path for path, text in content.items() if path not in there or path.read_text() != text
    }
    return sorted(differing | (there - content.keys()))
