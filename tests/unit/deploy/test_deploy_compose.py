"""The Compose file: it names things that exist, and lets workers be scaled and stopped."""

import importlib
import re
from typing import Any

import pytest

from services.generate.llm.settings import LlmSettings
from shared.settings import WorkerSettings
from shared.topics import TOPICS
from tests.unit.deploy.kit import ROOT, WORKERS, Stages, compose

COMPOSE = compose()
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]


def seconds(text: str) -> float:
    assert text.endswith("s")
    return float(text[:-1])


def settings_of(worker: str) -> type[WorkerSettings]:
    module = importlib.import_module(f"services.{worker}.settings")
    (found,) = [
        value
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, WorkerSettings)
        and value is not WorkerSettings
    ]
    return found


def test_everything_is_there() -> None:
    assert SERVICES.keys() == {"kafka", "mongo", "topics", "tools", *WORKERS}


@pytest.mark.parametrize("service", SERVICES)
def test_who_is_waited_for_exists_and_can_become_so(service: str) -> None:
    for name, how in SERVICES[service].get("depends_on", {}).items():
        waited_for = SERVICES[name]
        if how["condition"] == "service_healthy":
            assert "healthcheck" in waited_for
        else:
            assert how["condition"] == "service_completed_successfully"
            assert "restart" not in waited_for


@pytest.mark.parametrize("service", SERVICES)
def test_what_is_built_and_mounted_is_declared(service: str) -> None:
    build = SERVICES[service].get("build")
    if build is not None:
        assert (ROOT / build["dockerfile"]).is_file()
        assert build["target"] in Stages().instructions
    for volume in SERVICES[service].get("volumes", ()):
        assert volume.partition(":")[0] in COMPOSE["volumes"]


@pytest.mark.parametrize("worker", WORKERS)
def test_a_worker_is_told_only_what_it_knows(worker: str) -> None:
    known = {name.upper() for name in settings_of(worker).model_fields}
    if worker == "generate":
        known |= {f"LLM_{name.upper()}" for name in LlmSettings.model_fields}
    assert SERVICES[worker]["environment"].keys() <= known
    told_by_image = [rest for word, rest in Stages().all_of(worker) if word == "ENV"]
    names = {name for line in told_by_image for name in re.findall(r"(\w+)=", line)}
    assert names - {"PATH", "PYTHONUNBUFFERED", "PIP_DISABLE_PIP_VERSION_CHECK"} <= known


@pytest.mark.parametrize("worker", WORKERS)
def test_a_worker_can_be_scaled_and_drains_before_it_is_killed(worker: str) -> None:
    service = SERVICES[worker]
    assert not {"ports", "container_name"} & service.keys()
    drain = float(service["environment"]["DRAIN_SECONDS"])
    assert seconds(service["stop_grace_period"]) >= drain + 5


@pytest.mark.parametrize("service", ["kafka", "mongo", *WORKERS])
def test_everything_that_runs_on_is_bounded(service: str) -> None:
    limits = SERVICES[service]["deploy"]["resources"]["limits"]
    assert limits.keys() == {"cpus", "memory"}


@pytest.mark.parametrize(
    ("secret", "holders"),
    [("SEALING_KEYS", {"ingest", "generate"}), ("CUSTOMER_KEY_SECRET", {"ingest"})],
)
def test_a_secret_is_asked_for_and_given_to_those_alone_who_need_it(
    secret: str, holders: set[str]
) -> None:
    told = {name for name in SERVICES if secret in SERVICES[name].get("environment", {})}
    assert told == holders
    for name in holders:
        given = SERVICES[name]["environment"][secret]
        assert re.fullmatch(rf"\$\{{{secret}:\?[^${{}}]*python -m services.ingest.keys.*\}}", given)


def test_nothing_is_reached_from_other_machines() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", ())]
    assert ports and all(port.startswith("127.0.0.1:") for port in ports)


def test_kafka_is_the_one_that_is_tested_with() -> None:
    pom = (ROOT / "deploy" / "runtime" / "kafka" / "pom.xml").read_text("utf-8")
    version = re.search(r"<kafka.version>(.+?)<", pom)
    assert version and SERVICES["kafka"]["image"] == f"apache/kafka:{version[1]}"


def test_kafka_carries_every_topic_and_remembers_replays_as_long_as_dead_letters() -> None:
    told = SERVICES["kafka"]["environment"]
    largest = max(card.max_message_bytes for card in TOPICS.values())
    assert int(told["KAFKA_MESSAGE_MAX_BYTES"]) >= largest
    assert int(told["KAFKA_REPLICA_FETCH_MAX_BYTES"]) >= largest
    kept = max(card.retention for name, card in TOPICS.items() if name.endswith(".dlq"))
    assert int(told["KAFKA_OFFSETS_RETENTION_MINUTES"]) * 60 >= kept.total_seconds()
