"""What classify needs from outside."""

from collections.abc import Sequence
from typing import Protocol

from services.classify.domain.reading import Reading
from shared.events import ModelPromoted


class Model(Protocol):
    """Reads messages. Blocking; called from one thread at a time."""

    @property
    def version(self) -> str:
        """Name and version of the heads, as `name@version`."""

    @property
    def encoder_name(self) -> str: ...

    @property
    def encoder_version(self) -> str: ...

    def read(self, texts: Sequence[str]) -> Sequence[Reading]:
        """One reading a text, in order."""


class Models(Protocol):
    """Where models come from."""

    def load(self, version: str | None) -> Model:
        """This version, or the newest, checked, loaded and warm. Blocking.

        Raises TemporaryError when there is none, or it cannot be used.
        """


class State(Protocol):
    """What is to be served, as told last. All calls raise TemporaryError when it is away."""

    async def promoted(self) -> ModelPromoted | None: ...

    async def save_promoted(self, promoted: ModelPromoted) -> None:
        """Keep it, unless a later promotion is stored."""
