"""Composition root of the ingest worker."""

import sys

import rjieba

from services.ingest.attachments.addresses import hosts_of
from services.ingest.attachments.http import HttpAttachments, Limits
from services.ingest.domain.personal import Finder
from services.ingest.domain.phones import Phones
from services.ingest.domain.reading import Rules
from services.ingest.handlers import IngestHandler, Stores
from services.ingest.keys import Keys
from services.ingest.language_model import LanguageModel
from services.ingest.mongo import MongoMessages, MongoReports
from services.ingest.settings import Settings
from shared import topics
from shared.erasing import AGAIN_SECONDS
from shared.errors import FatalError
from shared.events import ErasureRequested, TicketReceived
from shared.mongo import Mongo, MongoErasures
from shared.periodic import repeat
from shared.worker import Worker


def main() -> int:
    settings = Settings()
    try:
        keys = Keys.of(settings)
    except FatalError as error:
        sys.stderr.write(f"ingest cannot start: {error}\n")
        return 1
    worker = Worker("ingest", settings)
    mongo = Mongo(settings.mongo_url, "ingest")
    messages = MongoMessages(mongo, settings.remember, settings.duplicate_window)
    reports = MongoReports(mongo, settings.remember)
    rules = rules_of(settings)
    attachments = attachments_of(settings)
    marks = MongoErasures(mongo)
    stores = Stores(messages, reports, attachments, marks)
    handler = IngestHandler(stores, keys, rules, now=worker.now)
    worker.rely_on("the database", mongo.reach)
    worker.prepare("the indexes of messages", messages.create_indexes)
    worker.prepare("the index of reports", reports.create_indexes)
    worker.prepare("the index of erasures", marks.create_indexes)
    worker.lead("erasures", lambda: repeat(AGAIN_SECONDS, handler.forget_late_ones))
    worker.on_close(mongo.close)
    worker.on_close(attachments.close)
    worker.subscribe(
        topics.INGEST,
        handler.take,
        handles=(TicketReceived, *topics.REPORTED, ErasureRequested),
        bare=TicketReceived,
        max_bytes=settings.message_max_bytes,
    )
    return worker.run()


def attachments_of(settings: Settings) -> HttpAttachments:
    """What reads attachments, as the settings say."""
    hosts = hosts_of(
        settings.listed(settings.attachment_hosts),
        plain_http=settings.attachment_http,
        private=settings.attachment_private,
    )
    return HttpAttachments(
        hosts, Limits(settings.attachment_max_bytes, settings.attachment_seconds)
    )


def rules_of(settings: Settings) -> Rules:
    """How messages are read, as the settings say."""
    return Rules(
        finder=Finder(Phones(settings.listed(settings.phone_regions))),
        guess=LanguageModel(settings.listed(settings.languages)).guess,
        segment=rjieba.cut,
        longest_text=settings.text_max_characters,
        language_sure=settings.language_sure,
    )
