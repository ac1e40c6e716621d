"""What classify needs from outside."""

from collections.abc import Sequence
from typing import Protocol

from services.classify.domain.heads import Reading


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
