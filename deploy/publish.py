"""Send a file of tickets to Kafka: one JSON document a line, bare tickets or CloudEvents in
structured mode. Lines go as they are, malformed ones too: the worker behind the topic judges them.
A line that names its ticket_id has it for its key, so the messages of a ticket keep their order.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from deploy.outbox import KafkaUnavailable, Outbox, given_kafka, quiet_client
from shared.topics import INGEST

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
MOST_COMPLAINTS = 20
STRUCTURED = (("content-type", b"application/cloudevents+json; charset=UTF-8"),)


@dataclass(frozen=True, slots=True)
class Message:
    """A line as it is sent. `malformed`: it looks like neither a ticket nor an event."""

    key: bytes | None
    value: bytes
    headers: tuple[tuple[str, bytes], ...] = ()
    malformed: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """What came of it: messages Kafka has, malformed ones among those handed over, and the lines it
    did not take, each with the reason. `stopped` says why lines after `last_line` were not sent."""

    sent: int
    malformed: int
    refused: dict[int, str]
    seconds: float
    last_line: int
    stopped: str | None


def message_of(line: bytes) -> Message:
    """What is sent for a line."""
    try:
        document = json.loads(line)
    except (ValueError, RecursionError):
        return Message(None, line, malformed=True)
    if not isinstance(document, dict):
        return Message(None, line, malformed=True)
    if "specversion" in document and "type" in document:
        return Message(_key_of(document.get("data")), line, STRUCTURED)
    return Message(_key_of(document), line, malformed="ticket_id" not in document)


def _key_of(data: object) -> bytes | None:
    ticket_id = data.get("ticket_id") if isinstance(data, dict) else None
    if not isinstance(ticket_id, str) or not ticket_id:
        return None
    return ticket_id.encode("utf-8", "replace")


def publish(
    lines: Iterable[bytes],
    outbox: Outbox,
    rate: float | None = None,
    on_line: Callable[[int], None] = lambda size: None,
) -> Report:
    """Send every line that is not blank, at most `rate` a second, and wait until all are safe.

    `on_line` is told the bytes of each line read. Stops at Ctrl-C, and when Kafka itself fails.
    """
    began = time.monotonic()
    handed = malformed = number = 0
    stopped = None
    try:
        for number, line in enumerate(lines, start=1):
            on_line(len(line))
            content = line.removeprefix(BYTE_ORDER_MARK) if number == 1 else line
            if content := content.strip(b"\r\n\t "):
                if rate:
                    time.sleep(max(0.0, began + handed / rate - time.monotonic()))
                message = message_of(content)
                outbox.send(str(number), message.key, message.value, message.headers)
                handed += 1
                malformed += message.malformed
            if outbox.broken:
                stopped = "Kafka failed"
                break
    except KeyboardInterrupt:
        stopped = "interrupted"
    outbox.flush()
    refused = {int(line): str(error) for line, error in outbox.failures.items()}
    seconds = time.monotonic() - began
    return Report(outbox.acknowledged, malformed, refused, seconds, number, stopped)


def summary(report: Report, topic: str) -> str:
    """The closing line."""
    speed = report.sent / report.seconds if report.seconds > 0 else 0.0
    line = f"sent {report.sent} messages to {topic} in {report.seconds:.1f} s ({speed:.0f}/s)"
    if report.malformed:
        line += f"; {report.malformed} look malformed and went as they are"
    if report.refused:
        line += f"; {len(report.refused)} were not taken"
    return line


def complaints(name: str, refused: Mapping[int, str]) -> list[str]:
    """A line for every run of neighbours that Kafka did not take, with the first one's reason."""
    runs: list[list[int]] = []
    for number in sorted(refused):
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    lines = [f"{name}:{_span(run)}: not taken: {refused[run[0]]}" for run in runs[:MOST_COMPLAINTS]]
    more = sum(map(len, runs[MOST_COMPLAINTS:]))
    return [*lines, f"{name}: and {more} lines more were not taken"] if more else lines


def _span(run: Sequence[int]) -> str:
    return str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}"


@contextmanager
def _opened(path: str) -> Iterator[tuple[BinaryIO, int | None]]:
    """The lines of a file or of standard input, and their bytes if known."""
    if path == "-":
        yield sys.stdin.buffer, None
        return
    with Path(path).open("rb") as file:
        yield file, Path(path).stat().st_size


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m deploy.publish",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("file", help="JSONL file, or - for standard input")
    parser.add_argument(
        "--kafka",
        default=given_kafka(),
        help="host:port, comma separated (default: KAFKA_BOOTSTRAP_SERVERS, or 127.0.0.1:9092)",
    )
    parser.add_argument("--topic", default=INGEST.name, help="default: %(default)s")
    parser.add_argument("--rate", type=_rate, metavar="N", help="messages a second at most")
    return parser.parse_args()


def _rate(text: str) -> float:
    rate = float(text)
    if not 0 < rate < float("inf"):
        raise argparse.ArgumentTypeError("must be more than 0")
    return rate


def main() -> int:
    options = _parse()
    quiet_client()
    name = "standard input" if options.file == "-" else options.file
    try:
        with (
            _opened(options.file) as (lines, size),
            Outbox(options.kafka, options.topic, "careloop-publish") as outbox,
            _progress() as progress,
        ):
            task = progress.add_task(f"{name} -> {options.topic}", total=size)
            report = publish(lines, outbox, options.rate, lambda n: progress.advance(task, n))
    except OSError as error:
        print(f"cannot read {name}: {error.strerror}", file=sys.stderr)
        return 1
    except KafkaUnavailable as error:
        print(error, file=sys.stderr)
        return 1
    for line in complaints(name, report.refused):
        print(line, file=sys.stderr)
    if report.stopped:
        where = f"{name}:{report.last_line}"
        print(f"{where}: {report.stopped}: later lines were not sent", file=sys.stderr)
    print(summary(report, options.topic))
    return 1 if report.refused or report.stopped else 0


if __name__ == "__main__":
    sys.exit(main())
