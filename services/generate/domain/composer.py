"""The text of a reply: courtesies around one entry's own words, and nothing else."""

import re

from services.generate.domain.decision import Verdict
from services.generate.domain.entries import primary
from services.generate.domain.message import NEGATIVE, VERY_NEGATIVE, Message
from services.generate.domain.phrases import NAME, Phrases, phrases_for

LONGEST_NAME = 40
SURE_OF_WISH = 0.5
"""From this probability of the intent on the customer is told which team takes over."""
NAME_LIKE = re.compile(r"[^\W\d_]+(?:[ '’.·・-]{1,2}[^\W\d_]+){0,4}\.?")


def compose(message: Message, verdict: Verdict, *, by_name: bool, queue: str = "") -> str:
    """The text, with the NAME placeholder when `by_name`; `queue` is where an escalation goes.

    An answer in a language without phrases of ours is the entry alone: half an English letter
    around it would help nobody.
    """
    phrases = phrases_for(message.language)
    greeting = phrases.greeting_by_name if by_name else phrases.greeting
    if verdict.entry is not None:
        if phrases.language != primary(message.language):
            return f"{verdict.entry.text}\n\n{phrases.disclosure}"
        opening = _opening(greeting, phrases, message)
        parts = [opening, verdict.entry.text, phrases.closing]
    elif verdict.decision == "answer":
        parts = [greeting, phrases.thanks]
    else:
        parts = [_opening(greeting, phrases, message), _handover(phrases, message, queue)]
    return "\n\n".join([*parts, phrases.sign_off, phrases.disclosure])


def reply_language(message: Message, verdict: Verdict) -> str:
    """The language the text is written in."""
    return verdict.entry.language if verdict.entry else phrases_for(message.language).language


def usable_name(name: str | None) -> str | None:
    """The name, if it reads like one: it comes from outside, and goes into our letter."""
    name = (name or "").strip()
    return name if len(name) <= LONGEST_NAME and NAME_LIKE.fullmatch(name) else None


def with_name(text: str, name: str | None) -> str:
    """The text ready to send: the placeholder filled in, or the greeting without a name.

    Only the greeting is touched, which is the first line: an entry may show placeholders.
    """
    opening, newline, rest = text.partition("\n")
    if name is not None:
        return opening.replace(NAME, name, 1) + newline + rest
    for phrases in (phrases_for("en"), phrases_for("zh")):
        opening = opening.replace(phrases.greeting_by_name, phrases.greeting, 1)
    return opening + newline + rest


def _handover(phrases: Phrases, message: Message, queue: str) -> str:
    """Who takes over: the team by its name if it has one and is probably the right one."""
    understood = message.understood
    team = phrases.teams.get(queue)
    if team is None or understood.intents.get(understood.intent, 0.0) < SURE_OF_WISH:
        return phrases.handover
    return phrases.handover_to.format(team=team)


def _opening(greeting: str, phrases: Phrases, message: Message) -> str:
    if message.understood.sentiment in (NEGATIVE, VERY_NEGATIVE):
        return f"{greeting}{phrases.between}{phrases.sorry}"
    return greeting
