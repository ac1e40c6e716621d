"""What the worker goes by right now; taken once a wave, so that a wave has one rule."""

from services.generate import metrics
from services.generate.domain.policy import Policy
from services.generate.knowledge_base import KnowledgeBase
from shared.errors import TemporaryError


class Current:
    """The policy and the knowledge in force in this process."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._knowledge: KnowledgeBase | None = None

    @property
    def policy(self) -> Policy:
        return self._policy

    @property
    def knowledge(self) -> KnowledgeBase:
        """Raises TemporaryError before the first one was loaded."""
        if self._knowledge is None:
            raise TemporaryError("no knowledge base loaded")
        return self._knowledge

    def take_policy(self, policy: Policy) -> None:
        """Go by this policy, unless it is older than the one in force."""
        if policy.version > self._policy.version:
            self._policy = policy
            metrics.POLICY.set(policy.version)

    def take_knowledge(self, knowledge: KnowledgeBase) -> None:
        self._knowledge = knowledge
        metrics.KNOWLEDGE.info({"version": knowledge.version})
