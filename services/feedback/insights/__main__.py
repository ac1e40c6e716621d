"""`python -m services.feedback.insights` writes what customers tell as HTML pages."""

import argparse
import asyncio
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from services.feedback import schedule
from services.feedback.domain.insight.findings import Findings
from services.feedback.domain.insight.limits import Limits
from services.feedback.insights.announcements import announcements
from services.feedback.insights.jsonl import FileMessages
from services.feedback.insights.mongo import MongoReports
from services.feedback.insights.page import page
from services.feedback.insights.reading import read
from services.feedback.insights.settings import InsightsSettings
from services.feedback.insights.wording import INTENTS, LANGUAGES, Wording
from services.feedback.messages.mongo import MongoMessages
from shared import log, topics
from shared.envelope import Event
from shared.errors import FatalError, TemporaryError
from shared.events import Payload
from shared.mongo import Mongo
from shared.publisher import publish_once
from shared.rows import DataError
from shared.settings import KafkaSettings

MODULE = "services.feedback.insights"
LONGEST_DAYS = 366.0


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    settings = InsightsSettings()
    parser = argparse.ArgumentParser(
        prog=f"python -m {MODULE}",
        description="Writes what customers tell as HTML pages.",
        parents=[schedule.option(settings.insights_every_hours)],
        allow_abbrev=False,
    )
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--out", type=Path, help="the page to write")
    where.add_argument(
        "--folder", type=Path, help="where to write a page in each language, report-zh.html, ..."
    )
    parser.add_argument(
        "--language",
        choices=LANGUAGES,
        default="zh",
        help="of --out, and of what is announced; default: zh",
    )
    parser.add_argument(
        "--days",
        type=_days,
        default=settings.insights_days,
        help="length of the period and of the one before; default: INSIGHTS_DAYS, %(default)g",
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
    parser.add_argument("--mongo-url", default=settings.mongo_url, help="default: MONGO_URL")
    parser.add_argument(
        "--kafka", default=settings.kafka_bootstrap_servers, help="default: KAFKA_BOOTSTRAP_SERVERS"
    )
    parser.add_argument(
        "--intents", type=Path, default=INTENTS, help="what intents are called, as intents.toml"
    )
    given = parser.parse_args(arguments)
    if given.every is not None and (given.messages or given.until):
        parser.error("--every goes with neither --messages nor --until")
    return given


def pages(given: argparse.Namespace) -> Mapping[str, Path]:
    """The files to write, by their language."""
    if given.out is not None:
        return {given.language: given.out}
    return {language: given.folder / f"report-{language}.html" for language in LANGUAGES}


def write(given: argparse.Namespace) -> Findings:
    """Make the pages. Raises TemporaryError, DataError, OSError, or ValueError for unreadable
    names."""
    files = pages(given)
    wordings = {language: Wording(language, given.intents) for language in files}
    findings = asyncio.run(_found(given))
    for language, file in files.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        # Whoever reads meanwhile sees the whole page, the old one or the new one.
        part = file.with_name(f".{file.name}.part")
        part.write_text(page(findings, wordings[language]), encoding="utf-8")
        part.replace(file)
    if given.announce:
        # In one language: a finding is one event, whatever words it is told in.
        asyncio.run(_announce(announcements(findings, wordings[given.language]), given.kafka))
    return findings


async def keep_reporting(given: argparse.Namespace, arguments: Sequence[str]) -> None:
    """Report whenever it is due, until stopped."""
    settings = InsightsSettings()
    mongo = Mongo(given.mongo_url, "feedback")
    reports = MongoReports(mongo)
    command = [sys.executable, "-m", MODULE, *schedule.once(arguments)]
    job = schedule.Job("insights", command, given.every, reports.last, reports.done)
    try:
        await schedule.until_stopped(schedule.repeat(job, beat=settings.heartbeat_file))
    finally:
        await mongo.close()


async def _announce(events: Sequence[Event[Payload]], kafka: str) -> None:
    access = KafkaSettings(kafka_bootstrap_servers=kafka)
    await publish_once(access, "careloop-insights", topics.FEEDBACK, *events)


async def _found(given: argparse.Namespace) -> Findings:
    if given.messages is not None:
        told = FileMessages(given.messages)
        return await read(told, given.days, given.until or told.newest, Limits())
    mongo = Mongo(given.mongo_url, "feedback")
    try:
        messages = MongoMessages(mongo, InsightsSettings().messages_kept)
        return await read(messages, given.days, given.until or datetime.now(UTC), Limits())
    finally:
        await mongo.close()


def main(arguments: Sequence[str] | None = None) -> int:
    arguments = sys.argv[1:] if arguments is None else arguments
    given = parse(arguments)
    if given.every is not None:
        settings = InsightsSettings()
        log.configure("insights", settings.log_level, settings.log_format)
        asyncio.run(keep_reporting(given, arguments))
        return 0
    try:
        findings = write(given)
    except (FatalError, TemporaryError) as error:
        print(f"cannot report: {error}", file=sys.stderr)
        return 1
    except (DataError, OSError, ValueError) as error:
        print(f"cannot report: {error}", file=sys.stderr)
        return 2
    written = ", ".join(str(file) for file in pages(given).values())
    print(
        f"{written}: {findings.messages} messages, {len(findings.wishes)} changed wishes, "
        f"{len(findings.troubles)} troubles, {len(findings.gaps)} unanswered questions, "
        f"{len(findings.new_intents)} new intents, {len(findings.causes)} causes of repeats"
    )
    for line in sampled(findings):
        print(line)
    return 0


def sampled(findings: Findings) -> list[str]:
    """What was found in a sample only, and in how large a one."""
    samples = {
        "troubles": findings.samples.troubles,
        "unanswered questions": findings.samples.gaps,
        "new intents": findings.samples.new_intents,
    }
    return [
        f"{kind}: a sample, {one.drawn.messages:,} of {one.every.messages:,} messages "
        f"({one.drawn.customers:,} of {one.every.customers:,} customers)"
        for kind, one in samples.items()
        if not one.is_whole
    ]


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
