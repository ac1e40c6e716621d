"""Apache Kafka on this machine: a Java, and the jars that Maven fetched once into the cache."""

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.runtime.cache import cache_folder, locked
from deploy.runtime.errors import RuntimeUnavailable
from deploy.runtime.service import Say

VERSION = "4.4.0"
"""Of Apache Kafka; kafka/pom.xml names the same."""

POM = Path(__file__).with_name("kafka") / "pom.xml"
LOGGING = Path(__file__).with_name("kafka") / "log4j2.properties"
OLDEST_JAVA = 17
OTHERWISE = "or start Docker, or set KAFKA_BOOTSTRAP_SERVERS to a Kafka that runs already."

# A small heap and the quick compiler alone: a broker for one machine starts twice as fast.
FLAGS = ("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")


@dataclass(frozen=True)
class Installation:
    """A Kafka that can be run. `folder` holds `libs` and the archives of shared classes."""

    java: str
    java_version: str
    folder: Path

    def command(self, main: str, *arguments: str, flags: Sequence[str] = ()) -> list[str]:
        """The command line that runs a main class of Kafka's."""
        logging = f"-Dlog4j2.configurationFile={LOGGING}"
        classes = f"{self.folder / 'libs'}/*"
        return [self.java, *FLAGS, *flags, logging, "-cp", classes, main, *arguments]

    @property
    def archive(self) -> Path:
        """Where the shared classes of just this Java and these flags belong."""
        text = "\n".join((self.java, self.java_version, *FLAGS))
        return self.folder / f"classes-{hashlib.sha256(text.encode()).hexdigest()[:12]}.jsa"


def install(say: Say) -> Installation:
    """Find Java and the jars, fetching them when they are not there yet.

    Raises RuntimeUnavailable when Java or Maven is missing, or Maven fails.
    """
    java, java_version = _find_java()
    digest = hashlib.sha256(POM.read_bytes()).hexdigest()[:8]
    folder = cache_folder() / f"kafka-{VERSION}-{digest}"
    folder.mkdir(exist_ok=True)
    if not (folder / "libs").exists():
        with locked(folder, say):
            if not (folder / "libs").exists():
                _fetch(folder, say)
    return Installation(java, java_version, folder)


def _find_java() -> tuple[str, str]:
    """The path of java and what it says about its version."""
    home = os.environ.get("JAVA_HOME")
    java = (shutil.which("java", path=f"{home}/bin") if home else None) or shutil.which("java")
    need = (
        f"Install a Java {OLDEST_JAVA} or newer (Debian and Ubuntu: openjdk-17-jre-headless, "
        f"Fedora: java-21-openjdk-headless, Homebrew: openjdk), {OTHERWISE}"
    )
    if java is None:
        raise RuntimeUnavailable(f"Kafka needs Java, and there is no java on the PATH. {need}")
    said = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)
    version = re.search(r'version "(?:1\.)?(\d+)', said.stderr)
    if said.returncode != 0 or version is None:
        raise RuntimeUnavailable(f"Kafka needs Java, and {java} does not run. {need}")
    if int(version.group(1)) < OLDEST_JAVA:
        raise RuntimeUnavailable(f"{java} is Java {version.group(1)}, too old for Kafka. {need}")
    return java, said.stderr


def _fetch(folder: Path, say: Say) -> None:
    """Make `folder/libs`: it appears under that name complete or not at all."""
    maven = shutil.which("mvn")
    if maven is None:
        raise RuntimeUnavailable(
            f"Apache Kafka {VERSION} is fetched once with Maven, and there is no mvn on the PATH. "
            f"Install it (Debian, Ubuntu, Fedora and Homebrew: maven), {OTHERWISE}"
        )
    for abandoned in folder.glob("fetching-*"):
        shutil.rmtree(abandoned, ignore_errors=True)
    say(f"fetching Apache Kafka {VERSION} with Maven (once, 44 MB)")
    target = Path(tempfile.mkdtemp(prefix="fetching-", dir=folder))
    command = [maven, "-q", "-B", "-ntp", "-f", str(POM), "dependency:copy-dependencies"]
    options = ["-DincludeScope=runtime", f"-DoutputDirectory={target}"]
    ended = subprocess.run(
        [*command, *options],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if ended.returncode != 0:
        shutil.rmtree(target, ignore_errors=True)
        lines = "\n".join(ended.stdout.strip().splitlines()[:15])
        raise RuntimeUnavailable(
            f"Maven could not fetch Apache Kafka {VERSION}. Mend what it says, {OTHERWISE}\n{lines}"
        )
    target.chmod(0o755)
    target.rename(folder / "libs")
