"""`python -m services.feedback.insights` writes what customers tell as an HTML page."""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from services.feedback.domain.insight.findings import Findings, find, needed_since
from services.feedback.domain.insight.limits import Limits
from services.feedback.insights.announcements import announcements
from services.feedback.insights.clustering import by_average_linkage
from services.feedback.insights.jsonl import FileMessages
from services.feedback.insights.page import page
from services.feedback.insights.ports import Messages
from services.feedback.insights.wording import INTENTS, LANGUAGES, Wording
from services.feedback.messages.mongo import MongoMessages
from services.feedback.settings import Settings
from shared import topics
from shared.envelope import Event
from shared.errors import TemporaryError
from shared.events import Payload
from shared.mongo import Mongo
from shared.publisher import Publisher
from shared.rows import DataError

LONGEST_DAYS = 366.0


async def read(messages: Messages, days: float, end: datetime, limits: Limits) -> Findings:
    """What the `days` before `end` tell. Raises TemporaryError."""
    told = await messages.messages(needed_since(end, days, limits))
    # In a thread: grouping takes seconds, and whoever asked goes on meanwhile.
    return await asyncio.to_thread(
        find, told, end=end, days=days, cluster=by_average_linkage, limits=limits
    )


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m services.feedback.insights",
        description="Writes what customers tell as an HTML page.",
    )
    parser.add_argument("--out", type=Path, required=True, help="the page to write")
    parser.add_argument("--language", choices=LANGUAGES, default="zh", help="default: zh")
    parser.add_argument(
        "--days", type=_days, default=7.0, help="length of the period and of the one before; 7"
    )
    parser.add_argument(
        "--until",
        type=_moment,
        help="end of the period, ISO 8601; default: now, or the last message of a file",
    )
    parser.add_argument("--messages", type=Path, help="a JSONL file instead of the database")
    parser.add_argument(
        "--announce", action="store_true", help="say on the feedback topic what was found, too"
    )
    settings = Settings()
    parser.add_argument("--mongo-url", default=settings.mongo_url, help="default: MONGO_URL")
    parser.add_argument(
        "--kafka", default=settings.kafka_bootstrap_servers, help="default: KAFKA_BOOTSTRAP_SERVERS"
    )
    parser.add_argument(
        "--intents", type=Path, default=INTENTS, help="what intents are called, as intents.toml"
    )
    return parser.parse_args(arguments)


def write(given: argparse.Namespace) -> Findings:
    """Make the page. Raises TemporaryError, DataError, OSError, or ValueError for unreadable
    names."""
    wording = Wording(given.language, given.intents)
    findings = asyncio.run(_found(given))
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(page(findings, wording), encoding="utf-8")
    if given.announce:
        asyncio.run(_announce(announcements(findings, wording), given.kafka))
    return findings


async def _announce(events: Sequence[Event[Payload]], kafka: str) -> None:
    publisher = Publisher(kafka, "careloop-insights")
    await publisher.start()
    try:
        await publisher.publish(topics.FEEDBACK, *events)
    finally:
        await publisher.stop()


async def _found(given: argparse.Namespace) -> Findings:
    if given.messages is not None:
        told = FileMessages(given.messages)
        return await read(told, given.days, given.until or told.newest, Limits())
    mongo = Mongo(given.mongo_url, "feedback")
    try:
        messages = MongoMessages(mongo, Settings().messages_kept)
        return await read(messages, given.days, given.until or datetime.now(UTC), Limits())
    finally:
        await mongo.close()


def main(arguments: Sequence[str] | None = None) -> int:
    given = parse(arguments)
    try:
        findings = write(given)
    except TemporaryError as error:
        print(f"cannot report: {error}", file=sys.stderr)
        return 1
    except (DataError, OSError, ValueError) as error:
        print(f"cannot report: {error}", file=sys.stderr)
        return 2
    print(
        f"{given.out}: {findings.messages} messages, {len(findings.wishes)} changed wishes, "
        f"{len(findings.troubles)} troubles, {len(findings.gaps)} unanswered questions, "
        f"{len(findings.new_intents)} new intents, {len(findings.causes)} causes of repeats"
    )
    return 0


def _days(text: str) -> float:
    days = float(text)
    if not timedelta(days=0) < timedelta(days=min(days, LONGEST_DAYS + 1)) or days > LONGEST_DAYS:
        raise argparse.ArgumentTypeError(f"more than 0 and at most {LONGEST_DAYS:g}")
    return days


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


if __name__ == "__main__":
    sys.exit(main())
