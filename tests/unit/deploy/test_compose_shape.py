"""The Compose file as Docker reads it, and what holds of every service in it."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from deploy.runtime.containers import KAFKA_IMAGE, MONGO_IMAGE
from tests.unit.deploy.kit import JOBS, ROOT, WATCHERS, WORKERS, Stages, compose

SERVICES: dict[str, dict[str, Any]] = compose()["services"]
SCHEMA = ROOT / "tests" / "unit" / "deploy" / "compose-spec.json"
"""The Compose Specification's own, as compose-go 2.16.2 has it (Apache-2.0)."""

ENDLESS = ("kafka", "mongo", *WORKERS, *JOBS, *WATCHERS)
ONCE = ("topics", "models", "tools")
SECRETS = {"SEALING_KEYS": "1:secret", "CUSTOMER_KEY_SECRET": "secret"}
LOOPBACK = re.compile(r"127\.0\.0\.1:\$\{[A-Z]+_PORT:-(\d+)\}:(\d+)")
PINNED = re.compile(r"[a-z/-]+:v?\d+\.\d+(\.\d+)?")


def variables(value: object) -> Iterator[str]:
    """All `${NAME...}` below the value."""
    if isinstance(value, dict):
        for part in value.values():
            yield from variables(part)
    elif isinstance(value, list):
        for part in value:
            yield from variables(part)
    elif isinstance(value, str):
        yield from re.findall(r"\$\{(\w+)", value)


def compose_client() -> bool:
    if shutil.which("docker") is None:
        return False
    done = subprocess.run(["docker", "compose", "version"], capture_output=True, check=False)
    return done.returncode == 0


def configured(**environment: str) -> subprocess.CompletedProcess[str]:
    """The file as the client reads it; no engine is needed for that."""
    keep = {
        name: os.environ[name] for name in ("PATH", "HOME", "DOCKER_CONFIG") if name in os.environ
    }
    return subprocess.run(
        [
            "docker",
            "compose",
            "--file",
            str(ROOT / "docker-compose.yml"),
            "config",
            "--format",
            "json",
        ],
        env=keep | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_file_is_as_the_specification_wants_it() -> None:
    schema = json.loads(SCHEMA.read_text("utf-8"))
    problems = [
        f"{'/'.join(map(str, error.absolute_path))}: {error.message}"
        for error in Draft202012Validator(schema).iter_errors(compose())
    ]
    assert problems == []


def test_the_schema_finds_a_slip_of_the_pen() -> None:
    schema = json.loads(SCHEMA.read_text("utf-8"))
    slipped = compose()
    slipped["services"]["ingest"]["depend_on"] = {}
    assert not Draft202012Validator(schema).is_valid(slipped)


@pytest.mark.skipif(not compose_client(), reason="there is no `docker compose` here")
def test_docker_reads_the_file_and_asks_for_what_it_must_be_told() -> None:
    read = configured(**SECRETS)
    assert read.returncode == 0, read.stderr
    services = json.loads(read.stdout)["services"]
    # `tools` has a profile: it is there when asked for.
    assert services.keys() == SERVICES.keys() - {"tools"}
    assert services["classify"]["environment"]["OTEL_EXPORTER_OTLP_ENDPOINT"] == ""
    for name in SECRETS:
        lacking = configured(**{other: SECRETS[other] for other in SECRETS if other != name})
        assert lacking.returncode != 0
        assert f"required variable {name} is missing" in lacking.stderr


def test_every_service_is_known_here() -> None:
    assert SERVICES.keys() == {*ENDLESS, *ONCE}


@pytest.mark.parametrize("service", SERVICES)
def test_an_image_is_ours_or_of_one_version(service: str) -> None:
    image = SERVICES[service]["image"]
    if "build" in SERVICES[service]:
        assert image == f"careloop/{SERVICES[service]['build']['target']}"
    else:
        assert PINNED.fullmatch(image), image


def test_the_stores_are_those_that_are_tested_with() -> None:
    assert (SERVICES["kafka"]["image"], SERVICES["mongo"]["image"]) == (KAFKA_IMAGE, MONGO_IMAGE)


def test_all_start_from_a_python_and_a_debian_that_are_named() -> None:
    stages = Stages()
    assert stages.parent["python"] == "${PYTHON_IMAGE}"
    assert re.fullmatch(r"python:3\.11-slim-[a-z]+", stages.arguments["PYTHON_IMAGE"])
    outside = {parent for parent in stages.parent.values() if parent not in stages.parent}
    assert outside == {"${PYTHON_IMAGE}"}


@pytest.mark.parametrize("service", ENDLESS)
def test_whoever_runs_on_tells_its_health(service: str) -> None:
    own = SERVICES[service].get("healthcheck")
    if own is None:
        words = [word for word, _ in Stages().all_of(SERVICES[service]["build"]["target"])]
        assert "HEALTHCHECK" in words
    else:
        assert own["test"][0] == "CMD"
        assert {"interval", "timeout", "retries", "start_period"} <= own.keys()


@pytest.mark.parametrize("service", ENDLESS)
def test_whoever_runs_on_comes_back_and_has_time_to_end(service: str) -> None:
    assert SERVICES[service]["restart"] == "unless-stopped"
    assert "stop_grace_period" in SERVICES[service]


@pytest.mark.parametrize("worker", WORKERS)
def test_a_worker_waits_for_the_stores_to_be_well_and_for_the_topics(worker: str) -> None:
    waits = {name: how["condition"] for name, how in SERVICES[worker]["depends_on"].items()}
    assert waits["kafka"] == waits["mongo"] == "service_healthy"
    assert waits["topics"] == "service_completed_successfully"


@pytest.mark.parametrize("service", SERVICES)
def test_a_port_is_reached_from_this_machine_alone_and_can_be_another(service: str) -> None:
    for port in SERVICES[service].get("ports", ()):
        found = LOOPBACK.fullmatch(port)
        assert found and found[1] == found[2], port


def test_ports_do_not_meet() -> None:
    ports = [port for given in SERVICES.values() for port in given.get("ports", ())]
    numbers = [found[1] for port in ports if (found := LOOPBACK.fullmatch(port))]
    assert len(set(numbers)) == len(numbers) == 4


def test_a_worker_is_found_on_the_port_its_image_listens_on() -> None:
    for worker in WORKERS:
        image = dict(re.findall(r"(\w+)=(\S+)", " ".join(
            rest for word, rest in Stages().all_of(worker) if word == "ENV"
        )))  # fmt: skip
        assert SERVICES[worker]["expose"] == [image["HTTP_PORT"]] == ["8080"]
        assert image["HTTP_HOST"] == "0.0.0.0"


def test_nothing_has_a_name_or_an_address_that_only_one_can_have() -> None:
    for service in SERVICES.values():
        assert not {"container_name", "hostname", "network_mode", "privileged"} & service.keys()


def test_what_has_no_default_must_be_told() -> None:
    """A variable that is not set would be empty, and nobody would hear of it."""
    text = (ROOT / "docker-compose.yml").read_text("utf-8")
    given = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    assert not re.findall(r"\$\{?\w+\}?(?![\w:])", given.replace("$$", ""))
    assert set(SECRETS) <= set(variables(compose()))
