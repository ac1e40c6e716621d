"""The text of a reply: courtesies around an entry's or an action's own words, and nothing else."""

from dataclasses import dataclass

from services.generate.domain.actions.orders import Result
from services.generate.domain.actions.wording import question, render
from services.generate.domain.decision import Verdict
from services.generate.domain.entries import primary
from services.generate.domain.message import NEGATIVE, VERY_NEGATIVE, Message
from services.generate.domain.phrases import NAME, Phrases, every, phrases_for
from services.generate.domain.planning import Plan
from shared.events import Recommendation

SURE_OF_WISH = 0.5
"""From this probability of the intent on the customer is told which team takes over."""


@dataclass(frozen=True, slots=True)
class Letter:
    """How a reply is made up: `by_name` greets with the NAME placeholder, `queue` is where an
    escalation goes, `done` what became of the action, `body` somebody else's words for the entry's
    or the action's, written under this `prompt`."""

    by_name: bool
    queue: str = ""
    done: Result | None = None
    body: str | None = None
    prompt: str = ""


def compose(message: Message, verdict: Verdict, letter: Letter) -> str:
    """The text, with placeholders; empty if the customer is told nothing.

    An answer in a language without phrases of ours is the entry alone: half an English letter
    around it would help nobody.
    """
    if verdict.is_silent:
        return ""
    manner = message.background.manner
    phrases = phrases_for(message.language, manner.tone)
    said = letter.body or body(message, verdict, letter)
    if verdict.entry is not None and phrases.language != primary(message.language):
        return f"{said}\n\n{phrases.disclosure}"
    parts = [_opening(message, phrases, letter.by_name), *_about(message, verdict, phrases), said]
    offer = offered(message, verdict, letter.done)
    if offer is not None:
        parts.append(_offer(offer, phrases))
    if verdict.decision in ("answer", "draft") and verdict.entry is not None and not manner.brief:
        parts.append(phrases.closing)
    return "\n\n".join([*parts, phrases.sign_off, phrases.disclosure])


def body(message: Message, verdict: Verdict, letter: Letter) -> str:
    """What the reply has to say, without courtesies."""
    if verdict.plan is not None and (said := _of_plan(verdict.plan, message.language, letter)):
        return said
    if verdict.entry is not None:
        return verdict.entry.text
    if verdict.decision == "answer":
        return phrases_for(message.language, message.background.manner.tone).thanks
    return handover(message, letter.queue)


def handover(message: Message, queue: str) -> str:
    """Who takes over: the team by its name if it has one and is probably the right one."""
    phrases = phrases_for(message.language, message.background.manner.tone)
    understood = message.understood
    team = phrases.teams.get(queue)
    if team is None or understood.intents.get(understood.intent, 0.0) < SURE_OF_WISH:
        return phrases.handover
    return phrases.handover_to.format(team=team)


def offered(
    message: Message, verdict: Verdict, done: Result | None = None
) -> Recommendation | None:
    """The one thing that is offered beside the reply, where that is welcome: with a good answer,
    never with a question, bad news or a hand-over."""
    good_news = verdict.decision == "act" and done is not None and done.status == "done"
    if not (good_news or _is_answered(verdict)):
        return None
    return next(iter(offers(message)), None)


def offers(message: Message) -> tuple[Recommendation, ...]:
    """What could be offered: there are words for it, and it is welcome."""
    background = message.background
    if not background.manner.selling:
        return ()
    known = phrases_for(message.language).offers
    return tuple(one for one in background.recommendations if one.reason in known)


def reply_language(message: Message, verdict: Verdict) -> str:
    """The language the text is written in."""
    return verdict.entry.language if verdict.entry else phrases_for(message.language).language


def with_name(text: str, name: str | None) -> str:
    """The text with the placeholder filled in, or the greeting without a name.

    Only the greeting is touched, which is the first line: an entry may show placeholders.
    """
    opening, newline, rest = text.partition("\n")
    if name is not None:
        return opening.replace(NAME, name, 1) + newline + rest
    for phrases in every():
        opening = opening.replace(phrases.greeting_by_name, phrases.greeting, 1)
    return opening + newline + rest


def _is_answered(verdict: Verdict) -> bool:
    return verdict.decision == "answer" and verdict.entry is not None


def _of_plan(plan: Plan, language: str, letter: Letter) -> str | None:
    """The catalogue's sentences for where the action stands; none if a person just takes over."""
    if letter.done is not None:
        result = letter.done
        return render(plan.action, language, result.status, plan.arguments, result.fields)
    if plan.next == "ask":
        return question(plan.action, language, plan.told)
    if plan.next == "verify":
        return render(plan.action, language, "needs_verification", plan.arguments)
    if plan.next == "approve":
        return render(plan.action, language, "awaiting_approval", plan.arguments)
    return None


def _opening(message: Message, phrases: Phrases, by_name: bool) -> str:
    greeting = phrases.greeting_by_name if by_name else phrases.greeting
    upset = message.understood.sentiment in (NEGATIVE, VERY_NEGATIVE)
    if upset or message.background.manner.empathy_first:
        return f"{greeting}{phrases.between}{phrases.sorry}"
    return greeting


def _about(message: Message, verdict: Verdict, phrases: Phrases) -> list[str]:
    """Which order an answer is about, if the message names one, and only one."""
    orders = {one.value for one in message.understood.entities if one.type == "order"}
    if not _is_answered(verdict) or len(orders) != 1 or message.background.manner.brief:
        return []
    return [phrases.about_order.format(order=orders.pop())]


def _offer(recommendation: Recommendation, phrases: Phrases) -> str:
    sentence = phrases.offers[recommendation.reason]
    return sentence.format(title=recommendation.title, because=recommendation.because or "")
