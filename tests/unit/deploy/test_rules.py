"""Prometheus and Alertmanager accept what they are given, by their own tools."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.monitoring.files import DEPLOY, RULES
from deploy.monitoring.rule import RUNBOOK
from deploy.system import WORKERS
from tests.unit.deploy.kit import compose
from tests.unit.deploy.monitoring_kit import alerts, programs, run

PROMETHEUS = DEPLOY / "prometheus" / "prometheus.yml"
ALERTMANAGER = DEPLOY / "alertmanager" / "alertmanager.yml"


@pytest.mark.parametrize("path", sorted(RULES.glob("*.yml")), ids=lambda path: path.name)
def test_prometheus_takes_the_rules(path: Path) -> None:
    said = run(programs().promtool, "check", "rules", path)
    assert re.search(r"SUCCESS: [1-9]\d* rules found", said)


def test_prometheus_takes_its_configuration() -> None:
    run(programs().promtool, "check", "config", "--syntax-only", PROMETHEUS)


def test_every_worker_is_scraped_wherever_its_processes_are() -> None:
    jobs = {one["job_name"]: one for one in yaml.safe_load(PROMETHEUS.open())["scrape_configs"]}
    assert jobs.keys() >= set(WORKERS)
    for worker in WORKERS:
        (found,) = jobs[worker]["dns_sd_configs"]
        assert (found["names"], found["type"], found["port"]) == ([worker], "A", 8080)
        assert compose()["services"][worker]["expose"] == ["8080"]


def told_version() -> tuple[int, int]:
    said = run(programs().amtool, "--version")
    found = re.search(r"version (\d+)\.(\d+)", said)
    assert found, said
    return int(found[1]), int(found[2])


def test_alertmanager_takes_its_configuration(tmp_path: Path) -> None:
    """Debian's is 0.25, which does not know `url_file` yet: for it alone an address is put there,
    and all else is checked as it is."""
    content = ALERTMANAGER.read_text("utf-8")
    if told_version() < (0, 26):
        content = re.sub(r"url_file: \S+", "url: http://127.0.0.1:9/", content)
    file = tmp_path / "alertmanager.yml"
    file.write_text(content, "utf-8")
    said = run(programs().amtool, "check-config", file)
    assert "3 receivers" in said


def test_no_address_of_a_receiver_stands_in_the_repository() -> None:
    content = ALERTMANAGER.read_text("utf-8")
    assert "http" not in re.sub(r"#.*", "", content)
    for receiver in yaml.safe_load(content)["receivers"]:
        for hook in receiver["webhook_configs"]:
            assert hook["url_file"].startswith("/etc/alertmanager/secrets/")


@pytest.mark.parametrize("name", alerts())
def test_an_alert_says_how_bad_what_and_where_to_read_on(name: str) -> None:
    alert = alerts()[name]
    assert alert["labels"]["severity"] in ("page", "ticket", "heartbeat")
    told = alert["annotations"]
    assert told["summary"] and "{{" not in told["summary"]
    assert told["description"].endswith(".")
    assert told["runbook_url"] == f"{RUNBOOK}#{name.lower()}"


@pytest.mark.parametrize("name", alerts())
def test_an_alert_reaches_the_receiver_of_its_severity(name: str, tmp_path: Path) -> None:
    content = re.sub(r"url_file: \S+", "url: http://127.0.0.1:9/", ALERTMANAGER.read_text("utf-8"))
    file = tmp_path / "alertmanager.yml"
    file.write_text(content, "utf-8")
    severity = alerts()[name]["labels"]["severity"]
    said = run(
        programs().amtool,
        "config",
        "routes",
        "test",
        f"--config.file={file}",
        f"alertname={name}",
        f"severity={severity}",
    )
    assert said.splitlines()[0] == severity


def test_inhibitions_name_alerts_that_exist() -> None:
    for rule in yaml.safe_load(ALERTMANAGER.open())["inhibit_rules"]:
        for matcher in rule["source_matchers"] + rule["target_matchers"]:
            pattern = re.fullmatch(r'alertname=~?"(.+)"', matcher)
            assert pattern, matcher
            for part in spelled_out(pattern[1]):
                assert part in alerts(), part


def spelled_out(pattern: str) -> list[str]:
    """`Careloop(A|B)` as its two names."""
    head, bracket, rest = pattern.partition("(")
    return [head + part for part in rest.rstrip(")").split("|")] if bracket else [pattern]


def queries(path: Path) -> list[dict[str, Any]]:
    board = json.loads(path.read_text("utf-8"))
    return [target for panel in board["panels"] for target in panel.get("targets", ())]


@pytest.mark.parametrize(
    "path", sorted((DEPLOY / "grafana" / "dashboards").glob("*.json")), ids=lambda path: path.stem
)
def test_queries_of_panels_are_promql(path: Path, tmp_path: Path) -> None:
    asked = [target["expr"].replace("$__rate_interval", "1m") for target in queries(path)]
    if not asked:
        assert path.stem == "careloop-runbook"
        return
    rules = [{"record": f"asked:{number}", "expr": expr} for number, expr in enumerate(asked)]
    file = tmp_path / "asked.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "asked", "rules": rules}]}), "utf-8")
    said = subprocess.run(
        [programs().promtool, "check", "rules", file], capture_output=True, text=True, check=False
    )
    assert said.returncode == 0, said.stderr
