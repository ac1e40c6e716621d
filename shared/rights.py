"""Who may do what on which topic, as the topic cards say."""

from dataclasses import dataclass

from shared.topics import TOPICS


@dataclass(frozen=True, slots=True)
class Rights:
    """The names of the topics that somebody reads, and of those that they write."""

    reads: frozenset[str]
    writes: frozenset[str]

    @property
    def topics(self) -> frozenset[str]:
        """All that they have to do with."""
        return self.reads | self.writes


def of(who: str) -> Rights:
    """The rights of a worker, of `upstream` or of `operators`; none for anybody else."""
    cards = TOPICS.values()
    return Rights(
        reads=frozenset(card.name for card in cards if who in card.consumers),
        writes=frozenset(card.name for card in cards if who in card.producers),
    )
