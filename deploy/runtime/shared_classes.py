"""Class data sharing: what Java worked out about Kafka's classes, kept from one start to the next.

Halves the start of a broker. The archive is made once, by a broker that is started for it.
"""

import shutil
import tempfile
from pathlib import Path

from deploy.runtime.broker import Broker
from deploy.runtime.cache import locked
from deploy.runtime.installation import Installation
from deploy.runtime.ports import free_ports
from deploy.runtime.service import Say


def sharing_flags(installation: Installation, say: Say) -> tuple[str, ...]:
    """The Java flags that use the archive, which is made when there is none."""
    archive = installation.archive
    if not archive.exists():
        with locked(installation.folder, say):
            if not archive.exists():
                _make(installation, archive, say)
    # auto: with an archive that Java cannot use it starts without, only slower.
    return (f"-XX:SharedArchiveFile={archive}", "-Xshare:auto")


def _make(installation: Installation, archive: Path, say: Say) -> None:
    say("preparing Kafka for faster starts (once)")
    for abandoned in installation.folder.glob("archiving-*"):
        shutil.rmtree(abandoned, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix="archiving-", dir=installation.folder) as scratch:
        made = Path(scratch) / "classes.jsa"
        broker = Broker(
            installation,
            Path(scratch) / "kafka",
            port=free_ports(1)[0],
            flags=(f"-XX:ArchiveClassesAtExit={made}",),
            say=lambda line: None,
        )
        broker.start()
        broker.stop()
        # A Java without this ability makes no file: an empty one says that it was tried.
        made.touch()
        made.rename(archive)
