"""What Kafka and the database have in common, wherever they come from."""

from collections.abc import Callable
from typing import Protocol

from deploy.runtime.errors import RuntimeUnavailable

Say = Callable[[str], None]
"""Takes one line of progress, for a person. Called from more than one thread."""


class Service(Protocol):
    """Kafka or a database that can be used at `url` once `start` has returned."""

    @property
    def kind(self) -> str:
        """`given`, `docker` or `embedded`."""

    @property
    def url(self) -> str:
        """Where clients connect: `host:port` for Kafka, a connection string for the database."""

    def start(self) -> None:
        """Return when it serves; nothing happens when it already does.

        Raises RuntimeUnavailable.
        """

    def stop(self) -> None:
        """Stop it cleanly; nothing happens when it does not run."""

    def kill(self) -> None:
        """Take it away without warning (SIGKILL), as a fault would."""

    def restart(self) -> None:
        """Stop it if it runs, and start it again at the same `url` on the same data."""


class Given:
    """A service somebody else runs: used as it is, never started or stopped from here."""

    kind = "given"

    def __init__(self, url: str, variable: str) -> None:
        self.url = url
        self._variable = variable

    def start(self) -> None:
        """It runs already; whether it answers is for its users to say."""

    def stop(self) -> None:
        """It is not ours to stop."""

    def kill(self) -> None:
        raise self._not_ours()

    def restart(self) -> None:
        raise self._not_ours()

    def _not_ours(self) -> RuntimeUnavailable:
        return RuntimeUnavailable(
            f"{self.url} was given by {self._variable}: only who runs it can kill or restart it"
        )
