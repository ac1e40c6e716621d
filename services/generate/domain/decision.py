"""The policy: what a message gets, and why. Read top to bottom, it is the rule book."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from services.generate.domain.danger import speaks_of_danger
from services.generate.domain.entries import Entry
from services.generate.domain.message import NEGATIVE, POSITIVE, VERY_NEGATIVE, Message
from services.generate.domain.retrieval import Match

NOTHING_TO_READ = "nothing_to_read"
"""The flag of ingest's for a message that is attachments only."""

HOPELESS = 0.1
"""Below this score the best entry is noise: nothing matches, and nothing is suggested."""

RECENTLY = timedelta(days=7)
"""Writing about the same wish again within this time is repeated contact."""


class Reason(StrEnum):
    """Why a message got what it got: a stable code, part of the public contract."""

    CITED_ANSWER = "cited_answer"
    THANKED = "thanked"
    NOTHING_TO_READ = "nothing_to_read"
    ASKED_FOR_PERSON = "asked_for_person"
    FRAUD_OR_SAFETY = "fraud_or_safety"
    URGENT = "urgent"
    VERY_NEGATIVE_MOOD = "very_negative_mood"
    COMPLAINT = "complaint"
    OUT_OF_SCOPE = "out_of_scope"
    NO_MATCHING_ANSWER = "no_matching_answer"
    NO_ANSWER_IN_LANGUAGE = "no_answer_in_language"
    BELOW_THRESHOLD = "below_threshold"
    ATTACHMENTS_NOT_READ = "attachments_not_read"


FOUND_ELSEWHERE = 0.15
"""From this score on the answer stands in another language; low, for the words cannot match."""

FOR_A_PERSON: Mapping[str, Reason] = {
    "human_agent": Reason.ASKED_FOR_PERSON,
    "complaint": Reason.COMPLAINT,
    "out_of_scope": Reason.OUT_OF_SCOPE,
}
"""Intents no automatic answer can serve."""


@dataclass(frozen=True, slots=True)
class Policy:
    """The confidence an automatic reply needs, by intent; version 0 is the one set at start."""

    version: int
    default_threshold: float
    thresholds: Mapping[str, float] = field(default_factory=dict)

    def threshold(self, intent: str) -> float:
        return self.thresholds.get(intent, self.default_threshold)


@dataclass(frozen=True, slots=True)
class Verdict:
    """`answer` with `entry`, `answer` by courtesy alone (no entry), or `escalate`.

    `confidence` is the probability that answering would have been right, whatever was decided, so
    that thresholds can be judged by it. `suggested` are entries for the person who takes over.
    """

    decision: str
    reasons: tuple[Reason, ...]
    confidence: float
    entry: Entry | None = None
    suggested: tuple[Entry, ...] = ()


def decide(message: Message, match: Match, policy: Policy) -> Verdict:
    """What the message gets under this policy."""
    noted = (Reason.ATTACHMENTS_NOT_READ,) if message.has_unread_files else ()
    threshold = policy.threshold(message.understood.intent)
    needs_person = reasons_for_a_person(message)
    praise = message.understood.intents.get(message.understood.intent, 0.0)
    if not needs_person and _is_mere_praise(message) and praise >= threshold:
        return Verdict("answer", (Reason.THANKED, *noted), praise)
    confidence = answer_confidence(message, match.score)
    readable = Reason.NOTHING_TO_READ not in needs_person
    suggested = match.suggested(HOPELESS) if readable else ()
    if needs_person:
        return Verdict("escalate", (*needs_person, *noted), confidence, suggested=suggested)
    if match.best is not None and confidence >= threshold:
        return Verdict("answer", (Reason.CITED_ANSWER, *noted), confidence, match.best)
    why = _why_not_answered(message, match)
    return Verdict("escalate", (why, *noted), confidence, suggested=suggested)


def reasons_for_a_person(message: Message) -> tuple[Reason, ...]:
    """Every reason to hand the message over however good an answer there is."""
    understood = message.understood
    reasons: list[Reason] = []
    if NOTHING_TO_READ in message.flags or not message.text.strip():
        reasons.append(Reason.NOTHING_TO_READ)
    if understood.intent in FOR_A_PERSON:
        reasons.append(FOR_A_PERSON[understood.intent])
    if speaks_of_danger(message.text):
        reasons.append(Reason.FRAUD_OR_SAFETY)
    if understood.priority == "urgent":
        reasons.append(Reason.URGENT)
    if understood.sentiment == VERY_NEGATIVE or (
        understood.sentiment == NEGATIVE and is_repeated_contact(message)
    ):
        reasons.append(Reason.VERY_NEGATIVE_MOOD)
    return tuple(reasons)


def answer_confidence(message: Message, score: float) -> float:
    """P(the entry answers it) x P(it is nothing for a person).

    The match in the knowledge base is the evidence: it was calibrated on whether the entry found
    is the right one. What it cannot see is that the message is a complaint or asks for a person
    though it speaks of the same thing; of that the intent's probabilities speak.
    """
    for_a_person = sum(message.understood.intents.get(intent, 0.0) for intent in FOR_A_PERSON)
    return score * max(0.0, 1.0 - for_a_person)


def is_repeated_contact(message: Message) -> bool:
    """A further message of the ticket, or the same wish as before within days."""
    background = message.background
    if message.turn > 1:
        return True
    asked_before = (background.by_intent or {}).get(message.understood.intent, 0) > 0
    last = background.last_contact_at
    return asked_before and last is not None and message.received_at - last <= RECENTLY


def _is_mere_praise(message: Message) -> bool:
    understood = message.understood
    asks = any(mark in message.text for mark in "?？吗呢")
    return understood.intent == "praise_feedback" and understood.sentiment in POSITIVE and not asks


def _why_not_answered(message: Message, match: Match) -> Reason:
    if message.understood.is_out_of_scope:
        return Reason.OUT_OF_SCOPE
    if match.elsewhere_score >= max(FOUND_ELSEWHERE, match.score):
        return Reason.NO_ANSWER_IN_LANGUAGE
    if match.score < HOPELESS:
        return Reason.NO_MATCHING_ANSWER
    return Reason.BELOW_THRESHOLD
