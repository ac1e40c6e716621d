"""Questions the knowledge base does not answer, and what agents answer to them."""

from dataclasses import dataclass

from services.feedback.domain.insight.drafting import Draft, drafts_of
from services.feedback.domain.insight.groups import Group, Grouping
from services.feedback.domain.insight.limits import Limits
from services.feedback.domain.insight.message import Message
from services.feedback.domain.insight.sample import Sample

ASKS_NOTHING = frozenset({"asked_for_person", "thanked", "nothing_to_read", "with_a_person"})
"""Reasons that say that no entry could have answered the message."""


@dataclass(frozen=True, slots=True)
class Gap:
    """A group of such questions, with a proposed entry for each language that agents answered in;
    `replied` is how many of them an agent answered."""

    group: Group
    replied: int
    drafts: tuple[Draft, ...]

    @property
    def customers(self) -> int:
        return self.group.customers

    @property
    def messages(self) -> tuple[Message, ...]:
        return self.group.messages


def gaps(asked: Sample, grouping: Grouping, limits: Limits) -> tuple[Gap, ...]:
    """The gaps among unanswered questions, those with most customers first."""
    found = grouping.groups(asked, limits.least_unanswered)
    return tuple(
        Gap(
            group,
            sum(message.agent_reply is not None for message in group.messages),
            drafts_of(group.messages),
        )
        for group in found[: limits.most]
    )


def is_unanswered(message: Message, limits: Limits) -> bool:
    """Whether a question went unanswered for want of an entry that is sure to answer it."""
    return (
        message.answerable < limits.answered_from
        and message.decision not in ("answer", "act")
        and not message.is_out_of_scope
        and not ASKS_NOTHING.intersection(message.reasons)
    )
