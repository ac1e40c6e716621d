"""What one worker reads from one topic."""

from dataclasses import dataclass
from functools import cached_property

from shared.events import Payload
from shared.outcome import Handler
from shared.topics import TopicCard


@dataclass(frozen=True)
class Subscription:
    """A topic, and the handler of what stands on it.

    `handles` are the payloads the handler takes; other types of the topic are passed over. `bare`
    is what a message without envelope is taken for. A value over `max_bytes` is a dead letter.
    """

    worker: str
    topic: TopicCard
    handles: tuple[type[Payload], ...]
    handler: Handler
    bare: type[Payload] | None = None
    max_bytes: int | None = None

    @property
    def owns(self) -> bool:
        """Whether this worker dead-letters what nobody understands."""
        return self.topic.consumers[0] == self.worker

    @cached_property
    def types(self) -> frozenset[str]:
        """The CloudEvents types the handler takes."""
        return frozenset(payload.TYPE for payload in self.handles)

    def passes_over(self, event_type: str | None) -> bool:
        """Types of others: known to the topic, or none of ours on a topic we only listen to."""
        if event_type is None or event_type in self.types:
            return False
        return event_type in self.topic.types or not self.owns
