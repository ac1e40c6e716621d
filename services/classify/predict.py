"""`python -m services.classify.predict`: reads messages of a file as the worker would.

Every row comes back in order, its own fields untouched, with the fields of the event contract's
`Understanding` beside them, `language` and `language_confidence`. A field the row already has under
such a name is kept in `given`.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from services.classify.catalogue import CatalogueError, read_catalogue
from services.classify.messages import BadRow, Format, Message, read_messages
from services.classify.model_option import add_model_options, load_model
from services.classify.settings import ClassifySettings
from services.classify.understanding import Understander
from shared.errors import TemporaryError
from shared.events import Understanding

STANDARD = "-"
"""The name of standard input and output."""

_MOST_ROWS = 256
_MOST_CHARACTERS = 262_144  # bounds memory when the texts are long
_NOT_TOLD = {"vector", "classified_at"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit code: 0; 2 when data, model or output cannot be used; 1 when whoever read
    standard output has gone."""
    options = parse(arguments)
    try:
        count, seconds = predict(options)
    except BrokenPipeError:
        return 1
    except (BadRow, CatalogueError, TemporaryError, OSError) as refusal:
        print(refusal, file=sys.stderr)
        return 2
    speed = f", {count / seconds:.0f} a second" if count else ""
    print(f"messages read: {count}{speed}, to {options.out}", file=sys.stderr)
    return 0


def predict(options: argparse.Namespace) -> tuple[int, float]:
    """Reads all messages; returns how many and in how many seconds, loading not counted.

    A file is looked through first: a bad row shall be told at once and not after hours.
    Raises BadRow, CatalogueError, TemporaryError or OSError; then nothing is left at `out`.
    """
    settings = ClassifySettings()
    catalogue = read_catalogue(settings.catalogue)
    total = None
    if Path(options.data).is_file():  # a pipe can be read once only
        with _input(options.data) as file:
            total = sum(1 for _ in _messages(file, options.data))
    model = load_model(options, settings, settings.evidence_words)
    understander = Understander(lambda: model, catalogue)
    progress = _Progress(total)
    with _input(options.data) as file, _output(options.out) as out:
        for batch in _batches(_messages(file, options.data)):
            out.writelines(_lines(batch, understander, datetime.now(UTC)))
            out.flush()
            progress.add(len(batch))
    progress.end()
    return progress.count, progress.seconds


def _lines(batch: Sequence[Message], understander: Understander, now: datetime) -> Iterator[bytes]:
    understood = understander.understand(
        [message.text for message in batch],
        [message.written_at or now for message in batch],
        now,
    )
    for message, understanding in zip(batch, understood, strict=True):
        row = told(message, understanding)
        yield json.dumps(row, ensure_ascii=False).encode() + b"\n"


def told(message: Message, understanding: Understanding) -> dict[str, Any]:
    """The row and what was read in it."""
    added = understanding.model_dump(mode="json", exclude=_NOT_TOLD)
    added["language"] = message.language.code
    added["language_confidence"] = message.language.confidence
    replaced: Mapping[str, Any] = {
        name: value for name, value in message.row.items() if name in added or name == "given"
    }
    if replaced.keys() <= {"given"}:
        return {**message.row, **added}
    return {**message.row, **added, "given": replaced}


def _messages(file: Iterable[bytes], name: str) -> Iterator[Message]:
    form: Format = "csv" if Path(name).suffix == ".csv" else "jsonl"
    return read_messages(file, form, "standard input" if name == STANDARD else name)


def _batches(messages: Iterable[Message]) -> Iterator[list[Message]]:
    batch: list[Message] = []
    characters = 0
    for message in messages:
        batch.append(message)
        characters += len(message.text)
        if len(batch) == _MOST_ROWS or characters >= _MOST_CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


@contextmanager
def _input(name: str) -> Iterator[BinaryIO]:
    if name == STANDARD:
        yield sys.stdin.buffer
        return
    with Path(name).open("rb") as file:
        yield file


@contextmanager
def _output(name: str) -> Iterator[BinaryIO]:
    """Where lines are written. A file appears when all are, or stays as it was."""
    path = Path(name).resolve()
    if name == STANDARD:
        with os.fdopen(os.dup(1), "wb") as file:
            yield file
        return
    if path.exists() and not path.is_file():
        # A device or a pipe cannot be replaced.
        with path.open("wb") as file:
            yield file
        return
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            yield file
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


class _Progress:
    """How many messages are read, told on a terminal while it goes on."""

    def __init__(self, total: int | None) -> None:
        self.count = 0
        self._of = "" if total is None else f" of {total}"
        self._shown = sys.stderr.isatty()
        self._start = time.perf_counter()

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self._start

    def add(self, count: int) -> None:
        self.count += count
        if self._shown:
            speed = self.count / self.seconds
            sys.stderr.write(f"\r{self.count}{self._of} messages, {speed:.0f} a second ")
            sys.stderr.flush()

    def end(self) -> None:
        """Clears the line."""
        if self._shown:
            sys.stderr.write("\r\x1b[K")


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m services.classify.predict",
        description="Read messages as the classify worker would: intents, sentiment, priority, "
        "out of scope, entities and evidence, written beside each row.",
    )
    parser.add_argument(
        "--data",
        required=True,
        metavar="FILE",
        help=".jsonl or .csv with text and, where known, subject, created_at, lang; "
        f"`{STANDARD}`: JSON lines from standard input",
    )
    parser.add_argument(
        "--out",
        required=True,
        metavar="FILE",
        help=f"JSON lines; `{STANDARD}`: standard output",
    )
    add_model_options(parser, ClassifySettings())
    options = parser.parse_args(arguments)
    if Path(options.out).suffix == ".csv":
        parser.error("--out is written as JSON lines: name it .jsonl")
    return options


if __name__ == "__main__":
    sys.exit(main())
