"""What a dead letter says about itself, and which ones are meant."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Any

from shared.deadletters import PREFIX, without_reason
from shared.topics import TOPICS

DEAD_LETTERS: Mapping[str, str] = {
    card.dead_letters: card.name for card in TOPICS.values() if card.dead_letters
}
"""Each topic of dead letters with the topic that its worker owns."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """The original message with the reason; `position` is TOPIC:PARTITION:OFFSET of the letter.

    What a header does not say is empty, or None.
    """

    topic: str
    partition: int
    offset: int
    at: datetime
    code: str
    field: str
    reason: str
    attempts: str
    source_topic: str
    source_partition: int | None
    source_offset: int | None
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]

    @property
    def position(self) -> str:
        return f"{self.topic}:{self.partition}:{self.offset}"

    @property
    def source(self) -> str:
        if self.source_partition is None or self.source_offset is None:
            return self.source_topic
        return f"{self.source_topic}:{self.source_partition}:{self.source_offset}"

    @property
    def original_headers(self) -> list[tuple[str, bytes]]:
        return without_reason(self.headers)

    @property
    def unreplayable(self) -> str | None:
        """Why this letter cannot be given back, if it cannot."""
        source = TOPICS.get(self.source_topic)
        if source is None or source.dead_letters is None:
            return "its headers name no topic it came from"
        if (f"{PREFIX}value", b"left out") in self.headers:
            return f"its value was too large for a letter; {self.source} has it while it is kept"
        if self.key is None and self.value is None:
            return "it has neither key nor value"
        return None


@dataclass(frozen=True, slots=True)
class Filter:
    """Which letters are meant: by reason code (one of the patterns, such as `field.*`), key of the
    message, and time (from `since` to before `until`)."""

    codes: Sequence[str] = ()
    since: datetime | None = None
    until: datetime | None = None
    keys: Sequence[str] = ()

    def matches(self, letter: DeadLetter) -> bool:
        if self.since is not None and letter.at < self.since:
            return False
        if self.until is not None and letter.at >= self.until:
            return False
        if self.keys and (letter.key or b"").decode("utf-8", "replace") not in self.keys:
            return False
        return not self.codes or any(fnmatchcase(letter.code, code) for code in self.codes)


def letter_of(record: Any) -> DeadLetter:
    """The dead letter in a Kafka record; never fails, whoever wrote it."""
    headers = [(name, value or b"") for name, value in record.headers]
    said = {
        name.removeprefix(PREFIX): value.decode("utf-8", "replace")
        for name, value in headers
        if name.startswith(PREFIX)
    }
    return DeadLetter(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        at=_time(said.get("at", ""), record.timestamp),
        code=said.get("code", ""),
        field=said.get("field", ""),
        reason=said.get("reason", ""),
        attempts=said.get("attempts", ""),
        source_topic=said.get("source-topic", ""),
        source_partition=_number(said.get("source-partition", "")),
        source_offset=_number(said.get("source-offset", "")),
        key=record.key,
        value=record.value,
        headers=headers,
    )


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() else None


def _time(text: str, timestamp_ms: int) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return datetime.fromtimestamp(max(0, timestamp_ms) / 1000, UTC)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
