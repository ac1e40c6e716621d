"""What careloop tells itself: these go to every process of the workers they concern."""

from typing import ClassVar

from pydantic import Field

from shared.events.base import Instant, Part, Payload


class ObservedOutcomes(Part):
    """Verified outcomes of automatic replies to one intent."""

    good: int = Field(default=0, ge=0)
    bad: int = Field(default=0, ge=0)


class ChoiceWeights(Part):
    """How likely each option of a slot is to be chosen in a context; the weights add up to 1."""

    slot: str
    context: str
    weights: dict[str, float]


class PolicyUpdated(Payload):
    """From this version on a reply is automatic only at or above its intent's threshold.

    `alpha` and `delta` are the promise: at most `alpha` of automatic replies wrong, with
    confidence `1 - delta`; `alphas` has those of intents with another one. `reasons` says for each
    changed intent why. `pinned`: people set it, and outcomes do not change it.
    """

    TYPE: ClassVar[str] = "careloop.policy.updated.v1"

    version: int = Field(ge=0)
    default_threshold: float = Field(ge=0, le=1)
    thresholds: dict[str, float] = {}
    outcomes: dict[str, ObservedOutcomes] = {}
    reasons: dict[str, str] = {}
    alpha: float = Field(gt=0, lt=1)
    delta: float = Field(gt=0, lt=1)
    alphas: dict[str, float] = {}
    choices: tuple[ChoiceWeights, ...] = ()
    pinned: bool = False
    decided_at: Instant

    @property
    def key(self) -> str | None:
        return "policy"

    def threshold(self, intent: str) -> float:
        """The confidence an automatic reply to this intent needs."""
        return self.thresholds.get(intent, self.default_threshold)


class ModelPromoted(Payload):
    """Artifact `name` in the model store is now served in `version`."""

    TYPE: ClassVar[str] = "careloop.model.promoted.v1"

    name: str
    version: str
    previous: str | None = None
    reason: str = ""
    promoted_at: Instant

    @property
    def key(self) -> str | None:
        return self.name


class KnowledgeUpdated(Payload):
    """The knowledge base is now the one in `version`."""

    TYPE: ClassVar[str] = "careloop.knowledge.updated.v1"

    version: str
    updated_at: Instant

    @property
    def key(self) -> str | None:
        return "knowledge"


class CustomerErased(Payload):
    """Everything about this customer is to be forgotten."""

    TYPE: ClassVar[str] = "careloop.customer.erased.v1"

    customer_key: str
    requested_at: Instant

    @property
    def key(self) -> str | None:
        return self.customer_key


class InsightReported(Payload):
    """A finding for people, with the figures behind it."""

    TYPE: ClassVar[str] = "careloop.insight.reported.v1"

    kind: str
    title: str
    figures: dict[str, float] = {}
    reported_at: Instant

    @property
    def key(self) -> str | None:
        return self.kind
