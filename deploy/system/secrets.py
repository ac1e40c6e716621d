"""Secrets of a local system: made once, kept in a file only its owner can read."""

import base64
import os
import secrets
from pathlib import Path

import orjson

KEY_BYTES = 32


def load_or_make(path: Path) -> dict[str, str]:
    """The environment variables with the secrets of ingest and generate."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        made = {
            "SEALING_KEYS": "local:" + base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode(),
            "CUSTOMER_KEY_SECRET": base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode(),
        }
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(orjson.dumps(made))
    loaded: dict[str, str] = orjson.loads(path.read_bytes())
    return loaded
