"""New intents, proposed where many messages out of scope are about the same."""

from dataclasses import dataclass

from services.feedback.domain.insight.groups import Group, Grouping
from services.feedback.domain.insight.limits import Limits
from services.feedback.domain.insight.message import Message
from services.feedback.domain.insight.sample import Sample

LEAST_WORDS = 2


@dataclass(frozen=True, slots=True)
class NewIntent:
    """A dense group of messages that no intent fits."""

    group: Group

    @property
    def customers(self) -> int:
        return self.group.customers

    @property
    def messages(self) -> tuple[Message, ...]:
        return self.group.messages

    @property
    def label(self) -> str:
        """A label for the taxonomy, to be changed by whoever takes it on: its English key words,
        or those it has."""
        words = self.group.name("en").words or self.group.name(self.group.language).words
        return "_".join(words[:2]).replace("-", "_") or "new_intent"


def new_intents(outside: Sample, grouping: Grouping, limits: Limits) -> tuple[NewIntent, ...]:
    """Those among messages out of scope, the ones with most customers first.

    Chit-chat is out of scope, too, and a hundred greetings are as much alike as a hundred wishes.
    So a message counts with two words of its own or more, and a group when it is dense and has
    words that set it apart.
    """
    wishes = outside.only(lambda message: len(message.words) >= LEAST_WORDS)
    found = (
        NewIntent(group)
        for group in grouping.groups(wishes, limits.least_new)
        if group.density >= limits.density_of_new
        and any(len(name.words) >= LEAST_WORDS for name in group.names.values())
    )
    return tuple(found)[: limits.most]
