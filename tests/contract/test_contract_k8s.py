"""The Kubernetes files: valid to the letter, and true to what they name."""

import re
import shutil
import subprocess
from datetime import timedelta
from typing import Any

import jsonschema
import pytest
import yaml

from deploy.topics import PRODUCTION_COPIES, STRIMZI_CLUSTER
from deploy.topology.manifests import manifests
from shared.http import Health, routes
from shared.topics import TOPICS
from tests.contract.k8s import (
    K8S,
    NAME,
    ROOT,
    WORKERS,
    config,
    container,
    documents,
    environment,
    kustomization,
    load,
    of_kind,
    pods,
    secret_examples,
    validate,
)
from tests.contract.k8s_settings import known_to, settings_of
from tests.unit.deploy.kit import Stages, compose

PODS = pods()
STAGES = Stages()
KAFKA_TRIGGER = {
    *("bootstrapServers", "consumerGroup", "topic", "partitionLimitation", "lagThreshold"),
    *("activationLagThreshold", "offsetResetPolicy", "allowIdleConsumers", "version"),
    *("excludePersistentLag", "scaleToZeroOnInvalidOffset", "limitToPartitionsWithLag"),
    *("ensureEvenDistributionOfPartitions", "fullMetadata", "tls", "unsafeSsl", "sasl"),
}
"""What KEDA 2.21 reads of a trigger of type kafka (kafkaMetadata in pkg/scalers/kafka_scaler.go);
`FromEnv` behind a name takes the value from the container's environment. Others it passes over."""
SLO_SECONDS = 30
HOPS_BEFORE_THE_REPLY = 4


# -- valid --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "document", documents(), ids=lambda one: f"{one['kind']}-{one['metadata']['name']}"
)
def test_it_is_what_a_cluster_takes_and_no_field_is_misspelt(document: Any) -> None:
    validate(document)


def test_a_misspelt_field_would_be_noticed() -> None:
    (scaled,) = [one for one in documents() if one["kind"] == "ScaledObject"][:1]
    for wrong in (
        {**scaled, "spec": {**scaled["spec"], "maxReplicas": 3}},
        {**scaled, "spec": {**scaled["spec"], "pollingInterval": "15"}},
    ):
        with pytest.raises(jsonschema.ValidationError):
            validate(wrong)


def test_every_file_is_applied() -> None:
    listed = {K8S / name for name in kustomization()["resources"]}
    listed |= {K8S / patch["path"] for patch in kustomization()["patches"]}
    there = {path for path in K8S.rglob("*.yaml") if "strimzi" not in path.parts}
    assert there - listed == {K8S / "kustomization.yaml"}


def test_kustomize_makes_the_same_of_it() -> None:
    """Where one is installed; elsewhere the tests' own merging is what is looked at."""
    tool = next(filter(shutil.which, ("kustomize", "kubectl")), None)
    if tool is None:
        pytest.skip("neither kustomize nor kubectl is installed")
    words = [tool, "build"] if tool == "kustomize" else [tool, "kustomize"]
    done = subprocess.run([*words, str(K8S)], capture_output=True, text=True, check=True)
    made = {(one["kind"], one["metadata"]["name"]): one for one in yaml.safe_load_all(done.stdout)}
    (generated,) = [name for kind, name in made if kind == "ConfigMap"]
    assert made.pop(("ConfigMap", generated))["data"] == dict(config())
    tags = {one["name"]: one["newTag"] for one in kustomization()["images"]}
    for document in documents():
        text = yaml.safe_dump(document).replace("name: careloop\n", f"name: {generated}\n")
        if document["kind"] == "Deployment":
            text = re.sub(r"image: (\S+)", lambda m: f"image: {m[1]}:{tags[m[1]]}", text)
        if document["kind"] in ("Deployment", "ScaledObject"):
            one = made[document["kind"], document["metadata"]["name"]]
            assert one["metadata"].pop("namespace") == "careloop"
            assert _unordered(one) == _unordered(yaml.safe_load(text))


def _unordered(value: Any) -> Any:
    """Named things in the order of their names: theirs does not matter."""
    if isinstance(value, dict):
        return {key: _unordered(one) for key, one in value.items()}
    if isinstance(value, list):
        items = [_unordered(one) for one in value]
        return sorted(items, key=str)
    return value


# -- true to what they name ---------------------------------------------------------------------


def test_every_worker_and_every_job_is_there() -> None:
    assert PODS.keys() == {*WORKERS, "topics", "models", "retraining", "insights"}
    assert of_kind("ScaledObject").keys() == set(WORKERS)
    assert of_kind("PodDisruptionBudget").keys() == {*WORKERS, "insights"}


