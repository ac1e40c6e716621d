"""Grafana's panels, as far as they are used here: what each shows, in which unit, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from deploy.monitoring.style import Json, Kind, custom, options, thresholds

DATASOURCE: Json = {"type": "prometheus", "uid": "${datasource}"}
_WITHOUT_NUMBERS: Json = {
    "id": "organize",
    "options": {"excludeByName": {"Time": True, "Value": True, "__name__": True}},
}
"""What a table shows are labels: the number beside them is always 1."""
UNITS = {
    "count": "short",
    "share": "percentunit",
    "seconds": "s",
    "messages/s": "mps",
    "operations/s": "ops",
    "bytes": "bytes",
    "cores": "none",
    "version": "none",
    "stars": "none",
    "yes or no": "bool_yes_no",
    "money": "short",
    "text": "string",
}
"""Ours, and the ids of Grafana's formats."""


@dataclass(frozen=True, slots=True)
class Query:
    """PromQL and the name of what it gives; `{{label}}` in it is filled in.

    `unit`, `warn` and `bad` are those of the panel unless given.
    """

    expr: str
    legend: str = ""
    unit: str | None = None
    warn: float | None = None
    bad: float | None = None
    band: tuple[str, str] | None = None
    """Legends of two other queries, the lower first, between which the area is filled."""


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel; `width` in 24ths of the page, `height` in rows of Grafana's grid.

    From `warn` on values are orange, from `bad` on red. `links` are names and addresses.
    """

    kind: Kind
    title: str
    description: str
    unit: str
    queries: tuple[Query, ...]
    width: int = 8
    height: int = 8
    warn: float | None = None
    bad: float | None = None
    top: float | None = None
    stacked: bool = False
    links: Mapping[str, str] = field(default_factory=dict)
    text: str = ""

    def json(self, number: int, x: int, y: int) -> Json:
        """As Grafana reads it."""
        position = {"x": x, "y": y, "w": self.width, "h": self.height}
        made: Json = {"id": number, "type": self.kind, "title": self.title, "gridPos": position}
        if self.kind == "text":
            return made | {
                "transparent": True,
                "options": {"mode": "markdown", "content": self.text},
            }
        return made | {
            "description": self.description,
            "datasource": DATASOURCE,
            "targets": [_target(query, n, self.kind) for n, query in enumerate(self.queries)],
            "fieldConfig": {
                "defaults": self._defaults(),
                "overrides": [_override(q, n) for n, q in enumerate(self.queries) if _is_own(q)],
            },
            "options": options(self.kind),
            "transformations": [_WITHOUT_NUMBERS] if self.kind == "table" else [],
            "links": [
                {"title": name, "url": url, "targetBlank": False}
                for name, url in self.links.items()
            ],
        }

    def _defaults(self) -> Json:
        defaults: Json = {
            "unit": UNITS[self.unit],
            "noValue": "none",
            "thresholds": thresholds(self.warn, self.bad),
            "color": {"mode": "thresholds" if self.kind != "timeseries" else "palette-classic"},
            "custom": custom(self.kind, stacked=self.stacked),
        }
        if self.top is not None:
            defaults |= {"min": 0, "max": self.top}
        return defaults


def text(content: str, *, width: int = 24, height: int = 2, title: str = "") -> Panel:
    """Markdown."""
    return Panel("text", title, "", "text", (), width, height, text=content)


def band(value: str, low: str, high: str, *, name: str) -> tuple[Query, Query, Query]:
    """A figure with the interval around it drawn as an area."""
    ends = (f"{name}, low end", f"{name}, high end")
    return (
        Query(value, name),
        Query(low, ends[0]),
        Query(high, ends[1], band=ends),
    )


def _target(query: Query, number: int, kind: Kind) -> Json:
    latest = kind in ("stat", "bargauge", "table")
    target: Json = {
        "refId": _ref(number),
        "datasource": DATASOURCE,
        "editorMode": "code",
        "expr": query.expr,
        "legendFormat": query.legend or "__auto",
        "instant": latest,
        "range": not latest,
    }
    if kind in ("table", "heatmap"):
        target["format"] = kind
    return target


def _ref(number: int) -> str:
    return chr(ord("A") + number)


def _is_own(query: Query) -> bool:
    return query.unit is not None or query.bad is not None or query.band is not None


def _override(query: Query, number: int) -> Json:
    properties: list[Json] = []
    if query.unit is not None:
        properties.append({"id": "unit", "value": UNITS[query.unit]})
    if query.bad is not None or query.warn is not None:
        properties.append({"id": "thresholds", "value": thresholds(query.warn, query.bad)})
    if query.band is not None:
        properties.append({"id": "custom.fillBelowTo", "value": query.band[0]})
        properties.append({"id": "custom.lineWidth", "value": 0})
    return {"matcher": {"id": "byFrameRefID", "options": _ref(number)}, "properties": properties}


def stat(
    title: str,
    description: str,
    unit: str,
    queries: Sequence[Query] | str,
    *,
    width: int = 4,
    height: int = 4,
    warn: float | None = None,
    bad: float | None = None,
) -> Panel:
    """Newest values as numbers. A lone query may be given as text: it has no name then."""
    given = (Query(queries, title),) if isinstance(queries, str) else tuple(queries)
    return Panel("stat", title, description, unit, given, width, height, warn=warn, bad=bad)


def graph(
    title: str,
    description: str,
    unit: str,
    *queries: Query,
    width: int = 8,
    height: int = 8,
    warn: float | None = None,
    bad: float | None = None,
    top: float | None = None,
    stacked: bool = False,
) -> Panel:
    """Values over time."""
    return Panel(
        "timeseries", title, description, unit, queries, width, height, warn, bad, top, stacked
    )
