"""Prometheus, Alertmanager and Grafana in the Compose file: they find what they are to watch."""

import json
import re
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.unit.deploy.kit import JOBS, ROOT, WATCHERS, WORKERS, compose, mounts

COMPOSE = compose()
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]


def read(path: str) -> Any:
    return yaml.safe_load((ROOT / path).read_text("utf-8"))


def outside(service: str, inside: str) -> Path:
    """The file of the repository that is at this path in the container."""
    place = max((place for place in mounts(service) if inside.startswith(place)), key=len)
    return ROOT / (mounts(service)[place][0] + inside.removeprefix(place))


@pytest.mark.parametrize("service", WATCHERS)
def test_a_watcher_writes_to_one_volume_of_its_own(service: str) -> None:
    assert [source for source, writes in mounts(service).values() if writes] == [f"{service}-data"]
    users = [name for name in SERVICES for source, _ in mounts(name).values()
             if source == f"{service}-data"]  # fmt: skip
    assert users == [service]


@pytest.mark.parametrize("service", WATCHERS)
def test_a_watcher_is_not_root_and_is_asked_on_its_own_port(service: str) -> None:
    assert re.fullmatch(r"[1-9]\d*:\d+", SERVICES[service]["user"])
    address = SERVICES[service]["healthcheck"]["test"][-1]
    assert address.startswith(f"http://127.0.0.1:{WATCHERS[service]}/")
    (port,) = SERVICES[service]["ports"]
    assert port.endswith(f":{WATCHERS[service]}")


def test_a_watcher_waits_for_whom_it_talks_to_and_for_none_it_watches() -> None:
    """Who does not come up is seen by a watcher that came up before."""
    waits = {name: set(SERVICES[name].get("depends_on", ())) for name in WATCHERS}
    assert waits == {
        "prometheus": {"alertmanager"},
        "alertmanager": set(),
        "grafana": {"prometheus"},
    }


@pytest.mark.parametrize("service", ["prometheus", "alertmanager"])
def test_what_is_told_on_the_command_line_is_mounted(service: str) -> None:
    options = dict(word.removeprefix("--").split("=", 1) for word in SERVICES[service]["command"])
    assert outside(service, options["config.file"]).is_file()
    place = options.get("storage.tsdb.path") or options["storage.path"]
    assert mounts(service)[place] == (f"{service}-data", True)


def test_prometheus_finds_every_process_of_every_worker_by_name() -> None:
    jobs = read("deploy/prometheus/prometheus.yml")["scrape_configs"]
    found: dict[str, int] = {}
    for job in jobs:
        for lookup in job.get("dns_sd_configs", ()):
            assert lookup["type"] == "A"
            found |= dict.fromkeys(lookup["names"], lookup["port"])
    assert {name: found.get(name) for name in WORKERS} == dict.fromkeys(WORKERS, 8080)
    assert found.keys() <= {*WORKERS, *JOBS, *WATCHERS}, "a name that is no service"


def test_prometheus_has_rules_and_tells_alertmanager() -> None:
    config = read("deploy/prometheus/prometheus.yml")
    rules = [path for path in (ROOT / "deploy/prometheus/rules").glob("*.yml")]
    (pattern,) = config["rule_files"]
    inside = pattern if pattern.startswith("/") else f"/etc/prometheus/{pattern}"
    folder = outside("prometheus", inside.rpartition("/")[0])
    assert rules and all(
        fnmatch(str(path), f"{folder}/{pattern.rpartition('/')[2]}") for path in rules
    )
    told = json.dumps(config["alerting"]["alertmanagers"])
    assert "alertmanager:9093" in told or ('"alertmanager"' in told and "9093" in told)


def test_grafana_is_given_its_source_and_its_dashboards() -> None:
    (sources,) = (ROOT / "deploy/grafana/provisioning/datasources").glob("*.yml")
    (source,) = yaml.safe_load(sources.read_text("utf-8"))["datasources"]
    assert (source["type"], source["url"]) == ("prometheus", "http://prometheus:9090")
    (providers,) = (ROOT / "deploy/grafana/provisioning/dashboards").glob("*.yml")
    for provider in yaml.safe_load(providers.read_text("utf-8"))["providers"]:
        folder = outside("grafana", provider["options"]["path"])
        assert sorted(folder.glob("*.json")), "a folder without dashboards"


def test_grafana_has_no_account_to_guess_and_shows_without_one() -> None:
    told = SERVICES["grafana"]["environment"]
    assert told["GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION"] == "true"
    assert not [name for name in told if "PASSWORD" in name]
    assert (told["GF_AUTH_ANONYMOUS_ENABLED"], told["GF_AUTH_ANONYMOUS_ORG_ROLE"]) == (
        "true", "Viewer",
    )  # fmt: skip
    assert told["GF_AUTH_DISABLE_LOGIN_FORM"] == "true"
    assert told["GF_AUTH_BASIC_ENABLED"] == "false"


def test_a_reload_is_asked_for_by_a_signal_and_by_nobody_on_the_network() -> None:
    """With web.enable-lifecycle whoever reaches the port may also stop it."""
    for service in ("prometheus", "alertmanager"):
        assert not [word for word in SERVICES[service]["command"] if "enable" in word]
