"""A proposed entry for the knowledge base, made of what agents wrote themselves."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from services.feedback.domain.insight.message import Message
from services.feedback.domain.insight.texts import is_personal, sentences, shown, without_greeting

MOST_QUESTIONS = 4
LONGEST_QUESTION = 120
_ALSO_ASKED = {"zh": "也会问："}
_POLITE = re.compile(
    r"(?:(?:hi|hello|hey|dear|thanks|thank you|sorry|regards|best|kind regards|cheers)\b"
    r"[^:]{0,40}|(?:您好|你好|亲|感谢|谢谢|抱歉|祝您)[^：]{0,15})[,，.。!！]*",
    re.IGNORECASE,
)
_MARKUP = re.compile(r"[#{}<>`*_|]|^[-+]\s+", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry in one language; `markdown` is ready for a file of that language's folder.

    `source` is the ticket whose agent wrote the answer, `replies` how many it was chosen from.
    """

    language: str
    question: str
    answer: str
    markdown: str
    source: str
    replies: int


def drafts_of(messages: Sequence[Message]) -> tuple[Draft, ...]:
    """A draft for each language with a usable reply, given the most central message first."""
    languages = dict.fromkeys(message.language for message in messages)
    found = (_draft([m for m in messages if m.language == tag], tag) for tag in languages)
    return tuple(draft for draft in found if draft is not None)


def _draft(messages: Sequence[Message], language: str) -> Draft | None:
    answers = [(m, general(m.agent_reply)) for m in messages if m.agent_reply is not None]
    usable = [(message, answer) for message, answer in answers if answer]
    questions = _questions(messages)
    if not usable or not questions:
        return None
    message, answer = usable[_most_central([answer for _, answer in usable])]
    markdown = _markdown(questions, answer, message.intent, language)
    return Draft(language, questions[0], answer, markdown, message.ticket_id, len(usable))


def general(reply: str) -> str:
    """What of a reply could be said to everybody: without greetings, thanks, and sentences that
    hold one customer's data. Empty when nothing is left."""
    space = "" if re.search(r"[\u4e00-\u9fff]", reply) else " "
    kept = (
        sentence
        for sentence in sentences(without_greeting(reply))
        if not is_personal(sentence) and not _POLITE.fullmatch(sentence)
    )
    text = space.join(_plain(sentence) for sentence in kept).strip()
    return text[:1].upper() + text[1:]


def _questions(messages: Sequence[Message]) -> list[str]:
    """Different ways to ask it, the most central first; those with personal data are left out."""
    asked = (
        _plain(shown(without_greeting(message.text), LONGEST_QUESTION))
        for message in messages
        if not is_personal(message.text)
    )
    return list(dict.fromkeys(question for question in asked if question))[: 1 + MOST_QUESTIONS]


def _markdown(questions: Sequence[str], answer: str, intent: str, language: str) -> str:
    """As `make knowledge` reads it: the question, other wordings of it, the answer."""
    lines = [f"## {questions[0]} {{.{intent}}}", ""]
    if others := questions[1:]:
        lines += [_ALSO_ASKED.get(language[:2], "Also asked:"), ""]
        lines += [*(f"- {question}" for question in others), ""]
    return "\n".join([*lines, answer, ""])


def _plain(text: str) -> str:
    """On one line and without signs that Markdown or the knowledge folder would read."""
    return " ".join(_MARKUP.sub(" ", text).split())


def _most_central(texts: Sequence[str]) -> int:
    """The place of the text most like all the others, by Dice's coefficient of their character
    pairs: it needs no words, so it is the same for Chinese. The first of equals."""
    pairs = [Counter(pairwise(text)) for text in texts]
    sizes = [max(1, counted.total()) for counted in pairs]
    closeness = [
        sum(
            2 * (one & other).total() / (size + other_size)
            for other, other_size in zip(pairs, sizes, strict=True)
        )
        for one, size in zip(pairs, sizes, strict=True)
    ]
    return max(range(len(texts)), key=lambda place: closeness[place])
