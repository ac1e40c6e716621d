"""The policy: what a message gets, and why. Read top to bottom, it is the rule book."""

from dataclasses import dataclass, replace
from typing import Literal

from services.generate.domain.entries import Entry
from services.generate.domain.message import POSITIVE, Message
from services.generate.domain.persons import (
    chance_of_a_person,
    reasons_for_a_person,
)
from services.generate.domain.planning import Next, Plan
from services.generate.domain.policy import Margins, Policy
from services.generate.domain.reasons import Reason
from services.generate.domain.retrieval import Match
from services.generate.domain.standing import NEW, Standing

HOPELESS = 0.1
"""Below this score the best entry is noise: nothing matches, and nothing is suggested."""

FOUND_ELSEWHERE = 0.15
"""From this score on the answer stands in another language; low, for the words cannot match."""

MARGINS = Margins()

Decision = Literal["answer", "ask", "act", "draft", "escalate"]
_DECISIONS: dict[Next, Decision] = {
    "execute": "act",
    "ask": "ask",
    "verify": "ask",
    "approve": "escalate",
    "person": "escalate",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a message gets.

    `answer` and `draft` with `entry`, `answer` by courtesy alone (no entry), `ask` and `act` with a
    `plan`, or `escalate`, with a plan if a person is to approve it. `confidence` is the probability
    that replying by itself would have been right, whatever was decided, so that thresholds can be
    judged by it. `suggested` are entries for the person who takes over. `is_silent`: the customer
    is told nothing. `propensity` is the probability with which this decision was taken.
    """

    decision: Decision
    reasons: tuple[str, ...]
    confidence: float
    entry: Entry | None = None
    suggested: tuple[Entry, ...] = ()
    plan: Plan | None = None
    is_silent: bool = False
    propensity: float = 1.0


def decide(
    message: Message,
    match: Match,
    policy: Policy,
    *,
    plan: Plan | None = None,
    standing: Standing = NEW,
    margins: Margins = MARGINS,
) -> Verdict:
    """What the message gets under this policy."""
    needs_person = reasons_for_a_person(message, was_asked=plan is not None and plan.was_asked)
    confidence = answer_confidence(message, match.score)
    readable = Reason.NOTHING_TO_READ not in needs_person
    suggested = match.suggested(HOPELESS) if readable else ()
    if standing.with_a_person:
        verdict = _prepared(match, confidence, Reason.WITH_A_PERSON, margins)
        silent = verdict.decision == "escalate"
        verdict = replace(verdict, reasons=(*verdict.reasons, *needs_person), is_silent=silent)
    elif needs_person:
        verdict = Verdict("escalate", needs_person, confidence)
    else:
        verdict = (
            _thanked(message, policy)
            or _acted(message, plan, policy)
            or _answered(message, match, confidence, policy)
            or _not_answered(message, match, confidence, margins)
        )
    noted = (Reason.ATTACHMENTS_NOT_READ,) if message.has_unread_files else ()
    automatic = verdict.decision == "answer"
    return replace(
        verdict,
        reasons=(*verdict.reasons, *noted),
        suggested=() if automatic else suggested,
    )


def answer_confidence(message: Message, score: float) -> float:
    """P(the entry answers it) x P(it is nothing for a person).

    The match in the knowledge base is the evidence: it was calibrated on whether the entry found
    is the right one. What it cannot see is that the message is a complaint or asks for a person
    though it speaks of the same thing; of that the intent's probabilities speak.
    """
    return score * max(0.0, 1.0 - chance_of_a_person(message))


def action_confidence(message: Message, plan: Plan) -> float:
    """P(the action is what is wished for) x P(it is nothing for a person).

    Who answers a question of ours wishes for what it was about, whatever their few words look like.
    """
    if plan.was_asked:
        return 1.0
    intents = message.understood.intents
    wish = sum(intents.get(intent, 0.0) for intent in plan.action.intents)
    return min(1.0, wish) * max(0.0, 1.0 - chance_of_a_person(message))


def _thanked(message: Message, policy: Policy) -> Verdict | None:
    intent = message.understood.intent
    praise = message.understood.intents.get(intent, 0.0)
    if _is_mere_praise(message) and praise >= policy.threshold(intent):
        return Verdict("answer", (Reason.THANKED,), praise)
    return None


def _acted(message: Message, plan: Plan | None, policy: Policy) -> Verdict | None:
    """What the plan says is next, if it is sure enough that this is what is wished for."""
    if plan is None:
        return None
    sure = action_confidence(message, plan)
    if sure < policy.threshold(plan.action.intents[0]):
        return None
    return Verdict(_DECISIONS[plan.next], plan.reasons, sure, plan=plan)


def _answered(message: Message, match: Match, confidence: float, policy: Policy) -> Verdict | None:
    if match.best is None or confidence < policy.threshold(message.understood.intent):
        return None
    return Verdict("answer", (Reason.CITED_ANSWER,), confidence, match.best)


def _not_answered(message: Message, match: Match, confidence: float, margins: Margins) -> Verdict:
    why = _why_not_answered(message, match)
    if why == Reason.OUT_OF_SCOPE:
        return Verdict("escalate", (why,), confidence)
    return _prepared(match, confidence, why, margins)


def _prepared(match: Match, confidence: float, why: Reason, margins: Margins) -> Verdict:
    """For a person: a finished reply if there is one worth a look."""
    if match.best is not None and confidence >= margins.draft:
        return Verdict("draft", (why,), confidence, match.best)
    return Verdict("escalate", (why,), confidence)


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
