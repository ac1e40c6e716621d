"""Where a ticket stands before a message of it: whose it is, and what was asked and done."""

from dataclasses import dataclass

from services.generate.domain.actions.orders import Step

HANDED_OVER = frozenset({"escalate", "draft"})
"""Decisions after which a person has the ticket, until they release it."""


@dataclass(frozen=True, slots=True)
class Standing:
    """`with_a_person`: what comes now is prepared for them and not answered over their head.
    `earlier` are the steps towards actions that the ticket's messages led to, the oldest first."""

    with_a_person: bool = False
    earlier: tuple[Step, ...] = ()


NEW = Standing()
