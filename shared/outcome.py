"""What a handler says of each event it was given."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
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


async def by_kind(
    events: Sequence[Event[Any]], handlers: Mapping[type[Payload], Handler]
) -> list[Outcome]:
    """The outcomes of events, in their order, each handled together with those of its kind.

    A kind's handler is called once, in the order of `handlers`, if there are any of it. An event is
    of the first kind that fits; `Payload` fits all. Raises LookupError for one that none fits.
    """
    kinds = [_kind(event, handlers) for event in events]
    outcomes: dict[type[Payload], Iterator[Outcome]] = {}
    for kind, handle in handlers.items():
        own = [event for event, of in zip(events, kinds, strict=True) if of is kind]
        outcomes[kind] = iter(await handle(own) if own else ())
    return [next(outcomes[kind]) for kind in kinds]


def _kind(event: Event[Any], kinds: Iterable[type[Payload]]) -> type[Payload]:
    for kind in kinds:
        if isinstance(event.data, kind):
            return kind
    raise LookupError(f"nobody handles {event.type}")
