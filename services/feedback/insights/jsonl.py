"""Messages from a JSONL file, one a line: the report without a database."""

import base64
from collections.abc import AsyncIterator, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from services.feedback.domain.insight.message import Cited, Message
from shared.rows import DataError, refuse, rows_of


class CitedRecord(BaseModel):
    document: str
    section: str


class MessageRecord(BaseModel):
    """A line of the file; what each field means stands with `Message`.

    `vector` is a list of numbers, or base64 of little-endian fp16 values as in events.
    """

    model_config = ConfigDict(extra="ignore")

    ticket_id: str = Field(min_length=1)
    message_id: str = Field(min_length=1)
    customer_key: str | None = None
    at: AwareDatetime
    text: str
    words: tuple[str, ...] = ()
    language: str = Field(min_length=2)
    vector: list[float] | str | None = None
    intent: str = Field(min_length=1)
    sentiment: str = "neutral"
    is_out_of_scope: bool = False
    decision: str
    reasons: tuple[str, ...] = ()
    verdict: Literal["good", "bad", "unknown"] = "unknown"
    answerable: float = Field(default=0.0, ge=0, le=1)
    queue: str | None = None
    products: tuple[str, ...] = ()
    cited: CitedRecord | None = None
    agent_reply: str | None = None

    def message(self) -> Message:
        """Raises ValueError for a vector that is none."""
        fields = {name: getattr(self, name) for name in type(self).model_fields}
        cited = None if self.cited is None else Cited(self.cited.document, self.cited.section)
        return Message(**fields | {"vector": _vector(self.vector), "cited": cited})


class FileMessages:
    """The messages of a file. Raises DataError at once where a line is none."""

    def __init__(self, path: Path) -> None:
        if path.suffix != ".jsonl":
            raise DataError(f"{path}: only .jsonl files hold messages")
        self._messages = tuple(_messages_of(path))
        if not self._messages:
            raise DataError(f"{path}: there is no message in it")

    @property
    def newest(self) -> datetime:
        """When the last one came."""
        return max(message.at for message in self._messages)

    async def messages(self, since: datetime) -> AsyncIterator[Message]:
        for message in self._messages:
            if message.at >= since:
                yield message

    outlines = messages


def lines_of(messages: Iterable[Message]) -> Iterator[str]:
    """The lines of a file of these messages."""
    for message in messages:
        fields = {name: getattr(message, name) for name in MessageRecord.model_fields}
        vector = message.vector
        packed = None if vector is None else base64.b64encode(vector.astype("<f2").tobytes())
        cited = message.cited
        fields["vector"] = None if packed is None else packed.decode()
        fields["cited"] = cited and CitedRecord(document=cited.document, section=cited.section)
        yield MessageRecord(**fields).model_dump_json(exclude_none=True)


def _messages_of(path: Path) -> Iterator[Message]:
    problems: list[str] = []
    width: int | None = None
    for line, row in rows_of(path, ()):
        try:
            message = MessageRecord.model_validate(row).message()
            if message.vector is not None:
                width = width or len(message.vector)
                if len(message.vector) != width:
                    raise ValueError(f"a vector of {len(message.vector)} values, not {width}")
        except ValidationError as error:
            first = error.errors(include_input=False)[0]
            field = ".".join(map(str, first["loc"])) or "the line"
            problems.append(f"{path}:{line}: {field}: {first['msg']}")
        except ValueError as error:
            problems.append(f"{path}:{line}: vector: {error}")
        else:
            yield message
    refuse(problems)


def _vector(given: list[float] | str | None) -> NDArray[np.float32] | None:
    if given is None:
        return None
    if isinstance(given, str):
        given = np.frombuffer(base64.b64decode(given, validate=True), "<f2").tolist()
    vector = np.array(given, np.float32)
    length = float(np.linalg.norm(vector))
    if not np.isfinite(length) or not length > 0:
        raise ValueError("it has no direction")
    unit: NDArray[np.float32] = vector / np.float32(length)
    return unit
