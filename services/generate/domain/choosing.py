"""Choosing by chance among options that are all safe, so that the better one can be learned.

Whoever sends a policy says how likely each option is; how likely the one taken was goes with the
response. The same message always gets the same.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Literal
from uuid import UUID

from services.generate.domain.composer import offers
from services.generate.domain.decision import Verdict
from services.generate.domain.entries import primary
from services.generate.domain.message import Message
from services.generate.domain.policy import Margins, Policy
from services.generate.domain.reasons import Reason
from shared import ids

Slot = Literal["reply", "tone", "offer", "passage"]
"""`reply`: answer, or have a person approve it; `tone`: formal or friendly, where the customer has
not said what they want; `offer`: the first or the second of what is recommended; `passage`: the
first or the second entry that was found, in a draft, for there a person looks at it."""

_DRAWS = 2**32


@dataclass(frozen=True, slots=True)
class Choice:
    """The option taken, and how likely it was to be."""

    slot: Slot
    context: str
    option: str
    propensity: float


@dataclass(frozen=True, slots=True)
class Chosen:
    """A message and its verdict as chance has them, and what there was to choose."""

    message: Message
    verdict: Verdict
    choices: tuple[Choice, ...] = ()


def chosen(
    message: Message, verdict: Verdict, policy: Policy, margins: Margins, response_id: str
) -> Chosen:
    """The message and its verdict after chance had its say."""
    context = f"{message.understood.intent}/{primary(message.language)}"

    def choose(slot: Slot, options: Sequence[str], usual: Mapping[str, float]) -> Choice | None:
        weights = policy.weights(slot, context) or usual
        draw = UUID(ids.derived(response_id, slot)).int % _DRAWS / _DRAWS
        return drawn(slot, context, {one: weights.get(one, 0.0) for one in options}, draw)

    choices = []
    if verdict.decision == "answer" and verdict.entry is not None:
        usual = {"answer": 1 - margins.exploration, "draft": margins.exploration}
        reply = choose("reply", ("answer", "draft"), usual)
        if reply is not None:
            choices.append(reply)
            verdict = _replied(verdict, reply)
    if verdict.decision in ("answer", "ask", "act"):
        tone = choose("tone", ("formal", "friendly"), {})
        if tone is not None and not message.background.tone_wanted:
            choices.append(tone)
            message = _toned(message, tone)
    if verdict.decision in ("answer", "act") and len(offers(message)) > 1:
        offer = choose("offer", ("first", "second"), {})
        if offer is not None:
            choices.append(offer)
            message = _offering(message, offer)
    if _has_two_passages(verdict):
        passage = choose("passage", ("first", "second"), {})
        if passage is not None:
            choices.append(passage)
            verdict = _citing(verdict, passage)
    return Chosen(message, verdict, tuple(choices))


def drawn(slot: Slot, context: str, weights: Mapping[str, float], draw: float) -> Choice | None:
    """The option that `draw`, uniform in [0, 1), falls on; None where there is nothing to choose.

    Weights below 0 count as 0, and they need not add up to 1.
    """
    options = [option for option, weight in weights.items() if weight > 0]
    if len(options) < 2:
        return None
    ends = list(accumulate(weights[option] for option in options))
    place = min(bisect_right(ends, draw * ends[-1]), len(options) - 1)
    option = options[place]
    return Choice(slot, context, option, weights[option] / ends[-1])


def _replied(verdict: Verdict, choice: Choice) -> Verdict:
    if choice.option == "answer" or verdict.entry is None:
        return replace(verdict, propensity=choice.propensity)
    return replace(
        verdict,
        decision="draft",
        reasons=(Reason.EXPLORED, *verdict.reasons),
        suggested=(verdict.entry,),
        propensity=choice.propensity,
    )


def _toned(message: Message, choice: Choice) -> Message:
    manner = message.background.manner.model_copy(update={"tone": choice.option})
    return replace(message, background=replace(message.background, manner=manner))


def _has_two_passages(verdict: Verdict) -> bool:
    return (
        verdict.decision == "draft"
        and len(verdict.suggested) > 1
        and verdict.entry == verdict.suggested[0]
    )


def _citing(verdict: Verdict, choice: Choice) -> Verdict:
    """The confidence stays that of the first, so what becomes of the second is told apart."""
    if choice.option == "first":
        return verdict
    reasons = (*verdict.reasons, Reason.OTHER_PASSAGE)
    return replace(verdict, entry=verdict.suggested[1], reasons=reasons)


def _offering(message: Message, choice: Choice) -> Message:
    """What is offered is the first that can be."""
    if choice.option == "first":
        return message
    first, *others = offers(message)
    return replace(
        message, background=replace(message.background, recommendations=(*others, first))
    )
