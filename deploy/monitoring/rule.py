"""Prometheus' rules: what is recorded, and what somebody is told of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import yaml

Severity = Literal["page", "ticket", "heartbeat"]
"""`page`: customers suffer or soon will, and it does not mend itself: somebody is woken. `ticket`:
somebody looks on the next working day. `heartbeat`: nothing is wrong as long as it is heard."""

RUNBOOK = "deploy/runbook.md"
"""Where the runbook is read. With the address at which this repository is browsed in its place,
the links of notifications can be clicked."""


@dataclass(frozen=True, slots=True)
class Record:
    """A query whose result is kept under a name, `level:metric:operations`."""

    name: str
    expr: str

    def yaml(self) -> dict[str, Any]:
        return {"record": self.name, "expr": self.expr}


@dataclass(frozen=True, slots=True)
class Alert:
    """Fires once `expr` has given something for as long as `wait`, in Prometheus' durations.

    `description` is Prometheus' template: `{{ $labels.job }}`, `{{ $value }}`.
    """

    name: str
    severity: Severity
    expr: str
    wait: str
    summary: str
    description: str

    @property
    def runbook(self) -> str:
        """Its section: headings become anchors in small letters."""
        return f"{RUNBOOK}#{self.name.lower()}"

    def yaml(self) -> dict[str, Any]:
        return {
            "alert": self.name,
            "expr": self.expr,
            "for": self.wait,
            "labels": {"severity": self.severity},
            "annotations": {
                "summary": self.summary,
                "description": self.description,
                "runbook_url": self.runbook,
            },
        }


@dataclass(frozen=True, slots=True)
class Group:
    """Rules that are evaluated one after the other, every `interval`."""

    name: str
    rules: tuple[Record | Alert, ...]
    interval: str = "15s"

    def yaml(self) -> dict[str, Any]:
        rules = [rule.yaml() for rule in self.rules]
        return {"name": self.name, "interval": self.interval, "rules": rules}


class _Dumper(yaml.SafeDumper):
    """Texts of more than one line are written as they are."""


def _text(dumper: yaml.SafeDumper, content: str) -> yaml.ScalarNode:
    style = "|" if "\n" in content else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", content, style=style)


_Dumper.add_representer(str, _text)


def rules_file(groups: Sequence[Group]) -> str:
    """What Prometheus reads."""
    content: Mapping[str, Any] = {"groups": [group.yaml() for group in groups]}
    return yaml.dump(content, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=400)
