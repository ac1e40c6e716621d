"""Sealed personal data: written by ingest, opened by generate, unreadable to everybody between.

AES-256-GCM (NIST SP 800-38D) under a key ring, so that keys can be exchanged while tickets are on
their way. The ticket's id is bound as associated data: a seal cannot be moved to another ticket.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12
KEY_BYTES = 32


class SealBroken(Exception):
    """A seal that cannot be opened: changed, moved, or sealed under a key no longer in the ring."""


class KeyRing:
    """Keys by their id; the first seals, all open. Written `id:base64,id:base64`."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        if not keys or any(len(key) != KEY_BYTES for key in keys.values()):
            raise ValueError(f"a key ring needs keys of {KEY_BYTES} bytes")
        self._keys = dict(keys)
        self._active = next(iter(self._keys))

    @classmethod
    def parse(cls, text: str) -> "KeyRing":
        """Read `id:base64,id:base64`. Raises ValueError without quoting the keys."""
        keys = {}
        for part in filter(None, (piece.strip() for piece in text.split(","))):
            name, separator, value = part.partition(":")
            try:
                keys[name] = base64.b64decode(value, validate=True)
            except binascii.Error:
                separator = ""
            if not separator:
                raise ValueError("SEALING_KEYS must be written as id:base64,id:base64")
        return cls(keys)

    def seal(self, originals: Mapping[str, str], ticket_id: str) -> str:
        """Seal the originals, by placeholder. The same content gives the same seal.

        The nonce is derived from key and content (as in RFC 8452's SIV idea), so a redelivered
        message makes the same event, and a nonce repeats only where the whole plaintext does.
        """
        key = self._keys[self._active]
        plain = orjson.dumps(dict(originals), option=orjson.OPT_SORT_KEYS)
        bound = ticket_id.encode()
        nonce = hmac.digest(key, b"nonce\x1f" + bound + b"\x1f" + plain, hashlib.sha256)
        nonce = nonce[:NONCE_BYTES]
        sealed = AESGCM(key).encrypt(nonce, plain, bound)
        return f"{self._active}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"

    def open(self, seal: str, ticket_id: str) -> dict[str, str]:
        """The originals by placeholder. Raises SealBroken."""
        name, _, body = seal.partition(".")
        if name not in self._keys:
            raise SealBroken(f"no key {name!r} in the ring")
        try:
            raw = base64.urlsafe_b64decode(body)
            plain = AESGCM(self._keys[name]).decrypt(
                raw[:NONCE_BYTES], raw[NONCE_BYTES:], ticket_id.encode()
            )
        except (InvalidTag, ValueError) as error:
            raise SealBroken("the seal does not open") from error
        originals: dict[str, str] = orjson.loads(plain)
        return originals


def pseudonym(secret: bytes, purpose: str, identifier: str) -> str:
    """A key for somebody whose id must not travel: HMAC-SHA256, 128 bits, in hexadecimal."""
    message = f"{purpose}\x1f{identifier}".encode()
    return hmac.digest(secret, message, hashlib.sha256).hex()[:32]
