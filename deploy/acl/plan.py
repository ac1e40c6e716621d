"""Which rights there are to be, and what differs from those there are. Nothing here talks to Kafka.

Read and Write let one see (Describe) what they are for, and who may write to any topic may do so
idempotently (KIP-679, Kafka 2.8): neither is granted by itself.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from deploy.dlq.shelf import DROPPED
from deploy.dlq.shelf import GROUP as REPLAYS
from shared import rights
from shared.topics import TOPICS

WORKERS = ("ingest", "classify", "personalize", "generate", "feedback")
OPERATORS = "operators"
PREFIX = "careloop-"
"""Of the names of the users of workers and operators: a broker may have others."""
ADMINISTERED = ("Describe", "Create", "Alter", "DescribeConfigs", "AlterConfigs")
"""What `deploy.topics` does with a topic."""


class NameRefused(Exception):
    """An upstream cannot be called so; the message says why."""


@dataclass(frozen=True, slots=True, order=True)
class Grant:
    """One right: a user, an operation, and on what. `prefixed`: on all whose names begin so.
    `deny` and a `host` other than * come from elsewhere; none is made here."""

    user: str
    resource: str
    name: str
    operation: str
    prefixed: bool = False
    deny: bool = False
    host: str = "*"

    def __str__(self) -> str:
        name = f"{self.name}*" if self.prefixed else self.name
        extra = (" denied" if self.deny else "") + (
            f" from {self.host}" if self.host != "*" else ""
        )
        return f"{self.user}: {self.operation} {self.resource} {name}{extra}"


@dataclass(frozen=True, slots=True)
class Users:
    """Whose rights are kept. `former` are upstreams that no longer are: they have none."""

    upstreams: tuple[str, ...] = ()
    former: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Raises NameRefused for a name that would get at what is ours."""
        for name in (*self.upstreams, *self.former):
            if not name or name.startswith(PREFIX):
                raise NameRefused(f"no upstream can be called {name or '(nothing)'}")
            clash = [
                group for group in (*WORKERS, REPLAYS, DROPPED) if group.startswith(f"{name}-")
            ]
            if name in (*WORKERS, OPERATORS) or clash:
                raise NameRefused(f"{name} is a name of careloop's own")

    @property
    def names(self) -> tuple[str, ...]:
        """Those who are to have rights."""
        return (*map(user_of, (*WORKERS, OPERATORS)), *self.upstreams)

    def __contains__(self, user: object) -> bool:
        return user in (*self.names, *self.former)


@dataclass(frozen=True, slots=True)
class Difference:
    """Rights the broker lacks, and rights of our users that the cards do not give them."""

    missing: tuple[Grant, ...]
    surplus: tuple[Grant, ...]


def user_of(worker: str) -> str:
    """The Kafka user of a worker, or of the operators."""
    return f"{PREFIX}{worker}"


def wanted(users: Users) -> tuple[Grant, ...]:
    """All rights there are to be, in the order in which people read them."""
    grants = [grant for worker in WORKERS for grant in _of_worker(worker)]
    grants += [grant for name in users.upstreams for grant in _of_upstream(name)]
    return (*grants, *_of_operators())


def difference(grants: Collection[Grant], there: Iterable[Grant], users: Users) -> Difference:
    """What is missing of `grants`, and what our users may besides."""
    found = set(there)
    missing = tuple(grant for grant in grants if grant not in found)
    surplus = sorted(one for one in found - set(grants) if one.user in users)
    return Difference(missing, tuple(surplus))


def _of_worker(worker: str) -> Iterator[Grant]:
    """What its cards say, and to share its topics among its processes: the group of its name."""
    user = user_of(worker)
    yield from _on_topics(user, rights.of(worker))
    yield Grant(user, "group", worker, "Read")


def _of_upstream(name: str) -> Iterator[Grant]:
    """One door in, one exit; consumer groups under a name of its own."""
    yield from _on_topics(name, rights.of("upstream"))
    yield Grant(name, "group", f"{name}-", "Read", prefixed=True)


def _of_operators() -> Iterator[Grant]:
    """Dead letters are read and given back, topics made and altered, backlogs seen. What was
    replied is not theirs to read; `feedback`, which has no personal data, is rebuilt from."""
    user = user_of(OPERATORS)
    yield from _on_topics(user, rights.of(OPERATORS))
    sources = [card.name for card in TOPICS.values() if card.dead_letters]
    yield from (Grant(user, "topic", name, "Write") for name in sources)
    yield Grant(user, "topic", "feedback", "Read")
    yield from (Grant(user, "topic", name, does) for name in TOPICS for does in ADMINISTERED)
    yield from (Grant(user, "group", name, "Read") for name in (REPLAYS, DROPPED))
    yield from (Grant(user, "group", worker, "Describe") for worker in WORKERS)


def _on_topics(user: str, given: rights.Rights) -> Iterator[Grant]:
    for name in TOPICS:
        if name in given.reads:
            yield Grant(user, "topic", name, "Read")
        if name in given.writes:
            yield Grant(user, "topic", name, "Write")
