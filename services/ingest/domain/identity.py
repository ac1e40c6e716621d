"""What makes two deliveries the same message."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from shared import ids


def content(
    fingerprint: Callable[[str], str],
    ticket_id: str,
    subject: str | None,
    body: str,
    attachments: Sequence[str],
) -> str:
    """A keyed hash of what was written; `attachments` are addresses.

    Not of who sent it through what: an upstream that sends again may say more of the customer.
    """
    parts = [ticket_id, subject or "", body, *attachments]
    return fingerprint(json.dumps(parts, ensure_ascii=False))


LEAST_TO_REPEAT = 5
"""Characters; `ok` and `是的` are said twice and meant twice."""


def repeated(
    fingerprint: Callable[[str], str],
    sender: str,
    subject: str | None,
    body: str,
    attachments: Sequence[str],
) -> str | None:
    """A keyed hash of what a sender wrote, in whatever ticket; None when it says too little."""
    parts = [sender, subject or "", body, *attachments]
    if len("".join(parts[1:]).strip()) < LEAST_TO_REPEAT:
        return None
    return fingerprint(json.dumps(["repeated", *parts], ensure_ascii=False))


def message_id(given: str | None, written: str, created_at: datetime | None) -> str:
    """The message's id; without one it is known by its content and its time."""
    if given is not None:
        return given
    moment = "" if created_at is None else created_at.astimezone(UTC).isoformat()
    return ids.derived("content", written, moment)


def key(ticket_id: str, message_id: str) -> str:
    """What everything about this message is derived from, in whatever envelope it comes."""
    return ids.derived("message", ticket_id, message_id)
