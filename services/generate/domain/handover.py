"""What a person gets with an escalation: the case in a few words, and the team it is for."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.generate.domain.decision import Verdict
from services.generate.domain.message import Message

LONGEST_EXCERPT = 400


@dataclass(frozen=True, slots=True)
class Queues:
    """Which team takes over, by intent."""

    default: str
    by_intent: Mapping[str, str]

    def queue(self, intent: str) -> str:
        return self.by_intent.get(intent, self.default)


def summary(message: Message, verdict: Verdict) -> str:
    """Wish, mood, history, reasons and the customer's own words, with their placeholders."""
    understood = message.understood
    probability = understood.intents.get(understood.intent)
    sure = f" ({probability:.0%} sure)" if probability is not None else ""
    facts = [
        f"Wish: {understood.intent}{sure}. Mood: {understood.sentiment}."
        f" Priority: {understood.priority}.",
        _history(message),
        f"Handed over because: {', '.join(verdict.reasons)}.",
        f"Message: {excerpt(message.text)}",
    ]
    return "\n".join(facts)


def excerpt(text: str) -> str:
    """The beginning of the message on one line."""
    line = " ".join(text.split())
    if len(line) <= LONGEST_EXCERPT:
        return line or "(no text)"
    return line[: LONGEST_EXCERPT - 1].rstrip() + "…"


def _history(message: Message) -> str:
    background = message.background
    nth = f"Message {message.turn} of this ticket."
    if not background.known or background.messages == 0:
        return f"{nth} First contact as far as known."
    wishes = sorted((background.by_intent or {}).items(), key=lambda item: (-item[1], item[0]))
    about = ", ".join(f"{intent} ({count})" for intent, count in wishes[:3])
    words = [f"{nth} Earlier messages: {background.messages}"]
    if about:
        words.append(f"about {about}")
    words.append(f"mood so far {_mood(background.sentiment_trend)}")
    if background.satisfaction is not None:
        words.append(f"satisfaction {background.satisfaction:.1f} of 5")
    return ", ".join(words) + "."


def _mood(trend: float) -> str:
    if trend <= -0.5:
        return "very negative"
    if trend < -0.15:
        return "negative"
    return "positive" if trend > 0.15 else "neutral"
