"""Telling running workers that there is a new knowledge base."""

from datetime import datetime

from shared.envelope import new_event
from shared.events import KnowledgeUpdated
from shared.publisher import publish_once
from shared.settings import KafkaSettings
from shared.topics import FEEDBACK


async def announce(version: str, bootstrap_servers: str, now: datetime) -> None:
    """Publish `knowledge.updated`. Raises TemporaryError when no broker answers."""
    update = KnowledgeUpdated(version=version, updated_at=now)
    cause = f"knowledge {version} {now.isoformat()}"
    event = new_event(update, cause=cause, source="/careloop/generate", now=now)
    access = KafkaSettings(kafka_bootstrap_servers=bootstrap_servers)
    await publish_once(access, "careloop-knowledge", FEEDBACK, event)
