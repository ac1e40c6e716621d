"""The embedded database with users: it makes the first one while it still asks nobody."""

import shutil
import sys
from pathlib import Path
from urllib.parse import quote_plus

from pymongo import MongoClient

from deploy.runtime.child import Child
from deploy.runtime.mongo import SERVER, pings
from deploy.runtime.ports import LOOPBACK, free_ports

ADMINISTRATOR, PASSWORD = "administrator", "of the database"


class GuardedMongo:
    """Serves after `start`; whoever has no user and password may do nothing."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._address = f"{LOOPBACK}:{free_ports(1)[0]}"
        self._child: Child | None = None

    @property
    def administration(self) -> str:
        """The connection string of who may make users."""
        login = f"{ADMINISTRATOR}:{quote_plus(PASSWORD)}"
        return f"mongodb://{login}@{self._address}/?directConnection=true&authSource=admin"

    @property
    def anonymous(self) -> str:
        return f"mongodb://{self._address}/?directConnection=true"

    def url(self, worker: str, password: str) -> str:
        """A worker's connection string, as `deploy.mongo_users --help` gives it."""
        login = f"{worker}:{quote_plus(password)}"
        return f"mongodb://{login}@{self._address}/{worker}?directConnection=true"

    def start(self) -> None:
        self._run()
        with MongoClient[dict[str, object]](self.anonymous) as client:
            client.admin.command("createUser", ADMINISTRATOR, pwd=PASSWORD, roles=["root"])
        self.stop()
        self._run("--auth")

    def stop(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.stop()

    def _run(self, *more: str) -> None:
        server = shutil.which(SERVER, path=str(Path(sys.executable).parent))
        assert server is not None
        data = self._folder / "data"
        data.mkdir(parents=True, exist_ok=True)
        host, _, port = self._address.partition(":")
        where = ("--host", host, "--port", port, "--storage-path", str(data), "--sync-on-commit")
        command = [server, *where, "--log-level", "WARNING", *more]
        log = self._folder / "database.log"
        self._child = Child("The database", command, log=log, grace_seconds=15.0)
        self._child.wait_ready(lambda: pings(self.anonymous), 60.0)
