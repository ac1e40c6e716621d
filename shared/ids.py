"""Ids are derived, never drawn: the same input gives the same ids, redelivered or not."""

from uuid import UUID, uuid5

NAMESPACE = UUID("6f1c5a0e-3f43-5d3b-9a53-0c8d2b7f4e11")
"""The root of all of careloop's derived ids."""


def derived(*parts: str) -> str:
    """A name-based UUID (RFC 9562, version 5) over the parts, in order."""
    return str(uuid5(NAMESPACE, "\x1f".join(parts)))
