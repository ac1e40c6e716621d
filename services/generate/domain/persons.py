"""What a person has to see, however good an answer there is."""

from collections.abc import Mapping
from datetime import timedelta

from services.generate.domain.danger import speaks_of_danger
from services.generate.domain.human import asks_for_person
from services.generate.domain.message import NEGATIVE, VERY_NEGATIVE, Message
from services.generate.domain.reasons import Reason

NOTHING_TO_READ = "nothing_to_read"
"""The flag of ingest's for a message that is attachments only."""

RECENTLY = timedelta(days=7)
"""Writing about the same wish again within this time is repeated contact."""

FOR_A_PERSON: Mapping[str, Reason] = {
    "human_agent": Reason.ASKED_FOR_PERSON,
    "complaint": Reason.COMPLAINT,
    "out_of_scope": Reason.OUT_OF_SCOPE,
}
"""Intents no automatic answer can serve."""


def reasons_for_a_person(message: Message, *, was_asked: bool = False) -> tuple[Reason, ...]:
    """Every reason to hand the message over. `was_asked`: it answers a question of ours, so that
    writing once more is no sign of trouble."""
    understood = message.understood
    reasons: list[Reason] = []
    if NOTHING_TO_READ in message.flags or not message.text.strip():
        reasons.append(Reason.NOTHING_TO_READ)
    if understood.intent in FOR_A_PERSON and not (was_asked and _is_short_answer(message)):
        reasons.append(FOR_A_PERSON[understood.intent])
    if Reason.ASKED_FOR_PERSON not in reasons and asks_for_person(message.text):
        reasons.append(Reason.ASKED_FOR_PERSON)
    if speaks_of_danger(message.text):
        reasons.append(Reason.FRAUD_OR_SAFETY)
    if understood.priority == "urgent":
        reasons.append(Reason.URGENT)
    repeated = not was_asked and is_repeated_contact(message)
    if understood.sentiment == VERY_NEGATIVE or (understood.sentiment == NEGATIVE and repeated):
        reasons.append(Reason.VERY_NEGATIVE_MOOD)
    return tuple(reasons)


def chance_of_a_person(message: Message) -> float:
    """The probability that the message is one for a person by its intent."""
    return sum(message.understood.intents.get(intent, 0.0) for intent in FOR_A_PERSON)


def is_repeated_contact(message: Message) -> bool:
    """A further message of the ticket, or the same wish as before within days."""
    background = message.background
    if message.turn > 1:
        return True
    asked_before = (background.by_intent or {}).get(message.understood.intent, 0) > 0
    last = background.last_contact_at
    return asked_before and last is not None and message.received_at - last <= RECENTLY


def _is_short_answer(message: Message) -> bool:
    """A bare number has no intent: `out_of_scope` is all that can be read in it."""
    return message.understood.intent == "out_of_scope" and bool(message.understood.entities)
