"""What a person gets with a ticket that is theirs: the case in a few words, the team it is for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.generate.domain.actions.orders import Result
from services.generate.domain.decision import Verdict
from services.generate.domain.entries import primary
from services.generate.domain.handover_words import WORDS, Words
from services.generate.domain.message import Message
from services.generate.domain.standing import NEW, Standing

LONGEST_EXCERPT = 400
MOST_WISHES = 3
NOTEWORTHY = 0.5
"""From this probability on what a behaviour model foresees is worth a word."""


@dataclass(frozen=True, slots=True)
class Queues:
    """Which team takes over, by intent."""

    default: str
    by_intent: Mapping[str, str]

    def queue(self, intent: str) -> str:
        return self.by_intent.get(intent, self.default)


def words_for(setting: str, customer_language: str) -> Words:
    """The words of the agents' language: `setting` is one, or `auto` for the customer's."""
    language = primary(customer_language if setting == "auto" else setting)
    return WORDS.get(language, WORDS["en"])


def summary(
    message: Message,
    verdict: Verdict,
    words: Words,
    *,
    standing: Standing = NEW,
    done: Result | None = None,
) -> str:
    """Wish, facts found, what was tried, mood, history, reasons and the customer's own words, with
    their placeholders."""
    understood = message.understood
    probability = understood.intents.get(understood.intent)
    sure = words.sure.format(share=f"{probability:.0%}") if probability is not None else ""
    lines = [
        words.wish.format(intent=understood.intent, sure=sure),
        words.mood.format(mood=understood.sentiment, priority=understood.priority),
        _facts(message, words),
        _tried(verdict, standing, done, words),
        _history(message, words),
        words.because.format(reasons=words.comma.join(verdict.reasons)),
        words.message.format(text=excerpt(message.text, words.no_text)),
    ]
    return "\n".join(line for line in lines if line)


def excerpt(text: str, nothing: str = "(no text)") -> str:
    """The beginning of the message on one line; `nothing` if it is empty."""
    line = " ".join(text.split()) or nothing
    return line if len(line) <= LONGEST_EXCERPT else line[: LONGEST_EXCERPT - 1].rstrip() + "…"


def _facts(message: Message, words: Words) -> str:
    """What the message names."""
    found = dict.fromkeys(
        f"{one.type} {one.value}{f' {one.unit}' if one.unit else ''}"
        for one in message.understood.entities
    )
    return words.facts.format(facts=words.comma.join(found)) if found else ""


def _tried(verdict: Verdict, standing: Standing, done: Result | None, words: Words) -> str:
    """Actions, this message's last, and the entry that came nearest."""
    tried = [
        words.action.format(action=step.action, status=step.status) for step in standing.earlier
    ]
    plan = verdict.plan
    if plan is not None:
        status = done.status if done else {"approve": "awaiting_approval"}.get(plan.next, plan.next)
        tried.append(
            words.action.format(action=plan.action.name, status=status)
            + _pairs({**plan.arguments, **(done.fields if done else {})}, words)
        )
    # The first one suggested is what the confidence is of, whichever is drafted.
    nearest = next(iter(verdict.suggested), verdict.entry)
    if nearest is not None:
        tried.append(words.nearest.format(entry=nearest.heading, share=f"{verdict.confidence:.0%}"))
    return words.tried.format(tried=words.semicolon.join(tried)) if tried else ""


def _pairs(given: Mapping[str, str], words: Words) -> str:
    if not given:
        return ""
    return f" ({words.comma.join(f'{name} {value}' for name, value in given.items())})"


def _history(message: Message, words: Words) -> str:
    background = message.background
    nth = words.turn.format(turn=message.turn)
    if not background.known or background.messages == 0:
        return words.first_contact.format(turn=nth)
    wishes = sorted((background.by_intent or {}).items(), key=lambda item: (-item[1], item[0]))
    about = words.comma.join(f"{intent} ({count})" for intent, count in wishes[:MOST_WISHES])
    told: Sequence[str] = [
        words.earlier.format(count=background.messages, about=about),
        words.mood_so_far.format(mood=words.moods[_mood(background.sentiment_trend)]),
        words.satisfaction.format(stars=f"{background.satisfaction:.1f}")
        if background.satisfaction is not None
        else "",
        words.open_tickets.format(count=background.open_tickets) if background.open_tickets else "",
        words.segment.format(segment=background.segment) if background.segment else "",
        *(
            words.foreseen.format(target=target, share=f"{probability:.0%}")
            for target, probability in background.likely
            if probability >= NOTEWORTHY
        ),
    ]
    return words.history.format(turn=nth, told=words.comma.join(filter(None, told)))


def _mood(trend: float) -> str:
    if trend <= -0.5:
        return "very_negative"
    if trend < -0.15:
        return "negative"
    return "positive" if trend > 0.15 else "neutral"
