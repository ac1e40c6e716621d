"""What simulated customers want, and in which words: messages whose true meaning is known."""

import csv
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from services.classify.train import SEED_FILES
from services.generate.knowledge.documents import (
    SEED_DOCUMENTS,
    SEED_QUESTIONS,
    read_documents,
    read_questions,
)

LEARNED_FROM = 0.5
GREETINGS = {
    "en": ("Hi, ", "Hello, ", "hey ", "Good morning. ", "Hi there, "),
    "zh": ("你好，", "您好，", "在吗 ", "亲，", "客服您好，"),
}
ENDINGS = {
    "en": (" Thanks!", " thank you", " please help", " asap", " Regards"),
    "zh": ("谢谢", "，麻烦了", "，急", "，多谢", "。"),
}
OFTEN = 0.3
"""How often a message is greeted with, ended with, or mistyped."""
_WORD = re.compile(r"[A-Za-z]{4,}")
_INNER_VOWELS = re.compile(r"(?<=.)[aeiouAEIOU](?=.)")


@dataclass(frozen=True, slots=True)
class Wish:
    """What a customer writes and truly wants: one of `intents`, the main one first.

    `entries` are the ids of those entries of the knowledge base that answer it; where there are
    none, only a person can.
    """

    text: str
    language: str
    intents: tuple[str, ...]
    entries: frozenset[str]

    @property
    def intent(self) -> str:
        return self.intents[0]

    @property
    def is_answered(self) -> bool:
        """Whether it is known which entry answers it."""
        return len(self.entries) == 1


@dataclass(frozen=True, slots=True)
class Corpus:
    """All wishes: `learned` is what the first classifier is taught, `asked` what customers write.

    They have no message in common.
    """

    learned: tuple[Mapping[str, str], ...]
    asked: tuple[Wish, ...]

    def of(self, intent: str) -> tuple[Wish, ...]:
        """What customers write when they want this."""
        return tuple(wish for wish in self.asked if wish.intent == intent)


def corpus(unknown: str, learned_from: float = LEARNED_FROM) -> Corpus:
    """From the seed, of which the first classifier learns such a share. Of the `unknown` intent no
    message is learned from.

    Questions with an entry that answers them are all asked by customers; of the labelled messages
    each is learned from or asked, by its own text.
    """
    documents = read_documents(SEED_DOCUMENTS)
    entries = {entry.id: entry for entry in documents}
    serving: dict[str, set[str]] = {}
    for entry in documents:
        for intent in entry.intents:
            serving.setdefault(intent, set()).add(entry.id)
    questions = [
        Wish(one.text, one.language, entries[one.entry].intents, frozenset({one.entry}))
        for one in read_questions(SEED_QUESTIONS, documents)
        if one.entry is not None and entries[one.entry].intents
    ]
    wordings = {wish.text for wish in questions}
    rows = [row for row in _seed() if row["text"] not in wordings]
    taught = {row["text"] for row in rows if random.Random(row["text"]).random() < learned_from}
    learned = [row for row in rows if row["text"] in taught and row["intent"] != unknown]
    asked = [
        Wish(row["text"], row["lang"], (row["intent"],), frozenset(serving.get(row["intent"], ())))
        for row in rows
        if row["text"] not in taught
    ]
    return Corpus(tuple(learned), (*questions, *asked))


def varied(wish: Wish, chance: random.Random) -> Wish:
    """The same wish in a little other words: greeted, thanked for, mistyped."""
    text = wish.text
    if chance.random() < OFTEN:
        text = chance.choice(GREETINGS[wish.language]) + text
    if chance.random() < OFTEN:
        text += chance.choice(ENDINGS[wish.language])
    if chance.random() < OFTEN and len(text) > 12:
        at = chance.randrange(len(text) - 1)
        text = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return replace(wish, text=text)


def abbreviated(wish: Wish) -> Wish:
    """The same wish as typed on a small keyboard: `whr s my prcl`. Chinese stays as it is."""
    if wish.language != "en":
        return wish
    short = _WORD.sub(lambda word: _INNER_VOWELS.sub("", word[0]), wish.text)
    return replace(wish, text=short.lower())


def _seed() -> Sequence[Mapping[str, str]]:
    rows: list[Mapping[str, str]] = []
    for path in SEED_FILES:
        with path.open(encoding="utf-8", newline="") as file:
            rows += csv.DictReader(file)
    return rows
