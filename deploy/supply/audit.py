"""Known weaknesses of what is locked: pip-audit, asking an OSV service (https://osv.dev).

pip-audit ends with 1 both when it found something and when it could not ask. Here the two differ:
who is paged for the one must not be for the other, and neither may pass for the other.
"""

import json
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.lock import FOLDER, WHOLE
from deploy.supply.errors import SupplyError

SECONDS = 15
"""Longest wait for one answer of the service."""

LINES_SHOWN = 3


class Unreachable(SupplyError):
    """The advisories could not be asked for, so nothing is known."""


@dataclass(frozen=True, slots=True)
class Weakness:
    """A known one of a package that is locked. `fixed`: versions without it."""

    package: str
    version: str
    advisory: str
    fixed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Audit:
    """What was asked about, and what was found."""

    packages: int
    weaknesses: tuple[Weakness, ...]


def audit(
    passed_over: Iterable[str] = (), osv_url: str = "", lock: Path = FOLDER / f"{WHOLE}.txt"
) -> Audit:
    """Ask of everything in the lock; `passed_over`: advisories that do not count.

    Raises Unreachable when not every package could be asked about.
    """
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(lock), "--require-hashes"]
    command += ["--disable-pip", "--strict", "--format", "json", "--progress-spinner", "off"]
    command += ["--vulnerability-service", "osv", "--timeout", str(SECONDS)]
    command += ["--osv-url", osv_url] if osv_url else []
    for advisory in passed_over:
        command += ["--ignore-vuln", advisory]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        told = json.loads(done.stdout)
    except ValueError:
        end = "\n".join(done.stderr.strip().splitlines()[-LINES_SHOWN:])
        raise Unreachable(
            f"nothing was audited, for the advisories were not told:\n{end}"
        ) from None
    return found_in(told)


def found_in(told: Mapping[str, list[dict[str, object]]]) -> Audit:
    """What pip-audit's JSON tells: {dependencies: [{name, version, vulns: [{id, fix_versions}]}]}.

    Raises Unreachable when a package was skipped.
    """
    weaknesses = []
    for package in told["dependencies"]:
        if "skip_reason" in package:
            raise Unreachable(f"{package['name']} was not audited: {package['skip_reason']}")
        vulns: list[dict[str, object]] = package["vulns"]  # type: ignore[assignment]
        for vuln in vulns:
            fixed: list[str] = vuln["fix_versions"]  # type: ignore[assignment]
            name, version = str(package["name"]), str(package["version"])
            weaknesses.append(Weakness(name, version, str(vuln["id"]), tuple(fixed)))
    return Audit(len(told["dependencies"]), tuple(weaknesses))
