"""How Grafana draws each kind of panel."""

from collections.abc import Mapping
from typing import Any, Literal

Kind = Literal["stat", "timeseries", "bargauge", "table", "heatmap", "state-timeline", "text"]
Json = dict[str, Any]
GREEN, ORANGE, RED = "green", "orange", "red"


def thresholds(warn: float | None, bad: float | None) -> Json:
    """Grafana's steps: green, then orange and red where they are given."""
    steps: list[Json] = [{"color": GREEN, "value": None}]
    steps += [{"color": ORANGE, "value": warn}] if warn is not None else []
    steps += [{"color": RED, "value": bad}] if bad is not None else []
    return {"mode": "absolute", "steps": steps}


def custom(kind: Kind, *, stacked: bool) -> Json:
    """How values are drawn."""
    if kind == "timeseries":
        return {
            "lineWidth": 1,
            "fillOpacity": 20 if stacked else 8,
            "showPoints": "never",
            "stacking": {"mode": "normal" if stacked else "none", "group": "A"},
            "thresholdsStyle": {"mode": "dashed"},
        }
    if kind == "state-timeline":
        return {"fillOpacity": 80, "lineWidth": 0}
    return {}


def options(kind: Kind) -> Json:
    """What the kind of panel wants to know beside its values."""
    reduced = {"calcs": ["lastNotNull"], "fields": "", "values": False}
    known: Mapping[Kind, Json] = {
        "stat": {
            "reduceOptions": reduced,
            "orientation": "horizontal",
            "textMode": "value_and_name",
            "colorMode": "value",
            "graphMode": "none",
            "justifyMode": "auto",
        },
        "bargauge": {
            "reduceOptions": reduced,
            "orientation": "horizontal",
            "displayMode": "basic",
            "showUnfilled": True,
        },
        "timeseries": {
            "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True},
            "tooltip": {"mode": "multi", "sort": "desc"},
        },
        "state-timeline": {
            "mergeValues": True,
            "showValue": "auto",
            "alignValue": "left",
            "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True},
        },
        "heatmap": {
            "calculate": False,
            "color": {"mode": "scheme", "scheme": "Oranges", "steps": 64},
            "yAxis": {"unit": "none"},
            "legend": {"show": True},
        },
        "table": {"showHeader": True, "cellHeight": "sm"},
    }
    return known[kind]
