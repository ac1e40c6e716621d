"""Dead letters on the terminal. What people wrote is shown only where it may be."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime

from rich.table import Table
from rich.text import Text

from deploy.dlq.letters import DEAD_LETTERS, DeadLetter
from shared.deadletters import PREFIX
from shared.topics import TOPICS

OPEN_HEADERS = frozenset(
    ("ce_id", "ce_type", "ce_source", "ce_time", "ce_specversion", "content-type", "traceparent")
)
"""Headers of the contract: they hold no personal data, even where the rest may."""

COLUMNS = (
    "offset",
    "time (UTC)",
    "source",
    "code",
    "field",
    "reason",
    "key",
    "attempts",
    "since then",
)


def table_of(topic: str, letters: Sequence[tuple[DeadLetter, str]], more: int = 0) -> Table:
    """The letters of one topic, each with what was done with it; `more` are not shown."""
    table = Table(title=topic, title_justify="left", caption_justify="left")
    if more:
        table.caption = f"the newest {len(letters)} of {len(letters) + more}; --limit shows more"
    for column in COLUMNS:
        table.add_column(column, overflow="fold")
    for letter, done in letters:
        where = f"{letter.partition}:{letter.offset}" if letter.partition else str(letter.offset)
        key = "" if letter.key is None else letter.key.decode("utf-8", "replace")
        why = (letter.code, letter.field, letter.reason)
        cells = (where, _moment(letter.at), letter.source, *why, key, letter.attempts, done)
        table.add_row(*(Text(printable(cell)) for cell in cells))
    return table


def headers_table(letter: DeadLetter, reveal: bool) -> Table:
    """All headers of a letter; those an upstream made up only if `reveal`."""
    table = Table(title=f"{letter.position}, from {letter.source}", title_justify="left")
    for column in ("header", "value"):
        table.add_column(column, overflow="fold")
    for name, value in letter.headers:
        shown = value.decode("utf-8", "replace")
        if not reveal and hides_personal_data(letter) and not _is_open(name):
            shown = hidden(value)
        table.add_row(Text(printable(name)), Text(printable(shown)))
    return table


def value_text(letter: DeadLetter, reveal: bool) -> str:
    """The value, JSON laid out for reading; a note in its place where it may be personal."""
    if letter.value is None:
        return "(no value)"
    if hides_personal_data(letter) and not reveal:
        return hidden(letter.value)
    try:
        return printable(json.dumps(json.loads(letter.value), ensure_ascii=False, indent=2))
    except (ValueError, RecursionError):
        return printable(letter.value.decode("utf-8", "backslashreplace"))


def hides_personal_data(letter: DeadLetter) -> bool:
    """Whether the letter comes from outside, before personal data was taken out."""
    return TOPICS[DEAD_LETTERS[letter.topic]].untrusted


def hidden(value: bytes) -> str:
    return f"({len(value)} bytes, hidden because they may hold personal data: --reveal shows them)"


def printable(text: str) -> str:
    """Without characters that would steer the terminal; line breaks stay."""
    return "".join(c if c.isprintable() or c == "\n" else ascii(c)[1:-1] for c in text)


def _is_open(name: str) -> bool:
    return name.startswith(PREFIX) or name in OPEN_HEADERS


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
