"""Prometheus and Alertmanager on this machine, each a process of its own."""

import json
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from deploy.runtime import debian
from deploy.runtime.child import Child
from deploy.runtime.errors import RuntimeUnavailable
from deploy.runtime.ports import LOOPBACK, free_ports
from deploy.runtime.service import Say

PACKAGES = ("prometheus", "prometheus-alertmanager")
CACHED = "prometheus"
RULES = Path(__file__).parents[1] / "prometheus" / "rules"
TEMPLATES = Path("/usr/share/prometheus/alertmanager")
"""Where Debian's Alertmanager looks for its templates, and nowhere else."""
READY_WITHIN_SECONDS = 60.0
GRACE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Programs:
    """What Debian's two packages bring."""

    prometheus: Path
    promtool: Path
    alertmanager: Path
    amtool: Path


def find_prometheus() -> Path | None:
    """The server alone, where it is installed or was fetched before."""
    return debian.find("prometheus", CACHED)


def find() -> Programs | None:
    """The programs where they are installed or were fetched before; None if one is missing."""
    names = ("prometheus", "promtool", "prometheus-alertmanager", "amtool")
    found = [debian.find(name, CACHED) for name in names]
    if found[2] is None:
        found[2] = debian.find("alertmanager", CACHED)
    there = [path for path in found if path is not None]
    return Programs(*there) if len(there) == len(names) else None


def find_or_fetch(say: Say) -> Programs:
    """The programs, fetched if need be. Raises RuntimeUnavailable with what helps."""
    programs = find()
    if programs is None:
        try:
            debian.fetch(PACKAGES, CACHED, say)
        except RuntimeUnavailable as error:
            raise RuntimeUnavailable(
                "Prometheus is not available: put prometheus, promtool, alertmanager and amtool on "
                f"the PATH (https://prometheus.io/download/), for {error}"
            ) from error
        programs = find()
    if programs is None:
        raise RuntimeUnavailable(f"{' and '.join(PACKAGES)} do not hold what they should")
    return programs


def scraping(
    targets: Mapping[str, Sequence[str]],
    rules: Sequence[Path],
    *,
    interval: str = "15s",
    alertmanager: str | None = None,
) -> dict[str, Any]:
    """A configuration: `host:port`s by their job, files of rules, and whom to tell."""
    configuration: dict[str, Any] = {
        "global": {"scrape_interval": interval, "scrape_timeout": interval},
        "rule_files": [str(path) for path in rules],
        "scrape_configs": [
            {"job_name": job, "static_configs": [{"targets": list(hosts)}]}
            for job, hosts in targets.items()
        ],
    }
    configuration["global"]["evaluation_interval"] = interval
    if alertmanager:
        told = {"static_configs": [{"targets": [alertmanager]}]}
        configuration["alerting"] = {"alertmanagers": [told]}
    return configuration


class Monitor:
    """A server of the two, at `url` once started. A context manager."""

    def __init__(self, name: str, command: Sequence[str], folder: Path, port: int) -> None:
        self.address = f"{LOOPBACK}:{port}"
        self.url = f"http://{self.address}"
        self._name = name
        self._command = command
        self._log = folder / f"{name.lower()}.log"
        self._child: Child | None = None

    def start(self) -> None:
        """Raises RuntimeUnavailable when it does not come up."""
        self._child = Child(self._name, self._command, log=self._log, grace_seconds=GRACE_SECONDS)
        self._child.wait_ready(self._is_ready, READY_WITHIN_SECONDS)

    def stop(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.stop()

    def get(self, path: str) -> Any:
        """What stands under a path of its API, read as JSON."""
        with urllib.request.urlopen(f"{self.url}{path}", timeout=10) as answer:
            return json.load(answer)

    def _is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/-/ready", timeout=2):
                return True
        except (urllib.error.URLError, OSError):
            return False

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def prometheus(
    program: Path, configuration: Mapping[str, Any], folder: Path, port: int | None = None
) -> Monitor:
    """Prometheus with its data, configuration and log in `folder`; not started yet."""
    port = port or free_ports(1)[0]
    command = [
        str(program),
        f"--config.file={_written(configuration, folder, 'prometheus.yml')}",
        f"--storage.tsdb.path={folder.resolve() / 'data'}",
        f"--web.listen-address={LOOPBACK}:{port}",
        "--log.level=warn",
    ]
    pages = program.parents[1] / "share" / "prometheus" / "web"
    if pages.is_dir():  # Debian's has its site outside the program
        command.append(f"--web.local-assets={pages}")
    return Monitor("Prometheus", command, folder, port)


def alertmanager(program: Path, configuration: Mapping[str, Any], folder: Path) -> Monitor:
    """Alertmanager, alone and without a cluster; not started yet."""
    (port,) = free_ports(1)
    command = [
        *_seeing_templates(program),
        str(program),
        f"--config.file={_written(configuration, folder, 'alertmanager.yml')}",
        f"--storage.path={folder.resolve() / 'alertmanager'}",
        f"--web.listen-address={LOOPBACK}:{port}",
        "--cluster.listen-address=",
    ]
    return Monitor("Alertmanager", command, folder, port)


def _seeing_templates(program: Path) -> list[str]:
    """What starts an unpacked Alertmanager: a view of /usr/share of its own, with the templates of
    its package in their place. Linux lets everybody have one."""
    unpacked = program.parents[1] / "share" / TEMPLATES.relative_to("/usr/share")
    if TEMPLATES.is_dir() or not unpacked.is_dir():
        return []
    view = (
        f"mount -t tmpfs none /usr/share && mkdir -p {TEMPLATES.parent} && "
        f'ln -s "$0" {TEMPLATES} && exec "$@"'
    )
    return ["unshare", "--map-root-user", "--mount", "sh", "-c", view, str(unpacked)]


def _written(configuration: Mapping[str, Any], folder: Path, name: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder.resolve() / name
    file.write_text(json.dumps(configuration, indent=2), "utf-8")  # JSON is YAML, too
    return file
