"""What `kubectl apply -k deploy/k8s` sends to a cluster, as far as tests look at it.

Kustomize itself is not needed: the two patches are merged here as it does it, lists of what has a
name by the name. Where a kustomize is installed a test compares.
"""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate  # type: ignore[import-untyped]
import yaml

ROOT = Path(__file__).parents[2]
K8S = ROOT / "deploy" / "k8s"
CRDS = Path(__file__).with_name("crds")
Document = dict[str, Any]

WORKERS = ("ingest", "classify", "personalize", "generate", "feedback")
PART_OF = "app.kubernetes.io/part-of"
COMPONENT = "app.kubernetes.io/component"
NAME = "app.kubernetes.io/name"


def load(path: Path) -> list[Document]:
    return [document for document in yaml.safe_load_all(path.read_text("utf-8")) if document]


@cache
def kustomization() -> Document:
    (found,) = load(K8S / "kustomization.yaml")
    return found


@cache
def config() -> Mapping[str, str]:
    """What every pod is told by the generated ConfigMap."""
    lines = (K8S / "config.env").read_text("utf-8").splitlines()
    pairs = [line.partition("=") for line in lines if line and not line.startswith("#")]
    return {name: value for name, _, value in pairs}


@cache
def documents() -> list[Document]:
    """All resources, with the common patches merged in."""
    found = [one for name in kustomization()["resources"] for one in load(K8S / name)]
    for patch in kustomization()["patches"]:
        target, (common,) = patch["target"], load(K8S / patch["path"])
        for number, one in enumerate(found):
            if one["kind"] == target["kind"] and selects(target.get("labelSelector"), one):
                body = {key: value for key, value in common.items() if key != "metadata"}
                by_name = one["kind"] == "Deployment"  # a list of a custom resource is replaced
                found[number] = merged(one, body, by_name)
    return found


def selects(selector: str | None, document: Document) -> bool:
    if selector is None:
        return True
    name, _, value = selector.partition("=")
    return bool(document["metadata"].get("labels", {}).get(name) == value)


def merged(base: Any, patch: Any, by_name: bool) -> Any:
    """`patch` over `base`."""
    if isinstance(base, dict) and isinstance(patch, dict):
        both = {
            key: merged(base[key], value, by_name) for key, value in patch.items() if key in base
        }
        return {**base, **patch, **both}
    if by_name and isinstance(base, list) and isinstance(patch, list) and _named(base + patch):
        own = {one["name"]: one for one in base}
        common = {one["name"]: one for one in patch}
        return list(merged(own, common, by_name).values())
    return patch


def _named(items: list[Any]) -> bool:
    return all(isinstance(item, dict) and "name" in item for item in items)


def of_kind(kind: str) -> dict[str, Document]:
    """Resources of that kind by name."""
    return {one["metadata"]["name"]: one for one in documents() if one["kind"] == kind}


def pods() -> dict[str, Document]:
    """The pod templates of everything that runs, by the name of what runs them."""
    found = {}
    for one in documents():
        match one["kind"]:
            case "Deployment" | "Job":
                found[one["metadata"]["name"]] = one["spec"]["template"]
            case "CronJob":
                found[one["metadata"]["name"]] = one["spec"]["jobTemplate"]["spec"]["template"]
    return found


def container(name: str) -> Document:
    """The one container of what runs under that name."""
    (found,) = pods()[name]["spec"]["containers"]
    assert isinstance(found, dict)
    return found


def environment(name: str) -> dict[str, str]:
    """What that container is told by its own file."""
    return {one["name"]: one["value"] for one in container(name).get("env", ())}


def volumes(name: str) -> dict[str, Document]:
    """The volumes of that pod by name."""
    return {one["name"]: one for one in pods()[name]["spec"]["volumes"]}


@cache
def schemas() -> dict[tuple[str, str], Document]:
    """Schemas of custom resources by apiVersion and kind."""
    files = [json.loads(path.read_text("utf-8")) for path in CRDS.glob("*.json")]
    return {(one["apiVersion"], one["kind"]): strict(one["schema"]) for one in files}


def strict(schema: Any) -> Any:
    """With fields that nobody declared refused, which a cluster drops without a word."""
    if isinstance(schema, list):
        return [strict(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {key: strict(value) for key, value in schema.items()}
    declares = isinstance(schema.get("properties"), dict) and schema.get("type") == "object"
    if declares and not schema.get("x-kubernetes-preserve-unknown-fields"):
        inner.setdefault("additionalProperties", False)
    return inner


def validate(document: Document) -> None:
    """Raises jsonschema.ValidationError."""
    key = document["apiVersion"], document["kind"]
    if key in schemas():
        jsonschema.Draft202012Validator(schemas()[key]).validate(document)
    else:
        kubernetes_validate.validate(document, kubernetes_validate.latest_version(), strict=True)


def secret_examples() -> Iterator[tuple[str, Mapping[str, str]]]:
    """Each Secret that people make, with its keys and what the example has for values."""
    for path in sorted((K8S / "secrets").glob("*.env.example")):
        lines = path.read_text("utf-8").splitlines()
        pairs = [line.partition("=") for line in lines if line and not line.startswith("#")]
        yield path.name.removesuffix(".env.example"), {name: value for name, _, value in pairs}
