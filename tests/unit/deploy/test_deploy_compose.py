"""The Compose file: it names things that exist, and lets workers be scaled and stopped."""

import importlib
import re
from typing import Any

import pytest
from opentelemetry.sdk import environment_variables

from deploy.retraining.settings import RetrainingSettings
from services.feedback.insights.settings import InsightsSettings
from services.feedback.schedule import GRACE_SECONDS
from services.generate.llm.settings import LlmSettings
from shared.settings import WorkerSettings
from shared.topics import TOPICS
from tests.unit.deploy.kit import JOBS, ROOT, WATCHERS, WORKERS, Stages, compose, mounts

COMPOSE = compose()
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]


def seconds(text: str) -> float:
    assert text.endswith("s")
    return float(text[:-1])


JOB_SETTINGS: dict[str, type[WorkerSettings]] = {
    "retraining": RetrainingSettings,
    "insights": InsightsSettings,
}
OF_PYTHON = {"PATH", "PYTHONUNBUFFERED", "PIP_DISABLE_PIP_VERSION_CHECK"}


def told_by_image(target: str) -> dict[str, str]:
    lines = [rest for word, rest in Stages().all_of(target) if word == "ENV"]
    return {name: value for line in lines for name, value in re.findall(r"(\w+)=(\S+)", line)}


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
    expected = {"kafka", "mongo", "topics", "models", "tools", *WORKERS, *JOBS, *WATCHERS}
    assert SERVICES.keys() == expected


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
    for source, writes in mounts(service).values():
        if source.startswith("./"):
            assert (ROOT / source).exists() and not writes
        else:
            assert source in COMPOSE["volumes"]


@pytest.mark.parametrize("worker", WORKERS)
def test_a_worker_is_told_only_what_it_knows(worker: str) -> None:
    known = {name.upper() for name in settings_of(worker).model_fields}
    if worker == "generate":
        known |= {f"LLM_{name.upper()}" for name in LlmSettings.model_fields}
    known |= {name for name in vars(environment_variables) if name.startswith("OTEL_")}
    assert SERVICES[worker]["environment"].keys() <= known
    assert told_by_image(worker).keys() - OF_PYTHON <= known


@pytest.mark.parametrize("job", JOBS)
def test_a_job_is_told_only_what_it_knows_and_no_secret(job: str) -> None:
    known = {name.upper() for name in JOB_SETTINGS[job].model_fields}
    told = SERVICES[job]["environment"]
    assert told.keys() <= known
    assert told_by_image(JOBS[job]).keys() - OF_PYTHON <= known
    for name in ("KAFKA_BOOTSTRAP_SERVERS", "MONGO_URL"):
        assert told[name] == SERVICES["feedback"]["environment"][name]


@pytest.mark.parametrize("job", JOBS)
def test_a_job_is_done_every_day_unless_told_otherwise(job: str) -> None:
    variable = f"{job.upper()}_EVERY_HOURS"
    assert SERVICES[job]["environment"][variable] == f"${{{variable}:-24}}"


@pytest.mark.parametrize("job", JOBS)
def test_a_job_has_the_time_to_end_what_it_is_at(job: str) -> None:
    assert seconds(SERVICES[job]["stop_grace_period"]) >= GRACE_SECONDS + 10
    assert SERVICES[job]["restart"] == "unless-stopped"
    assert SERVICES[job]["init"] is True, "a job starts processes, and somebody has to reap them"


@pytest.mark.parametrize("worker", WORKERS)
def test_traces_go_where_the_environment_says(worker: str) -> None:
    told = SERVICES[worker]["environment"]["OTEL_EXPORTER_OTLP_ENDPOINT"]
    assert told == "${OTEL_EXPORTER_OTLP_ENDPOINT:-}"


@pytest.mark.parametrize("service", [*WORKERS, *JOBS, *WATCHERS, "models", "topics", "tools"])
def test_all_but_the_stores_runs_with_no_rights_and_writes_to_volumes_alone(service: str) -> None:
    given = SERVICES[service]
    assert given["read_only"] is True and given["tmpfs"] == ["/tmp"]
    assert given["cap_drop"] == ["ALL"]
    assert given["security_opt"] == ["no-new-privileges:true"]


def test_models_are_written_by_the_trainer_alone_and_read_by_those_who_serve_them() -> None:
    users = {
        name: (place, writes)
        for name in SERVICES
        for place, (volume, writes) in mounts(name).items()
        if volume == "models"
    }
    assert {name for name, (_, writes) in users.items() if writes} == {"models", "retraining"}
    readers = {name for name, (_, writes) in users.items() if not writes}
    assert readers == {"classify", "generate", "personalize"}
    assert SERVICES["models"]["image"] == SERVICES["retraining"]["image"] == "careloop/trainer"
    for name, (place, _) in users.items():
        image = told_by_image(SERVICES[name]["build"]["target"])
        assert image["MODEL_STORE"] == image["MODEL_CACHE"] == place, "one store, its own cache"
        waits = SERVICES[name]["depends_on"] if name != "models" else {}
        assert name == "models" or "models" in waits, f"{name} starts before there is a model"


def test_a_mount_that_only_reads_fills_no_empty_volume() -> None:
    """It would be filled from an image whose folder is root's, and the trainer could not write."""
    for name in ("classify", "generate", "personalize"):
        (mounted,) = SERVICES[name]["volumes"]
        assert mounted["volume"] == {"nocopy": True}


@pytest.mark.parametrize(("service", "place"), [("models", "/models"), ("insights", "/reports")])
def test_a_volume_that_is_written_belongs_to_who_writes(service: str, place: str) -> None:
    """An empty volume takes the owner of the folder of the image that it is mounted on."""
    assert place in mounts(service)
    stages = Stages()
    before_user = []
    for word, rest in stages.all_of(SERVICES[service]["build"]["target"]):
        if word == "USER":
            break
        before_user += [rest] if word == "RUN" else []
    (made,) = [line for line in before_user if line.startswith("install --directory")]
    assert "--owner=careloop" in made and place in made.split()


def test_models_are_filled_from_what_the_image_carries() -> None:
    given = SERVICES["models"]
    assert given["entrypoint"] == ["python", "-m", "deploy.retraining.seed"]
    source, target = given["command"]
    copies = [rest for word, rest in Stages().all_of("trainer") if word == "COPY"]
    assert f"--from=models /models {source}" in copies
    assert target in mounts("models")


@pytest.mark.parametrize("worker", WORKERS)
def test_a_worker_can_be_scaled_and_drains_before_it_is_killed(worker: str) -> None:
    service = SERVICES[worker]
    assert not {"ports", "container_name"} & service.keys()
    drain = float(service["environment"]["DRAIN_SECONDS"])
    assert seconds(service["stop_grace_period"]) >= drain + 5


@pytest.mark.parametrize("service", SERVICES)
def test_everything_that_runs_is_bounded(service: str) -> None:
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
