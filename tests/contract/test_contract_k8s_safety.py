"""The Kubernetes files are safe as they stand: secrets, rights, and who may reach whom."""

import re
from typing import Any

import pytest

from tests.contract.k8s import (
    COMPONENT,
    PART_OF,
    WORKERS,
    config,
    container,
    environment,
    of_kind,
    pods,
    secret_examples,
    volumes,
)
from tests.contract.k8s_settings import known_to
from tests.unit.deploy.kit import Stages

PODS = pods()
STAGES = Stages()
SECRETS_AT = "/run/secrets/careloop"
OTHERS = {"topics": "operators", "retraining": "feedback", "insights": "feedback"}
"""Whose secrets jobs use: the daily ones have to do with feedback's database and topic alone."""


# -- secrets ------------------------------------------------------------------------------------


def test_no_value_of_a_secret_stands_here() -> None:
    assert not of_kind("Secret")
    secret = re.compile("PASSWORD|SECRET(?!S_DIR)|TOKEN|_KEY|_KEYS|MONGO_URL")
    for name in PODS:
        assert not [one for one in environment(name) if secret.search(one)]
    assert not [one for one in config() if secret.search(one)]
    for name, keys in secret_examples():
        assert not any(keys.values()), f"{name}.env.example has a value"


@pytest.mark.parametrize(("name", "keys"), list(secret_examples()))
def test_an_example_has_the_settings_of_whom_it_is_for(name: str, keys: dict[str, str]) -> None:
    if name != "keda":
        assert keys.keys() <= known_to(name)
        assert {"KAFKA_USERNAME", "KAFKA_PASSWORD"} <= keys.keys()


@pytest.mark.parametrize("name", sorted(PODS.keys() - {"models"}))
def test_who_runs_reads_its_own_secret_alone(name: str) -> None:
    used = {volumes(name)[one]["secret"]["secretName"] for one in ("secrets", "trust")}
    assert used == {OTHERS.get(name, name), "trust"}
    assert used - {"trust"} <= dict(secret_examples()).keys()
    mounted = {one["name"]: one for one in container(name)["volumeMounts"]}
    assert mounted["secrets"]["mountPath"] == environment(name)["SECRETS_DIR"] == SECRETS_AT
    assert mounted["secrets"]["readOnly"] is True
    ca = f"{mounted['trust']['mountPath']}/kafka.crt"
    assert ca == config()["KAFKA_CA_FILE"] and volumes(name)["trust"]["secret"]["optional"]


def test_keys_of_personal_data_are_given_to_those_alone_who_need_them() -> None:
    holders = {name for name, keys in secret_examples() if "SEALING_KEYS" in keys}
    assert holders == {"ingest", "generate"}
    assert {name for name, keys in secret_examples() if "CUSTOMER_KEY_SECRET" in keys} == {"ingest"}


# -- rights -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PODS)
def test_nothing_has_rights_that_it_does_not_need(name: str) -> None:
    spec, of = PODS[name]["spec"], container(name)
    assert spec["automountServiceAccountToken"] is False
    assert spec["enableServiceLinks"] is False
    pod = spec["securityContext"]
    (made,) = [
        rest for word, rest in STAGES.all_of(of["image"].partition("/")[2]) if "useradd" in rest
    ]
    assert f"--uid {pod['runAsUser']} " in made and pod["runAsUser"] == 10001
    assert pod["runAsNonRoot"] is True and pod["seccompProfile"] == {"type": "RuntimeDefault"}
    assert of["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    mounts = {one["mountPath"]: one["name"] for one in of["volumeMounts"]}
    assert "emptyDir" in volumes(name)[mounts["/tmp"]]
    assert not {"hostNetwork", "hostPID", "hostIPC"} & spec.keys()
    enforced = of_kind("Namespace")["careloop"]["metadata"]["labels"]
    assert enforced["pod-security.kubernetes.io/enforce"] == "restricted"


def test_models_are_written_by_the_trainer_alone_and_read_by_those_who_serve_them() -> None:
    users: dict[str, bool] = {}
    for name in PODS:
        for mount in container(name)["volumeMounts"]:
            if mount["name"] == "models":
                users[name] = mount.get("readOnly", False)
                assert mount["mountPath"] == "/models"
    assert {name for name, reads_only in users.items() if not reads_only} == {
        "models",
        "retraining",
    }
    assert {name for name, reads_only in users.items() if reads_only} == {
        "classify",
        "personalize",
        "generate",
    }
    assert of_kind("PersistentVolumeClaim")["models"]["spec"]["accessModes"] == ["ReadWriteMany"]


# -- network ------------------------------------------------------------------------------------

POLICIES = {name: one["spec"] for name, one in of_kind("NetworkPolicy").items()}


def policies_of(name: str, direction: str) -> set[str]:
    labels = PODS[name]["metadata"]["labels"]
    return {
        policy
        for policy, spec in POLICIES.items()
        if direction in spec["policyTypes"] and chosen(spec["podSelector"], labels)
    }


def chosen(selector: dict[str, Any], labels: dict[str, str]) -> bool:
    equal = selector.get("matchLabels", {}).items() <= labels.items()
    return equal and all(
        one["operator"] == "In" and labels.get(one["key"]) in one["values"]
        for one in selector.get("matchExpressions", ())
    )


@pytest.mark.parametrize("name", PODS)
def test_nobody_reaches_more_than_it_needs(name: str) -> None:
    allowed = {"default-deny", "dns", "kafka"}
    if name in WORKERS:
        allowed |= {"mongodb", "traces"}
    if name in ("retraining", "insights"):
        allowed |= {"mongodb"}
    allowed |= {"ingest": {"ingest-attachments"}, "generate": {"generate-services"}}.get(
        name, set()
    )
    assert policies_of(name, "Egress") == allowed
    scraped = {"prometheus"} if name in WORKERS else set()
    assert policies_of(name, "Ingress") == {"default-deny"} | scraped
    assert PODS[name]["metadata"]["labels"][PART_OF] == "careloop"
    assert PODS[name]["metadata"]["labels"][COMPONENT] in ("worker", "daily", "once")


def test_by_default_nobody_reaches_anybody() -> None:
    deny = POLICIES["default-deny"]
    assert deny["podSelector"] == {} and set(deny["policyTypes"]) == {"Ingress", "Egress"}
    assert not {"ingress", "egress"} & deny.keys()


def test_only_prometheus_calls_a_worker_and_only_its_port() -> None:
    (rule,) = POLICIES["prometheus"]["ingress"]
    assert [one["port"] for one in rule["ports"]] == [
        container("ingest")["ports"][0]["containerPort"]
    ]
    (peer,) = rule["from"]
    assert {"namespaceSelector", "podSelector"} == peer.keys()


@pytest.mark.parametrize("name", ["ingest-attachments", "generate-services"])
def test_the_internet_is_reached_by_https_and_nothing_inside_by_that(name: str) -> None:
    outside = [rule for rule in POLICIES[name]["egress"] if "ipBlock" in rule["to"][0]]
    (rule,) = outside
    assert rule["ports"] == [{"protocol": "TCP", "port": 443}]
    (four, six) = [peer["ipBlock"] for peer in rule["to"]]
    assert {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16"} <= {*four["except"]}
    assert {"fc00::/7", "fe80::/10"} <= {*six["except"]}
