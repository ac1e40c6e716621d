"""The originals of personal data, as far as this process may see them."""

from collections.abc import Iterable

from shared import log
from shared.sealing import KeyRing, SealBroken

logger = log.get(__name__)


class Seals:
    """Opens what ingest sealed."""

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring

    def opened(self, seals: Iterable[str | None], ticket_id: str) -> dict[str, str]:
        """The originals by placeholder, of all that open. One that does not is told in the log, and
        what it holds stays a placeholder: no reply is worth holding up for it."""
        originals: dict[str, str] = {}
        for seal in seals:
            if seal is None:
                continue
            try:
                originals |= self._ring.open(seal, ticket_id)
            except SealBroken:
                logger.warning("seal does not open: going on without", ticket_id=ticket_id)
        return originals
