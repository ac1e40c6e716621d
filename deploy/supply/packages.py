"""The packages of the locks, and what their metadata says: as installed in this environment.

Locks are universal; what is asked here is what they install where this runs, which is an image's
platform when it runs on Linux.
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from deploy.lock import FOLDER, PARTS, PROJECT, WHOLE, tool_requirements, versions_of
from deploy.supply.errors import SupplyError
from deploy.supply.licences import Said

IMAGES = (*PARTS, "tools")
"""The locks that images are built from. `train` makes the models that others carry."""

LICENCE = "License :: "


@dataclass(frozen=True, slots=True)
class Package:
    """A package that is pinned and installed. `needs`: what it asks for, with markers."""

    name: str
    version: str
    said: Said
    needs: tuple[Requirement, ...]


def pins(lock: str, folder: Path = FOLDER) -> dict[str, str]:
    """Name and version of what the lock installs here."""
    found = {}
    for line in versions_of((folder / f"{lock}.txt").read_text("utf-8")).splitlines():
        pin, _, marker = line.partition(" ; ")
        if not marker or Marker(marker).evaluate():
            name, _, version = pin.partition("==")
            found[str(canonicalize_name(name))] = version
    return found


def packages(lock: str, folder: Path = FOLDER) -> list[Package]:
    """What the lock installs here, by name. Raises SupplyError where it is not installed."""
    found = [_installed(name, version) for name, version in sorted(pins(lock, folder).items())]
    return found


def shipped() -> dict[str, list[str]]:
    """For each package of an image the images that have it."""
    found: dict[str, list[str]] = {}
    for image in IMAGES:
        for name in pins(image):
            found.setdefault(name, []).append(image)
    return found


def direct(lock: str) -> list[Requirement]:
    """What careloop itself asks for, where this lock is installed."""
    if lock == "tools":
        return [Requirement(line) for line in tool_requirements().splitlines()]
    project = tomllib.loads(PROJECT.read_text("utf-8"))["project"]
    extras: Mapping[str, list[str]] = project["optional-dependencies"]
    return list(_resolved([*project["dependencies"], *extras[lock]], project["name"], extras))


def edges(lock: str) -> dict[str, list[str]]:
    """Which package asks for which; "" is careloop itself. Markers and extras are heeded."""
    installed = {package.name: package for package in packages(lock)}
    found: dict[str, set[str]] = {}
    open_: list[tuple[str, Requirement]] = [("", requirement) for requirement in direct(lock)]
    seen: set[tuple[str, str]] = set()
    while open_:
        asker, requirement = open_.pop()
        name = str(canonicalize_name(requirement.name))
        found.setdefault(asker, set()).add(name)
        for extra in ("", *requirement.extras):
            if (name, extra) not in seen and name in installed:
                seen.add((name, extra))
                open_ += [(name, need) for need in installed[name].needs if _applies(need, extra)]
    return {asker: sorted(needs & installed.keys()) for asker, needs in found.items()}


def version() -> str:
    """Of careloop."""
    return str(tomllib.loads(PROJECT.read_text("utf-8"))["project"]["version"])


def everything() -> list[Package]:
    """All that developers have, which holds all that images have."""
    return packages(WHOLE)


def _applies(need: Requirement, extra: str) -> bool:
    return need.marker is None or need.marker.evaluate({"extra": extra})


def _resolved(
    lines: Iterable[str], own: str, extras: Mapping[str, list[str]]
) -> Iterator[Requirement]:
    for requirement in map(Requirement, lines):
        if requirement.name == own:
            for extra in sorted(requirement.extras):
                yield from _resolved(extras[extra], own, extras)
        elif _applies(requirement, ""):
            yield requirement


@cache
def _installed(name: str, pinned: str) -> Package:
    try:
        found = metadata.distribution(name)
    except metadata.PackageNotFoundError:
        raise SupplyError(f"{name} {pinned} is locked and not installed here: make setup") from None
    if found.version != pinned:
        raise SupplyError(f"{name} {found.version} is installed and {pinned} locked: make setup")
    fields = found.metadata
    classifiers = [line for line in fields.get_all("Classifier", []) if line.startswith(LICENCE)]
    ends = {line.rpartition(" :: ")[2] for line in classifiers if line.count("::") > 1}
    expression, text = (
        next(iter(fields.get_all(field, [])), None) for field in ("License-Expression", "License")
    )
    said = Said(expression, text, tuple(sorted(ends)))
    return Package(name, pinned, said, tuple(Requirement(line) for line in found.requires or ()))