@pytest.mark.parametrize("name", PODS)
def test_its_image_is_a_target_of_the_dockerfile_and_of_a_release(name: str) -> None:
    image = container(name)["image"]
    owner, _, target = image.partition("/")
    assert owner == "careloop" and target in STAGES.instructions
    (listed,) = [one for one in kustomization()["images"] if one["name"] == image]
    assert re.fullmatch(r"\d+\.\d+\.\d+", listed["newTag"]), "a release, never latest"


@pytest.mark.parametrize("name", [*WORKERS, "retraining", "insights"])
def test_it_is_told_only_what_it_knows(name: str) -> None:
    assert environment(name).keys() <= known_to(name)
    assert config().keys() <= known_to(name)
    assert container(name)["envFrom"] == [{"configMapRef": {"name": "careloop"}}]


def test_what_is_configured_can_be_read_by_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for worker in WORKERS:
        with monkeypatch.context() as patch:
            for name, value in {**config(), **environment(worker)}.items():
                if name != "SECRETS_DIR":
                    patch.setenv(name, value)
            settings = settings_of(worker)()
        assert settings.kafka_security_protocol == "SASL_SSL"
        assert str(settings.kafka_ca_file).startswith("/etc/careloop/trust/")


@pytest.mark.parametrize("name", ["topics", "models", "retraining", "insights"])
def test_the_arguments_are_those_of_the_command(name: str) -> None:
    arguments = container(name).get("args", [])
    options = [one for one in arguments if one.startswith("--")]
    if name == "topics":
        assert arguments[:2] == ["deploy.topics", "apply"]
        module = "deploy.topics"
        assert not {"--add-partitions", "--shorten-retention"} & set(options)
    else:
        module = {"models": "deploy.retraining.seed", "retraining": "deploy.retraining"}.get(
            name, ""
        )
    if module:
        source = ROOT.joinpath(*module.split("."))
        file = source / "__main__.py" if source.is_dir() else source.with_suffix(".py")
        assert all(f'"{option}"' in file.read_text("utf-8") for option in options)
    # Without arguments of its own retraining would be the schedule that Compose runs.
    assert name != "retraining" or (arguments and "--every" not in arguments)


@pytest.mark.parametrize("worker", WORKERS)
def test_probes_ask_what_the_worker_answers(worker: str) -> None:
    served = {path for path, _ in routes(Health())}
    of, (port,) = container(worker), container(worker)["ports"]
    assert port["name"] == "http"
    told = " ".join(rest for word, rest in STAGES.all_of(worker) if word == "ENV")
    assert f"HTTP_PORT={port['containerPort']}" in told
    paths = {}
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        get = of[probe]["httpGet"]
        assert get["path"] in served and get["port"] == "http"
        paths[probe] = get["path"]
    assert paths["readinessProbe"] == "/readyz" and paths["livenessProbe"] == "/livez"
    started = of["startupProbe"]
    assert started["periodSeconds"] * started["failureThreshold"] >= 180
    (endpoint,) = of_kind("PodMonitor")["careloop"]["spec"]["podMetricsEndpoints"]
    assert endpoint["port"] == "http" and endpoint["path"] in served


@pytest.mark.parametrize("worker", WORKERS)
def test_resources_are_those_of_compose(worker: str) -> None:
    assert_as_in_compose(worker, worker)


@pytest.mark.parametrize("job", ["retraining", "insights", "topics", "models"])
def test_resources_of_jobs_are_those_of_compose(job: str) -> None:
    assert_as_in_compose(job, job)


def assert_as_in_compose(name: str, service: str) -> None:
    resources = container(name)["resources"]
    given = compose()["services"][service].get("deploy", {}).get("resources", {}).get("limits")
    if given is not None:
        assert float(resources["limits"]["cpu"]) == float(given["cpus"])
        assert mebibytes(resources["limits"]["memory"]) == mebibytes(given["memory"])
    assert mebibytes(resources["requests"]["memory"]) <= mebibytes(resources["limits"]["memory"])


def mebibytes(text: str) -> int:
    number, unit = re.fullmatch(r"(\d+)([MG])i?", text).groups()  # type: ignore[union-attr]
    return int(number) * (1024 if unit == "G" else 1)


# -- going and coming ---------------------------------------------------------------------------


