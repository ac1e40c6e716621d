"""Dashboards as Grafana reads them: complete, linked, and of metrics that exist."""

import importlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import combinations
from typing import Any

import pytest
import yaml
from prometheus_client import REGISTRY

from deploy.monitoring import files
from deploy.monitoring.board import RUNBOOK
from deploy.monitoring.dashboards import boards
from deploy.monitoring.panels import UNITS
from deploy.system import WORKERS
from tests.unit.deploy.kit import ROOT
from tests.unit.deploy.monitoring_kit import rules

DECLARED_IN = (
    "shared.metrics",
    "shared.otlp",
    "services.ingest.metrics",
    "services.classify.metrics",
    "services.personalize.metrics",
    "services.generate.metrics",
    "services.generate.llm.metrics",
    "services.feedback.quality.gauges",
)
OF_PROMETHEUS = {"up", "ALERTS", "process_resident_memory_bytes", "process_open_fds"}
OF_PROMETHEUS |= {"process_cpu_seconds_total"}
NAME = re.compile(r"\b(?:careloop_[a-z0-9_]+|careloop:[a-z0-9_:]+|process_[a-z_]+)")
MADE = {uid: json.loads(json.dumps(board.json())) for uid, board in boards().items()}


def panels(uid: str) -> Iterator[dict[str, Any]]:
    yield from (panel for panel in MADE[uid]["panels"] if panel["type"] != "row")


def asking(uid: str) -> Iterator[dict[str, Any]]:
    """Panels with queries."""
    yield from (panel for panel in panels(uid) if panel["type"] != "text")


def known_metrics() -> set[str]:
    for module in DECLARED_IN:
        importlib.import_module(module)
    recorded = {rule["record"] for rule in rules() if "record" in rule}
    return recorded | OF_PROMETHEUS | set(REGISTRY._names_to_collectors)


def test_files_and_code_agree() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "deploy.monitoring", "check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


def test_every_worker_has_its_dashboard_beside_the_four_of_all() -> None:
    of_all = {"careloop-overview", "careloop-quality", "careloop-models", RUNBOOK}
    assert MADE.keys() == of_all | {f"careloop-{worker}" for worker in WORKERS}


def test_workers_differ_in_their_own_rows_only() -> None:
    rows = [
        [panel["title"] for panel in MADE[f"careloop-{worker}"]["panels"] if panel["type"] == "row"]
        for worker in WORKERS
    ]
    common = ["Now", "Messages", "Time", "Partitions", "Processes"]
    assert all([title for title in found if title in common] == common for found in rows)
    assert all(len(found) == len(common) + 1 for found in rows)


@pytest.mark.parametrize("uid", MADE)
def test_every_panel_says_what_it_shows_and_in_which_unit(uid: str) -> None:
    for panel in asking(uid):
        assert panel["title"] and len(panel["description"]) > 20, panel
        assert panel["description"].endswith("."), panel["title"]
        assert panel["fieldConfig"]["defaults"]["unit"] in UNITS.values()
        assert panel["targets"], panel["title"]
        assert all(target["expr"] for target in panel["targets"])
        assert all(target["datasource"]["uid"] == "${datasource}" for target in panel["targets"])


@pytest.mark.parametrize("uid", MADE)
def test_panels_lie_side_by_side(uid: str) -> None:
    taken = [panel["gridPos"] for panel in MADE[uid]["panels"]]
    assert all(one["x"] >= 0 and one["x"] + one["w"] <= 24 for one in taken)
    for one, other in combinations(taken, 2):
        apart = (
            one["x"] + one["w"] <= other["x"]
            or other["x"] + other["w"] <= one["x"]
            or one["y"] + one["h"] <= other["y"]
            or other["y"] + other["h"] <= one["y"]
        )
        assert apart, (one, other)
    numbers = [panel["id"] for panel in MADE[uid]["panels"]]
    assert len(set(numbers)) == len(numbers)


@pytest.mark.parametrize("uid", MADE)
def test_overrides_name_a_query_of_their_panel(uid: str) -> None:
    for panel in asking(uid):
        queries = {target["refId"]: target["legendFormat"] for target in panel["targets"]}
        assert len(queries) == len(panel["targets"])
        for override in panel["fieldConfig"]["overrides"]:
            assert override["matcher"]["options"] in queries
            for one in override["properties"]:
                if one["id"] == "custom.fillBelowTo":
                    assert one["value"] in queries.values()


@pytest.mark.parametrize("uid", MADE)
def test_links_lead_somewhere(uid: str) -> None:
    (others, runbook) = MADE[uid]["links"]
    assert others["tags"] == ["careloop"] and MADE[uid]["tags"] == ["careloop"]
    linked = [link["url"] for panel in asking(uid) for link in panel["links"]]
    assert all(url.removeprefix("/d/") in MADE for url in [runbook["url"], *linked])


def test_the_overview_leads_to_every_worker() -> None:
    linked = {link["url"] for panel in asking("careloop-overview") for link in panel["links"]}
    assert linked >= {f"/d/careloop-{worker}" for worker in WORKERS}


@pytest.mark.parametrize("uid", MADE)
def test_no_panel_asks_for_what_nobody_tells(uid: str) -> None:
    asked = {
        name
        for panel in asking(uid)
        for target in panel["targets"]
        for name in NAME.findall(target["expr"])
    }
    assert asked - known_metrics() == set()


def test_every_metric_is_shown_or_watched() -> None:
    """What nobody looks at need not be counted."""
    asked = [target["expr"] for uid in MADE for panel in asking(uid) for target in panel["targets"]]
    told = {
        name
        for expr in [*asked, *(rule["expr"] for rule in rules())]
        for name in NAME.findall(expr)
    }
    endings = ("", "_total", "_bucket", "_count", "_info")
    for module in DECLARED_IN:
        importlib.import_module(module)
    families = {metric.name for metric in REGISTRY.collect() if metric.name.startswith("careloop_")}
    unseen = {name for name in families if told.isdisjoint(name + ending for ending in endings)}
    assert unseen == NOT_SHOWN.keys()


SILENT = "a part of the judged replies by verdict, which are shown"
ENDS = "shown as a number, without its interval"
NOT_SHOWN = {
    "careloop_quality_silent_rate": SILENT,
    "careloop_quality_silent_rate_low": SILENT,
    "careloop_quality_silent_rate_high": SILENT,
    "careloop_quality_returning_rate_low": ENDS,
    "careloop_quality_returning_rate_high": ENDS,
}


def test_the_data_source_that_is_provisioned_is_the_one_dashboards_choose() -> None:
    provisioning = files.DEPLOY / "grafana" / "provisioning"
    (source,) = yaml.safe_load((provisioning / "datasources" / "prometheus.yml").open())[
        "datasources"
    ]
    for board in MADE.values():
        (variable,) = board["templating"]["list"]
        assert variable["current"]["value"] == source["uid"]
        assert variable["query"] == source["type"] == "prometheus"
    (provider,) = yaml.safe_load((provisioning / "dashboards" / "careloop.yml").open())["providers"]
    assert provider["options"]["path"] == "/etc/grafana/dashboards"
