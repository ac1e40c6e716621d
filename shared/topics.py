"""A card per topic: topics are created, documentation and access lists drawn from them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from types import MappingProxyType

from shared import events
from shared.events import Payload

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True)
class TopicCard:
    """What a topic is for and how it is kept.

    `producers` and `consumers` name workers, `upstream` or `operators`. The consumer named first
    owns the topic: it dead-letters what nobody understands. `untrusted` topics are written from
    outside; their bad messages are no sign of a bug of ours. `retention` is how long Kafka keeps
    a message.
    """

    name: str
    purpose: str
    key: str
    producers: tuple[str, ...]
    consumers: tuple[str, ...]
    events: tuple[type[Payload], ...]
    retention: timedelta
    partitions: int = 6
    max_message_bytes: int = 2 * MEBIBYTE
    dead_letters: str | None = None
    untrusted: bool = False

    @cached_property
    def types(self) -> frozenset[str]:
        """The CloudEvents types that may stand on this topic."""
        return frozenset(event.TYPE for event in self.events)


REPORTED = (
    events.FeedbackRated,
    events.ResponseReviewed,
    events.TicketResolved,
    events.TicketReopened,
    events.TicketReleased,
    events.LabelCorrected,
    events.InteractionRecorded,
)
"""What the outside reports about what happened after a reply."""

CONTROL = (
    events.PolicyUpdated,
    events.ModelPromoted,
    events.KnowledgeUpdated,
    events.CustomerErased,
    events.InsightReported,
)
"""What careloop tells itself."""

INGEST = TopicCard(
    name="ingest",
    purpose="The one door: tickets and reports from the outside. May hold personal data.",
    key="ticket_id; for interactions and erasures none",
    producers=("upstream",),
    consumers=("ingest",),
    events=(events.TicketReceived, *REPORTED, events.ErasureRequested),
    retention=timedelta(hours=24),
    max_message_bytes=16 * MEBIBYTE,
    dead_letters="ingest.dlq",
    untrusted=True,
)
CLASSIFY = TopicCard(
    name="classify",
    purpose="Messages that are clean and free of personal data, to be understood.",
    key="ticket_id",
    producers=("ingest",),
    consumers=("classify",),
    events=(events.TicketAccepted,),
    retention=timedelta(days=7),
    dead_letters="classify.dlq",
)
PERSONALIZE = TopicCard(
    name="personalize",
    purpose="Understood messages, to be joined with what is known of the customer.",
    key="ticket_id",
    producers=("classify",),
    consumers=("personalize",),
    events=(events.TicketClassified,),
    retention=timedelta(days=7),
    dead_letters="personalize.dlq",
)
GENERATE = TopicCard(
    name="generate",
    purpose="Messages with their customer, to be answered or handed over.",
    key="ticket_id",
    producers=("personalize",),
    consumers=("generate",),
    events=(events.TicketPersonalized,),
    retention=timedelta(days=7),
    dead_letters="generate.dlq",
)
FEEDBACK = TopicCard(
    name="feedback",
    purpose="What was replied, what happened next, and what was learned from it.",
    key="ticket_id, customer_key, or the name of the policy or model; on partition 0 nothing but "
    "what careloop tells itself",
    producers=("generate", "ingest", "feedback"),
    consumers=("feedback", "classify", "personalize", "generate"),
    events=(events.ResponseGenerated, *REPORTED, *CONTROL),
    retention=timedelta(days=30),
    dead_letters="feedback.dlq",
)
RESPONSES = TopicCard(
    name="responses",
    purpose="The one exit: exactly one response for every accepted message.",
    key="ticket_id",
    producers=("generate",),
    consumers=("upstream",),
    events=(events.ResponseGenerated,),
    retention=timedelta(days=7),
)


def _dead_letters_of(source: TopicCard) -> TopicCard:
    assert source.dead_letters is not None
    return TopicCard(
        name=source.dead_letters,
        purpose=f"What worker {source.consumers[0]} could not take, as it came, with the reason.",
        key=f"as in {source.name}",
        producers=(source.consumers[0],),
        consumers=("operators",),
        events=source.events,
        retention=timedelta(days=14),
        partitions=1,
        # The original value goes along whole, and the reason in its headers.
        max_message_bytes=source.max_message_bytes + MEBIBYTE,
    )


_WORKING = (INGEST, CLASSIFY, PERSONALIZE, GENERATE, FEEDBACK)

TOPICS: Mapping[str, TopicCard] = MappingProxyType(
    {
        card.name: card
        for card in (*_WORKING, RESPONSES, *(_dead_letters_of(card) for card in _WORKING))
    }
)
"""Every topic by its name."""
