"""The public output: what careloop decided about a message, and wrote."""

from typing import ClassVar, Literal

from pydantic import Field

from shared.events.base import (
    Decision,
    Identifier,
    Instant,
    Language,
    Part,
    Priority,
    Sentiment,
    TicketPayload,
)
from shared.events.tickets import Entity, Evidence, RankedLabel, Recommendation, Vector


class Citation(Part):
    """Where a statement of the reply stands: `quote` is a literal span of that section."""

    document: str
    section: str
    quote: str


class Handoff(Part):
    """What a person gets with a ticket that is theirs, in the agents' language: who is to take it,
    and what they need to know. `sources` has where each of the `suggested_replies` stands."""

    queue: str
    summary: str
    suggested_replies: tuple[str, ...] = ()
    sources: tuple[Citation, ...] = ()


ActionStatus = Literal["done", "refused", "failed", "asking", "awaiting_approval"]


class Action(Part):
    """A permitted action in the company's systems.

    `done` with its `result`; `refused` by them for the reason in the result; `failed`, they could
    not be reached; `asking` the customer for what is `missing`; `awaiting_approval` by a person.
    Nothing was carried out in the last two. The idempotency key is the same however often the same
    message is worked on.
    """

    name: str
    arguments: dict[str, str] = {}
    idempotency_key: str
    result: dict[str, str] = {}
    status: ActionStatus = "done"
    missing: tuple[str, ...] = ()


class Asked(Part):
    """The message a response is to, as the loop learns from it; placeholders stand in its `text`.

    `answerable` is how sure the nearest entry of the knowledge base is to answer it.
    """

    text: str
    words: tuple[str, ...] = ()
    vector: Vector | None = None
    intents: tuple[RankedLabel, ...] = ()
    is_out_of_scope: bool = False
    answerable: float = Field(default=0.0, ge=0, le=1)
    turn: int = Field(default=1, ge=1)
    received_at: Instant


class Choice(Part):
    """What chance chose among options that were all safe, and how likely it was to."""

    slot: str
    context: str
    option: str
    propensity: float = Field(gt=0, le=1)


class ResponseGenerated(TicketPayload):
    """One response to one message, on `responses` for the upstream and on `feedback` for the loop.

    `confidence` is how sure the decision is: for an answer, that it answers the message.
    `reasons` are typed codes. `propensity` is the probability with which the policy chose this
    decision. `timings` are milliseconds per worker and in `total`, from receipt. `cost` counts what
    was used (`encoder_passes`, `llm_tokens`). On `responses` the text is ready to send; the copy on
    `feedback` keeps its placeholders and has what was `asked`.
    """

    TYPE: ClassVar[str] = "careloop.response.generated.v1"

    response_id: Identifier
    message_id: Identifier
    decision: Decision
    text: str
    language: Language
    confidence: float = Field(ge=0, le=1)
    intent: str
    intent_confidence: float = Field(default=1.0, ge=0, le=1)
    sentiment: Sentiment
    priority: Priority
    reasons: tuple[str, ...] = ()
    citations: tuple[Citation, ...] = ()
    action: Action | None = None
    recommendations: tuple[Recommendation, ...] = ()
    handoff: Handoff | None = None
    evidence: tuple[Evidence, ...] = ()
    entities: tuple[Entity, ...] = ()
    model_version: str
    policy_version: str
    propensity: float = Field(default=1.0, gt=0, le=1)
    choices: tuple[Choice, ...] = ()
    disclosure: str
    timings: dict[str, float] = {}
    cost: dict[str, float] = {}
    channel: str = "unknown"
    customer_key: str | None = None
    asked: Asked | None = None
    reviewed: str | None = None
    written_by: str = "composer"
    created_at: Instant
