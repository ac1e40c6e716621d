"""The secrets of ingest, and what is made with them.

`python -m services.ingest.keys` prints fresh ones, ready for a shell.
"""

import base64
import binascii
import secrets
import sys
from collections.abc import Mapping

from services.ingest.settings import Settings
from shared.errors import FatalError
from shared.sealing import KEY_BYTES, KeyRing, pseudonym

LEAST_SECRET_BYTES = 16
HOW_TO_MAKE = 'eval "$(python -m services.ingest.keys)" makes fresh ones; keep them: what is sealed'
HOW_TO_MAKE += " opens under the same keys only"


class Keys:
    """Seals originals, and turns ids of people and contents into keyed hashes."""

    def __init__(self, ring: KeyRing, secret: bytes) -> None:
        self._ring = ring
        self._secret = secret

    @classmethod
    def of(cls, settings: Settings) -> "Keys":
        """The keys the environment gives. Raises FatalError that says what to set, and how."""
        ring_text = settings.sealing_keys.get_secret_value()
        secret_text = settings.customer_key_secret.get_secret_value()
        given = {"SEALING_KEYS": ring_text, "CUSTOMER_KEY_SECRET": secret_text}
        missing = [name for name, value in given.items() if not value.strip()]
        if missing:
            raise FatalError(f"{' and '.join(missing)} must be set; {HOW_TO_MAKE}")
        try:
            ring = KeyRing.parse(ring_text)
        except ValueError as error:
            raise FatalError(f"SEALING_KEYS: {error}; {HOW_TO_MAKE}") from None
        try:
            secret = base64.b64decode(secret_text, validate=True)
        except (binascii.Error, ValueError):
            secret = b""
        if len(secret) < LEAST_SECRET_BYTES:
            raise FatalError(
                f"CUSTOMER_KEY_SECRET must be base64 of {LEAST_SECRET_BYTES} bytes or more;"
                f" {HOW_TO_MAKE}"
            )
        return cls(ring, secret)

    def customer(self, customer_id: str | None, email: str | None = None) -> str | None:
        """The customer's key: by the id, else by the e-mail address, else there is none."""
        identifier = customer_id or (email or "").strip().lower()
        return pseudonym(self._secret, "customer", identifier) if identifier else None

    def agent(self, agent_id: str | None) -> str | None:
        """The agent's key."""
        return pseudonym(self._secret, "agent", agent_id) if agent_id else None

    def content(self, written: str) -> str:
        """A keyed hash of what a message says."""
        return pseudonym(self._secret, "content", written)

    def original(self, ticket_id: str, written: str) -> str:
        """A keyed hash of an original; the same one in another ticket has another."""
        return pseudonym(self._secret, "original", f"{ticket_id}\x1f{written}")

    def seal(self, originals: Mapping[str, str], ticket_id: str) -> str | None:
        """The originals by placeholder, sealed; None when there are none."""
        return self._ring.seal(originals, ticket_id) if originals else None


def fresh() -> dict[str, str]:
    """New secrets, by the variable they belong in."""
    ring, secret = (base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode() for _ in range(2))
    return {"SEALING_KEYS": f"k{secrets.token_hex(3)}:{ring}", "CUSTOMER_KEY_SECRET": secret}


def main() -> int:
    for name, value in fresh().items():
        sys.stdout.write(f"export {name}='{value}'\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
