"""Bills of material: what an image has, all of it, and the same every time."""

import json
from pathlib import Path
from typing import Any

import pytest

from deploy.supply.packages import edges, pins
from deploy.supply.policy import policy
from deploy.supply.sbom import LISTED, MODEL_CARRIERS, VALIDATOR, sbom, write
from tests.unit.deploy.kit import JOBS, WORKERS, Stages

POLICY = policy()


def content(lock: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(sbom(lock, POLICY))
    return found


@pytest.fixture(scope="module")
def bills(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """As the command writes them."""
    written = write(tmp_path_factory.mktemp("sbom"), POLICY)
    return {path.name.removesuffix(".cdx.json"): json.loads(path.read_text()) for path in written}


def test_there_is_one_for_every_image_and_one_of_all(bills: dict[str, dict[str, Any]]) -> None:
    assert bills.keys() == {*WORKERS, *JOBS.values(), "train", "tools", "careloop"}


@pytest.mark.parametrize("lock", LISTED)
def test_it_has_what_the_lock_installs_with_licences(
    lock: str, bills: dict[str, dict[str, Any]]
) -> None:
    bill = bills["careloop" if lock == "dev" else lock]
    parts = {part["name"]: part for part in bill["components"] if part["type"] == "library"}
    assert {name: part["version"] for name, part in parts.items()} == pins(lock)
    assert all(part["licenses"] for part in parts.values())
    for name, part in parts.items():
        assert part["purl"] == f"pkg:pypi/{name}@{part['version']}"


@pytest.mark.parametrize("lock", LISTED)
def test_whatever_is_there_is_there_because_somebody_asked_for_it(lock: str) -> None:
    asked = edges(lock)
    assert {need for needs in asked.values() for need in needs} == pins(lock).keys()


def test_it_says_who_asked_for_what(bills: dict[str, dict[str, Any]]) -> None:
    told = {line["ref"]: line.get("dependsOn", []) for line in bills["feedback"]["dependencies"]}
    names = {ref: {need.split("/")[-1].split("@")[0] for need in needs}
             for ref, needs in told.items()}  # fmt: skip
    assert {"aiokafka", "motor", "numpy", "python"} <= names["careloop-feedback"]
    assert "pymongo" not in names["careloop-feedback"], "motor asks for it"
    (motor,) = [needs for ref, needs in names.items() if ref.startswith("pkg:pypi/motor@")]
    assert motor == {"pymongo"}


def test_an_extra_brings_what_it_asks_for() -> None:
    """kafka-python asks for crc32c only as kafka-python[crc32c]."""
    assert "crc32c" in edges("tools")["kafka-python"]


def test_it_is_the_same_every_time_and_has_no_time_in_it(bills: dict[str, dict[str, Any]]) -> None:
    again = content("tools")
    assert again == bills["tools"]
    assert "timestamp" not in again["metadata"]
    serials = {bill["serialNumber"] for bill in bills.values()}
    assert len(serials) == len(bills)


def test_the_schema_is_asked() -> None:
    broken = content("tools")
    broken["components"][0]["type"] = "thing"
    assert VALIDATOR.validate_str(json.dumps(broken)) is not None


def test_what_an_image_carries_besides_packages_is_listed(bills: dict[str, dict[str, Any]]) -> None:
    stages = Stages()
    base = stages.arguments["PYTHON_IMAGE"].partition(":")
    for lock in {*LISTED} - {"dev"}:
        parts = [(part["type"], part["name"]) for part in bills[lock]["components"]]
        (python,) = [part for part in bills[lock]["components"] if part["type"] == "container"]
        assert (python["name"], python["version"]) == (base[0], base[2])
        models = ("machine-learning-model", "multilingual-e5-small")
        assert (models in parts) is (lock in MODEL_CARRIERS)


def test_who_carries_models_is_as_the_dockerfile_has_it() -> None:
    stages = Stages()
    carriers = {
        stage
        for stage in (*WORKERS, *JOBS.values(), "tools")
        if any(rest.startswith("--from=models ") for _, rest in stages.all_of(stage))
    }
    assert carriers | {"train", "dev"} == MODEL_CARRIERS


def test_the_whole_holds_every_part(bills: dict[str, dict[str, Any]]) -> None:
    every = {part["bom-ref"] for part in bills["careloop"]["components"]}
    for bill in bills.values():
        assert {part["bom-ref"] for part in bill["components"]} <= every


def test_the_folder_is_made(tmp_path: Path) -> None:
    (first, *_) = write(tmp_path / "a" / "b", POLICY)
    assert first.parent == tmp_path / "a" / "b"
