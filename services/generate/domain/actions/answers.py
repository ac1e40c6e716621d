"""Reading what the company's system answers. It is data from outside: checked, cut, and never more
than text."""

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Literal

Kind = Literal["done", "refused", "again", "broken"]
MOST_BYTES = 64 * 1024
LONGEST_FIELD = 200
_CODE = re.compile(r"[a-z][a-z0-9_]{0,63}")
_HIDDEN = frozenset({"Cc", "Cf", "Co", "Cs", "Cn"})
"""Control and format characters (those that turn the direction of text round, too), private ones
and halves of pairs."""
_UNDER_WAY = "request_in_progress"
"""What a system answers while another request with the same key is being worked on."""
_KEY_REUSED = "idempotency_key_reused"


@dataclass(frozen=True, slots=True)
class Answer:
    """`done` with `fields`; `refused` for the reason `code`; to be tried `again`; or `broken`, an
    answer that makes no sense. Of the last two `code` says why, and `reached` whether the system
    may have acted all the same."""

    kind: Kind
    code: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    reached: bool = True


def read(status: int, media_type: str, body: bytes, expected: Sequence[str]) -> Answer:
    """What an HTTP response says: `{"result": {...}}` with the `expected` fields, or `{"error":
    code}`. Fields nobody asked for are left out."""
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return Answer("again", "too_many_requests", reached=False)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.REQUEST_TIMEOUT:
        return Answer("again", "server_error")
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return Answer("broken", "redirected")
    try:
        document = _document(media_type, body)
    except _NotRead as why:
        return Answer("broken", str(why))
    if status >= HTTPStatus.BAD_REQUEST:
        return _refusal(document.get("error"))
    return _done(document.get("result") if status == HTTPStatus.OK else None, expected)


class _NotRead(Exception):
    """A body that is no JSON object; says why."""


def _document(media_type: str, body: bytes) -> dict[str, Any]:
    """Numbers as they are written. Raises _NotRead."""
    if len(body) > MOST_BYTES:
        raise _NotRead("too_large")
    if media_type.partition(";")[0].strip().lower() != "application/json":
        raise _NotRead("not_json")
    try:
        document = json.loads(body, parse_float=str, parse_int=str, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise _NotRead("not_json") from None
    if not isinstance(document, dict):
        raise _NotRead("off_schema")
    return document


def _done(result: object, expected: Sequence[str]) -> Answer:
    if not isinstance(result, dict):
        return Answer("broken", "off_schema")
    fields = {name: _text(result.get(name)) for name in expected}
    told = {name: value for name, value in fields.items() if value is not None}
    if len(told) < len(fields):
        return Answer("broken", "off_schema")
    return Answer("done", fields=told)


def _refusal(code: object) -> Answer:
    if not isinstance(code, str) or not _CODE.fullmatch(code):
        return Answer("broken", "off_schema")
    if code == _UNDER_WAY:
        return Answer("again", code)
    if code == _KEY_REUSED:
        return Answer("broken", code)
    return Answer("refused", code)


def _text(value: Any) -> str | None:
    """A text or number on one line without hidden characters, cut to LONGEST_FIELD."""
    if not isinstance(value, str):
        return None
    line = " ".join(value.split())
    clean = "".join(one for one in line if unicodedata.category(one) not in _HIDDEN)
    return clean if len(clean) <= LONGEST_FIELD else clean[: LONGEST_FIELD - 1] + "…"


def _refuse(constant: str) -> str:
    raise ValueError(f"{constant} is no JSON")
