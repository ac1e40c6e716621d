"""The difference between the topic cards and what a broker has, and what of it may be mended.

Pure: what stands on the broker is an argument. Nothing in a plan deletes a topic or a partition.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from deploy.topology.settings import loses_messages, settings_of
from shared.topics import TopicCard


@dataclass(frozen=True, slots=True)
class Standing:
    """A topic as the broker has it; `settings` are those in force, whoever set them."""

    name: str
    partitions: int
    replication: int
    settings: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Creation:
    """A topic the broker lacks. `replication` None is the broker's default."""

    topic: str
    partitions: int
    replication: int | None
    settings: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Change:
    """A setting that differs. `have` is None where the broker does not know the setting."""

    topic: str
    name: str
    have: str | None
    want: str

    @property
    def loses_messages(self) -> bool:
        """Whether messages that are kept now would go."""
        return self.have is not None and loses_messages(self.name, self.have, self.want)


@dataclass(frozen=True, slots=True)
class Addition:
    """Partitions that are missing. Keys move to other partitions: order within a key breaks for
    messages that still wait."""

    topic: str
    have: int
    want: int


@dataclass(frozen=True, slots=True)
class Impossible:
    """What cannot be mended here, and what to do about it."""

    topic: str
    what: str
    instead: str


@dataclass(frozen=True, slots=True)
class Plan:
    """All differences, by kind. `strangers` are topics of others: named, and never touched."""

    creations: tuple[Creation, ...] = ()
    changes: tuple[Change, ...] = ()
    additions: tuple[Addition, ...] = ()
    impossible: tuple[Impossible, ...] = ()
    strangers: tuple[str, ...] = field(default=(), compare=False)

    @property
    def differs(self) -> bool:
        """Whether the broker is anything else than what the cards say."""
        return bool(self.creations or self.changes or self.additions or self.impossible)


@dataclass(frozen=True, slots=True)
class Consent:
    """What must be asked for by name, because it cannot be undone."""

    add_partitions: bool = False
    shorten_retention: bool = False


def plan(
    cards: Iterable[TopicCard], standing: Iterable[Standing], replication: int | None = None
) -> Plan:
    """What to do about the broker's topics so that they are as the cards say.

    `replication` is the number of copies asked for; None leaves it to the broker's default, and
    that of topics that are there to whoever made them.
    """
    there = {topic.name: topic for topic in standing}
    creations: list[Creation] = []
    changes: list[Change] = []
    additions: list[Addition] = []
    impossible: list[Impossible] = []
    names = set()
    for card in cards:
        names.add(card.name)
        found = there.get(card.name)
        if found is None:
            settings = settings_of(card, replication)
            creations.append(Creation(card.name, card.partitions, replication, settings))
            continue
        # Of the copies there are: more copies in sync than there are copies would stop all writing.
        copies = None if replication is None else found.replication
        changes += _changes(found, settings_of(card, copies))
        if found.partitions < card.partitions:
            additions.append(Addition(card.name, found.partitions, card.partitions))
        impossible += _impossible(card, found, replication)
    strangers = sorted(
        name
        for name in there.keys() - names
        if not name.startswith("__")  # Kafka's own
    )
    return Plan(
        tuple(creations), tuple(changes), tuple(additions), tuple(impossible), tuple(strangers)
    )


def allowed(planned: Plan, consent: Consent) -> Plan:
    """The part of the plan that may be carried out."""
    changes = tuple(
        change
        for change in planned.changes
        if consent.shorten_retention or not change.loses_messages
    )
    additions = planned.additions if consent.add_partitions else ()
    return Plan(planned.creations, changes, additions)


def _changes(found: Standing, wanted: Mapping[str, str]) -> list[Change]:
    return [
        Change(found.name, name, found.settings.get(name), value)
        for name, value in wanted.items()
        if found.settings.get(name) != value
    ]


def _impossible(card: TopicCard, found: Standing, replication: int | None) -> list[Impossible]:
    said = []
    if found.partitions > card.partitions:
        what = f"{found.partitions} partitions in place of {card.partitions}"
        instead = (
            "Kafka takes no partition away: say so many in shared/topics.py, or leave it as it is"
        )
        said.append(Impossible(card.name, what, instead))
    if replication is not None and found.replication != replication:
        what = f"copies of each partition: {found.replication} in place of {replication}"
        instead = (
            "moving copies is a job of its own: kafka-reassign-partitions.sh, or `replicas` of "
            "its KafkaTopic"
        )
        said.append(Impossible(card.name, what, instead))
    return said
