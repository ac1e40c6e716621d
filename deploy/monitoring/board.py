"""A dashboard: rows of panels, laid out from left to right."""

from collections.abc import Sequence
from dataclasses import dataclass

from deploy.monitoring.panels import Panel
from deploy.monitoring.style import Json

WIDTH = 24
SCHEMA = 39
"""The version of Grafana 11's dashboards."""
TAG = "careloop"
RUNBOOK = "careloop-runbook"
"""The uid of the dashboard that holds the runbook."""


@dataclass(frozen=True, slots=True)
class Row:
    """Panels under a heading. They fill lines of 24; whatever does not fit begins a new one."""

    title: str
    panels: tuple[Panel, ...]


@dataclass(frozen=True, slots=True)
class Board:
    """A dashboard. `uid` is its address, `/d/UID`, and the name of its file."""

    uid: str
    title: str
    description: str
    rows: tuple[Row, ...]
    since: str = "now-3h"

    def json(self) -> Json:
        """As Grafana reads it."""
        return {
            "uid": self.uid,
            "title": self.title,
            "description": self.description,
            "tags": [TAG],
            "schemaVersion": SCHEMA,
            "editable": False,
            "graphTooltip": 1,
            "refresh": "30s",
            "time": {"from": self.since, "to": "now"},
            "timezone": "browser",
            "templating": {"list": [_datasource()]},
            "annotations": {"list": []},
            "links": _links(),
            "panels": _laid_out(self.rows),
        }


def _datasource() -> Json:
    """Which Prometheus is asked: the provisioned one, unless another is chosen."""
    return {
        "name": "datasource",
        "label": "Prometheus",
        "type": "datasource",
        "query": "prometheus",
        "current": {"text": "careloop", "value": "careloop"},
        "hide": 0,
        "refresh": 1,
        "regex": "",
    }


def _links() -> list[Json]:
    others = {"type": "dashboards", "title": "careloop", "tags": [TAG], "asDropdown": False}
    runbook = {"type": "link", "title": "What to do", "url": f"/d/{RUNBOOK}", "icon": "doc"}
    kept = {"keepTime": True, "includeVars": True, "targetBlank": False}
    return [others | kept, runbook | kept]


def _laid_out(rows: Sequence[Row]) -> list[Json]:
    made: list[Json] = []
    y = 0
    for row in rows:
        position = {"x": 0, "y": y, "w": WIDTH, "h": 1}
        heading = {"type": "row", "title": row.title, "collapsed": False, "panels": []}
        made.append({"id": len(made) + 1, "gridPos": position, **heading})
        x, y, tallest = 0, y + 1, 0
        for panel in row.panels:
            if x + panel.width > WIDTH:
                x, y, tallest = 0, y + tallest, 0
            made.append(panel.json(len(made) + 1, x, y))
            x, tallest = x + panel.width, max(tallest, panel.height)
        y += tallest
    return made