@pytest.mark.parametrize("worker", WORKERS)
def test_a_worker_has_the_time_to_drain_and_is_replaced_one_by_one(worker: str) -> None:
    deployment = of_kind("Deployment")[worker]["spec"]
    drain = float(config()["DRAIN_SECONDS"])
    assert deployment["template"]["spec"]["terminationGracePeriodSeconds"] >= 2 * drain + 10
    assert deployment["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}
    session = settings_of(worker).model_fields["session_timeout_ms"].default
    assert deployment["minReadySeconds"] * 1000 > session
    assert "replicas" not in deployment, "an apply would undo what KEDA decided"
    for one in deployment["template"]["spec"]["topologySpreadConstraints"]:
        assert one["maxSkew"] == 1 and NAME in one["matchLabelKeys"]


@pytest.mark.parametrize("name", ["topics", "models", "retraining"])
def test_what_ends_is_not_started_again_by_its_node(name: str) -> None:
    assert PODS[name]["spec"]["restartPolicy"] == "Never"


def test_a_disruption_budget_finds_its_pods_and_never_blocks_a_node() -> None:
    for name, budget in of_kind("PodDisruptionBudget").items():
        assert budget["spec"]["maxUnavailable"] == 1
        wanted = budget["spec"]["selector"]["matchLabels"]
        assert wanted.items() <= PODS[name]["metadata"]["labels"].items()


@pytest.mark.parametrize("worker", WORKERS)
def test_a_worker_is_scaled_by_the_backlog_of_its_own_topic(worker: str) -> None:
    spec = of_kind("ScaledObject")[worker]["spec"]
    assert spec["scaleTargetRef"]["name"] == worker
    (trigger,) = spec["triggers"]
    told = trigger["metadata"]
    assert trigger["type"] == "kafka" and trigger["authenticationRef"] == {"name": "kafka"}
    assert {name.removesuffix("FromEnv") for name in told} <= KAFKA_TRIGGER
    assert int(told["lagThreshold"]) > 0
    assert (told["topic"], told["consumerGroup"]) == (worker, worker)
    assert told["bootstrapServersFromEnv"] in config()
    assert told["limitToPartitionsWithLag"] == "true" and told["offsetResetPolicy"] == "earliest"
    least, most = spec["minReplicaCount"], spec["maxReplicaCount"]
    assert 1 <= least <= most <= TOPICS[worker].partitions
    assert spec["pollingInterval"] <= SLO_SECONDS / 2
    down = spec["advanced"]["horizontalPodAutoscalerConfig"]["behavior"]["scaleDown"]
    assert down["stabilizationWindowSeconds"] >= 300 and spec["cooldownPeriod"] >= 300


@pytest.mark.parametrize("worker", ["classify", "personalize", "generate"])
def test_processes_are_added_before_a_backlog_costs_the_promise(worker: str) -> None:
    """What one process has to do at most when another is added, by the rate that is measured."""
    text = (ROOT / "tests" / "bench" / "results.md").read_text("utf-8")
    section = text.partition(f"\n## {worker.title()}\n")[2].partition("\n## ")[0]
    measured = re.search(r"worker on Kafka[^|]*\| ([\d,]+) (?:texts|tickets)/s", section)
    assert measured, f"no rate of {worker} in tests/bench/results.md"
    (trigger,) = of_kind("ScaledObject")[worker]["spec"]["triggers"]
    seconds = int(trigger["metadata"]["lagThreshold"]) / int(measured[1].replace(",", ""))
    assert 1 <= seconds <= SLO_SECONDS / HOPS_BEFORE_THE_REPLY


def test_who_keda_is_to_kafka_comes_from_secrets() -> None:
    targets = of_kind("TriggerAuthentication")["kafka"]["spec"]["secretTargetRef"]
    assert {one["parameter"] for one in targets} == {"sasl", "username", "password", "tls", "ca"}
    examples = dict(secret_examples())
    for one in targets:
        assert one["name"] == "trust" or one["key"] in examples[one["name"]]


# -- Kafka and Prometheus by their operators ----------------------------------------------------


def test_the_topics_of_strimzi_are_the_cards() -> None:
    text = (K8S / "strimzi" / "topics.yaml").read_text("utf-8")
    expected = manifests(TOPICS.values(), STRIMZI_CLUSTER, PRODUCTION_COPIES)
    assert text == expected, "python -m deploy.topics manifests > deploy/k8s/strimzi/topics.yaml"
    found = {one["metadata"]["name"]: one for one in load(K8S / "strimzi" / "topics.yaml")}
    assert found.keys() == TOPICS.keys()
    for name, card in TOPICS.items():
        validate(found[name])
        spec = found[name]["spec"]
        kept = timedelta(milliseconds=spec["config"]["retention.ms"])
        assert (spec["partitions"], kept) == (card.partitions, card.retention)
        assert spec["config"]["min.insync.replicas"] < spec["replicas"], "a broker may be away"


@pytest.mark.parametrize(
    "path", sorted((ROOT / "deploy" / "prometheus" / "rules").glob("*.yml")), ids=lambda p: p.stem
)
def test_the_rules_can_be_given_to_the_prometheus_operator(path: Any) -> None:
    """As README.md makes a PrometheusRule of each file: indented, under `spec`."""
    head = (
        "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata: {name: x}\nspec:\n"
    )
    lines = path.read_text("utf-8").splitlines()
    validate(yaml.safe_load(head + "".join(f"  {line}\n" for line in lines)))
