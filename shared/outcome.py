"""What a handler says of each event it was given."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from shared.envelope import Event
from shared.events import Payload
from shared.topics import TopicCard


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An event and the topic it goes to."""

    topic: TopicCard
    event: Event[Payload]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Done, with what is to be published; or the error this event ended in."""

    publish: tuple[Outgoing, ...] = ()
    error: Exception | None = None


DONE = Outcome()
"""Nothing to publish: the event has had its effect."""

Handler = Callable[[Sequence[Event[Any]]], Awaitable[Sequence[Outcome]]]
"""Takes events with distinct keys and gives one outcome for each, in order.

What it stores is stored when it returns. It may be called again with any of them: the second time
must change nothing more. Raising is as good as returning that error for all of them.
"""
