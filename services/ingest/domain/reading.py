"""From a message as it came to a message that may go on: clean, told apart, nothing personal."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import unquote

from services.ingest.domain import cleaning, language
from services.ingest.domain.personal import Finder, Found, Kind
from services.ingest.domain.placeholders import Book, bare, replaced
from services.ingest.domain.threads import Thread
from shared import words

TOMORROW = timedelta(days=1)
"""Clocks differ; a message from further ahead than this has a wrong time."""

LONGEST_SUBJECT = 1000
LONGEST_FIELD = 200
LONGEST_FILE = 16_000
LARGEST_PAIRS = 16 * 1024
_OWN: tuple[Kind, ...] = ("NAME", "EMAIL", "PHONE")


@dataclass(frozen=True, slots=True)
class File:
    """An attachment by its address; `text` is what it says, if it was read."""

    url: str
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it came. `own` is the customer's own name, address and number."""

    subject: str | None
    body: str
    own: Mapping[Kind, str] = field(default_factory=dict)
    language: str | None = None
    created_at: datetime | None = None
    files: tuple[File, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Read:
    """The message as it goes on. Where nothing was written the text is that of the files.

    `originals` are to be sealed, `placeholders` to be remembered."""

    subject: str | None
    text: str
    quoted: str | None
    signature: str | None
    words: tuple[str, ...]
    language: str
    language_confidence: float
    languages: Mapping[str, float]
    created_at: datetime
    files: tuple[File, ...]
    metadata: dict[str, str]
    attributes: dict[str, str]
    flags: tuple[str, ...]
    originals: dict[str, str]
    placeholders: dict[str, str]


@dataclass(frozen=True, slots=True)
class Rules:
    """How messages are read: the settings of it, and what finds and guesses."""

    finder: Finder
    guess: language.Guess
    segment: words.Segment
    longest_text: int = 64 * 1024
    language_sure: float = 0.97
    language_letters: int = 12


def read(
    message: Message,
    thread: Thread,
    rules: Rules,
    *,
    fingerprint: Callable[[str], str],
    now: datetime,
) -> Read:
    """Clean the message, take personal data out, tell its language.

    `fingerprint` is a keyed hash bound to the ticket; `thread` is the ticket before this message.
    """
    mask = _Mask(message.own, thread, rules.finder, fingerprint)
    subject = cleaning.clean_line(message.subject or "", LONGEST_SUBJECT)
    body = cleaning.clean_body(message.body, rules.longest_text)
    files = tuple(mask.file(file) for file in message.files)
    text, heading = mask.text(body.text), mask.text(subject.text)
    from_files = not text and any(file.text for file in files)
    if from_files:
        told = "\n\n".join(file.text for file in files if file.text)
        text = cleaning.cut(told, rules.longest_text).text
    quoted, signature = mask.text(body.quoted), mask.text(body.signature)
    metadata, all_metadata = _bounded(message.metadata)
    attributes, all_attributes = _bounded(message.attributes)
    detected = _language(message, f"{heading}\n{text}", thread, rules)
    ahead = message.created_at is not None and message.created_at > now + TOMORROW
    flags = {
        "created_at_in_future": ahead,
        "body_truncated": body.truncated,
        "subject_truncated": subject.truncated,
        "metadata_truncated": not all_metadata,
        "attributes_truncated": not all_attributes,
        "attachments_not_read": any(file.text is None for file in message.files),
        "text_from_attachments": from_files,
        "nothing_to_read": not text and not heading,
    }
    return Read(
        subject=heading or None,
        text=text,
        quoted=quoted or None,
        signature=signature or None,
        words=words.words_of(f"{heading}\n{text}", rules.segment),
        language=detected.language,
        language_confidence=detected.confidence,
        languages=detected.shares,
        created_at=now if ahead or message.created_at is None else message.created_at,
        files=files,
        metadata=mask.pairs(metadata),
        attributes=mask.pairs(attributes),
        flags=tuple(flag for flag, holds in flags.items() if holds),
        originals=mask.book.originals,
        placeholders=mask.book.entries,
    )


class _Mask:
    """Puts placeholders, the ticket's own, in place of personal data; `own` is the customer's."""

    def __init__(
        self,
        own: Mapping[Kind, str],
        thread: Thread,
        finder: Finder,
        fingerprint: Callable[[str], str],
    ) -> None:
        self.book = Book(fingerprint, thread.placeholders)
        self._finder = finder
        self._own = _own(own)
        for kind, written in self._own.items():
            self.book.placeholder(kind, finder.normal(kind, written), written)

    def text(self, text: str) -> str:
        def name(found: Found, original: str) -> str:
            return self.book.placeholder(found.kind, found.normal, original)

        return replaced(text, self._finder.find(text, self._own), name)

    def pairs(self, given: Mapping[str, str]) -> dict[str, str]:
        return {self.text(name): self.text(value) for name, value in given.items()}

    def file(self, file: File) -> File:
        url = self._address(file.url)
        if file.text is None:
            return File(url)
        return File(url, self.text(cleaning.clean_file(file.text, LONGEST_FILE).text))

    def _address(self, url: str) -> str:
        """As it came, unless it tells of somebody, however that is escaped."""
        plain = unquote(url)
        return self.text(plain) if self._finder.find(plain, self._own) else url


def scrubbed(text: str | None, rules: Rules) -> str | None:
    """Free text of a report with types in place of personal data, for good."""
    if text is None:
        return None
    tidied = cleaning.cut(cleaning.tidy(text), rules.longest_text).text
    return replaced(tidied, rules.finder.find(tidied), lambda found, _: bare(found.kind))


def masked(
    text: str, rules: Rules, fingerprint: Callable[[str], str]
) -> tuple[str, Mapping[str, str]]:
    """Free text of a report with numbered placeholders, and the originals by placeholder."""
    mask = _Mask({}, Thread(), rules.finder, fingerprint)
    tidied = cleaning.cut(cleaning.tidy(text), rules.longest_text).text
    return mask.text(tidied), mask.book.originals


def _own(given: Mapping[Kind, str]) -> dict[Kind, str]:
    """What is known of the customer, in the spelling a cleaned text has."""
    lines = {kind: cleaning.clean_line(given.get(kind, ""), LONGEST_FIELD).text for kind in _OWN}
    return {kind: line for kind, line in lines.items() if line}


def _bounded(given: Mapping[str, str]) -> tuple[dict[str, str], bool]:
    """As many of the pairs as may go on, and whether that is all of them."""
    kept: dict[str, str] = {}
    size = 0
    for name, value in given.items():
        pair = cleaning.tidy(name), cleaning.tidy(value)
        size += len(pair[0]) + len(pair[1])
        if size > LARGEST_PAIRS:
            return kept, False
        kept[pair[0]] = pair[1]
    return kept, True


def _language(message: Message, text: str, thread: Thread, rules: Rules) -> language.Detected:
    named = language.given(message.language)
    if named is not None:
        return language.Detected(named, 1.0)
    return language.detect(
        text,
        rules.guess,
        before=thread.language,
        sure=rules.language_sure,
        least_letters=rules.language_letters,
    )
