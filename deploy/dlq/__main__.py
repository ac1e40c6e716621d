"""`python -m deploy.dlq list | show TOPIC:PARTITION:OFFSET | replay | drop`."""

import argparse
import getpass
import re
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from kafka.errors import KafkaError
from rich.console import Console

from deploy.dlq.commands import SHOWN, drop_letters, list_letters, replay_letters, show
from deploy.dlq.letters import DEAD_LETTERS
from deploy.dlq.memory import MemoryFull
from deploy.outbox import KafkaUnavailable, given_kafka, quiet_client

WIDE = 240
INTERRUPTED = 130
AGO = re.compile(r"(\d{1,6})([smhd])")
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
POSITION = re.compile(r"([^:]+):(\d{1,9}):(\d{1,18})")
REPLAY_HELP = """\
Give dead letters back to the topic they came from, as they were, the oldest first. Mend the cause
first: a letter that dies again is a new letter.

Each is replayed once. What was replayed is remembered in the offsets of consumer group dlq-replay,
gaps left by filters included. Kafka forgets them offsets.retention.minutes (7 days by default)
after the last replay; a letter replayed twice changes nothing more, for its event keeps its id."""


RECORD = Path(".careloop/dlq-dropped.jsonl")
DROP_HELP = """\
Decide that dead letters are not to be replayed. Each is recorded with who decided it and why, then
remembered in the offsets of consumer group dlq-drop: no replay gives it back, `list` says so, and
`replay --again` still can. Kafka keeps the letter itself for as long as any other."""


def main() -> int:
    options = _parse()
    quiet_client()
    console = Console(width=None if sys.stdout.isatty() else WIDE)
    try:
        code: int = options.run(options, console)
        return code
    except (KafkaUnavailable, MemoryFull) as error:
        print(error, file=sys.stderr)
    except KafkaError as error:
        print(f"Kafka at {options.kafka} failed: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        return INTERRUPTED
    return 1


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m deploy.dlq",
        description="Dead letters: what workers could not take, as it came, with the reason.",
    )
    commands = parser.add_subparsers(required=True, metavar="list | show | replay | drop")
    listing = commands.add_parser("list", help="a table for every topic that has dead letters")
    listing.set_defaults(run=list_letters)
    _add_filters(listing, f"newest of each topic that are shown (default: {SHOWN})")
    showing = commands.add_parser("show", help="headers and value of one")
    showing.set_defaults(run=show)
    showing.add_argument("position", type=_position, metavar="TOPIC:PARTITION:OFFSET")
    showing.add_argument(
        "--reveal",
        action="store_true",
        help="show what may hold personal data: what came from outside and was not cleaned yet",
    )
    replaying = commands.add_parser(
        "replay",
        help="give them back to the topic they came from",
        description=REPLAY_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    replaying.set_defaults(run=replay_letters, done="replayed")
    _add_filters(replaying, "replay so many at most")
    replaying.add_argument("--dry-run", action="store_true", help="only show which")
    again = "those replayed or dropped before, too"
    replaying.add_argument("--again", action="store_true", help=again)
    dropping = _add_drop(commands)
    for command in (listing, showing, replaying, dropping):
        command.add_argument(
            "--kafka",
            default=given_kafka(),
            help="host:port, comma separated (default: KAFKA_BOOTSTRAP_SERVERS)",
        )
    options = parser.parse_args()
    if getattr(options, "topics", None) is None:
        options.topics = list(DEAD_LETTERS)
    return options


def _add_drop(commands: Any) -> argparse.ArgumentParser:
    dropping: argparse.ArgumentParser = commands.add_parser(
        "drop",
        help="record that they are not to be replayed",
        description=DROP_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    dropping.set_defaults(run=drop_letters, done="dropped")
    _add_filters(dropping, "drop so many at most")
    dropping.add_argument("--why", required=True, type=_words, help="for the record")
    dropping.add_argument("--by", default=_user(), help="for the record (default: %(default)s)")
    dropping.add_argument(
        "--record", type=Path, default=RECORD, metavar="FILE", help="JSONL (default: %(default)s)"
    )
    dropping.add_argument("--dry-run", action="store_true", help="only show which")
    return dropping


def _add_filters(parser: argparse.ArgumentParser, limit: str) -> None:
    parser.add_argument(
        "--topic",
        action="append",
        dest="topics",
        type=_topic,
        metavar="TOPIC",
        help="such as classify or classify.dlq; may be given again (default: all)",
    )
    parser.add_argument(
        "--code",
        action="append",
        default=[],
        metavar="CODE",
        help="reason code or pattern such as 'bug.*'; may be given again",
    )
    parser.add_argument(
        "--key", action="append", default=[], help="of the message, such as a ticket; again: more"
    )
    parser.add_argument("--since", type=_since, help="30m, 2h, 3d, or a time in ISO 8601 (UTC)")
    parser.add_argument("--until", type=_since, help="the same; those from then on are left out")
    parser.add_argument("--limit", type=_count, metavar="N", help=limit)


def _topic(text: str) -> str:
    topic = text if text.endswith(".dlq") else f"{text}.dlq"
    if topic not in DEAD_LETTERS:
        raise argparse.ArgumentTypeError(f"no such topic; there are {', '.join(DEAD_LETTERS)}")
    return topic


def _since(text: str) -> datetime:
    if ago := AGO.fullmatch(text):
        return datetime.now(UTC) - timedelta(**{UNITS[ago[2]]: int(ago[1])})
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("neither like 2h nor a time in ISO 8601") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _words(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("must say something")
    return text


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError("must be a number of 1 or more")
    return int(text)


def _position(text: str) -> tuple[str, int, int]:
    if found := POSITION.fullmatch(text):
        return _topic(found[1]), int(found[2]), int(found[3])
    raise argparse.ArgumentTypeError("must be TOPIC:PARTITION:OFFSET, such as classify.dlq:0:17")


if __name__ == "__main__":
    sys.exit(main())
