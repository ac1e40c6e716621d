"""How to write to a customer now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from services.personalize.domain.facts import Message
from services.personalize.domain.preferences import Preferences, Tone
from services.personalize.domain.tickets import TicketState, open_others
from services.personalize.domain.wishes import Wish, asked_by_ticket

NEGATIVE = -0.25
"""Nearer to negative (-0.5) than to neutral (0)."""
FORGOTTEN = timedelta(days=30)
"""An open ticket nobody spoke of for so long is no longer a trouble: not every ticket system tells
when one is closed."""
DELICATE = (
    *("complain", "cancel", "fraud", "scam", "stolen", "dispute", "legal", "unauthori"),
    *("problem", "fault", "broken", "damage", "defect", "refund", "return", "human_agent"),
    *("投诉", "取消", "退订", "欺诈", "诈骗", "盗", "纠纷", "问题", "故障", "损坏", "退款", "退货"),
)
"""What the name of an intent contains whose writers want something put right, and nothing sold.
By words, because companies bring intents of their own."""


@dataclass(frozen=True, slots=True)
class Manner:
    """`empathy_first`: their trouble before anything else. `selling`: one thing may be offered, the
    first of the recommendations; more than one is not service."""

    tone: Tone = "formal"
    brief: bool = False
    empathy_first: bool = False
    selling: bool = False


def manner_of(
    message: Message, trend: float, wanted: Preferences, may_recommend: bool, troubled: bool
) -> Manner:
    """For an answer to this message. `trend` is the mood of those before, from -1 to 1; `troubled`
    says that something else is not solved yet."""
    unhappy = message.sentiment <= NEGATIVE or trend <= NEGATIVE
    return Manner(
        wanted.tone or "formal",
        wanted.length == "brief",
        empathy_first=unhappy,
        selling=may_recommend and not unhappy and not troubled and not is_delicate(message.intent),
    )


def is_delicate(intent: str) -> bool:
    """Whether selling has no place beside such a wish."""
    name = intent.lower()
    return any(word in name for word in DELICATE)


def in_trouble(tickets: Sequence[TicketState], wishes: Sequence[Wish], message: Message) -> bool:
    """Whether another ticket about something to be put right is open."""
    intents = asked_by_ticket(wishes)
    return any(
        is_delicate(intents[one.ticket_id].intent)
        for one in open_others(tickets, message.ticket_id)
        if one.ticket_id in intents and message.at - one.at <= FORGOTTEN
    )
