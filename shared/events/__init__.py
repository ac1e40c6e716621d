"""The contract: every event that flows through careloop, by its CloudEvents type."""

from shared.events.base import Decision, Part, Payload, Priority, Reported, Sentiment, TicketPayload
from shared.events.control import (
    CustomerErased,
    InsightReported,
    KnowledgeUpdated,
    ModelPromoted,
    ObservedOutcomes,
    PolicyUpdated,
)
from shared.events.feedback import (
    FeedbackRated,
    InteractionRecorded,
    LabelCorrected,
    ResponseReviewed,
    TicketReleased,
    TicketReopened,
    TicketResolved,
)
from shared.events.responses import (
    Action,
    Citation,
    Handoff,
    Recommendation,
    ResponseGenerated,
)
from shared.events.tickets import (
    Attachment,
    AttachmentRead,
    AttachmentStatus,
    Customer,
    CustomerView,
    Entity,
    Evidence,
    RankedLabel,
    Ticket,
    TicketAccepted,
    TicketClassified,
    TicketPersonalized,
    TicketReceived,
    Turn,
    Understanding,
    Vector,
)

EVENTS: dict[str, type[Payload]] = {
    event.TYPE: event
    for event in (
        TicketReceived,
        TicketAccepted,
        TicketClassified,
        TicketPersonalized,
        ResponseGenerated,
        FeedbackRated,
        ResponseReviewed,
        TicketResolved,
        TicketReopened,
        TicketReleased,
        LabelCorrected,
        InteractionRecorded,
        PolicyUpdated,
        ModelPromoted,
        KnowledgeUpdated,
        CustomerErased,
        InsightReported,
    )
}
"""Every event type and the model of its data."""

FIELDS: frozenset[str] = frozenset(
    name for part in (*EVENTS.values(), *Part.__subclasses__()) for name in part.model_fields
)
"""The name of every field of the contract: what may be said of an event without quoting it."""

__all__ = [
    "EVENTS",
    "FIELDS",
    "Action",
    "Attachment",
    "AttachmentRead",
    "AttachmentStatus",
    "Citation",
    "Customer",
    "CustomerErased",
    "CustomerView",
    "Decision",
    "Entity",
    "Evidence",
    "FeedbackRated",
    "Handoff",
    "InsightReported",
    "InteractionRecorded",
    "KnowledgeUpdated",
    "LabelCorrected",
    "ModelPromoted",
    "ObservedOutcomes",
    "Payload",
    "PolicyUpdated",
    "Priority",
    "RankedLabel",
    "Recommendation",
    "Reported",
    "ResponseGenerated",
    "ResponseReviewed",
    "Sentiment",
    "Ticket",
    "TicketAccepted",
    "TicketClassified",
    "TicketPayload",
    "TicketPersonalized",
    "TicketReceived",
    "TicketReleased",
    "TicketReopened",
    "TicketResolved",
    "Turn",
    "Understanding",
    "Vector",
]
