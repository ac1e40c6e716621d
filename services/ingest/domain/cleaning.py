"""From what an upstream sent to what a person would read."""

import re
from dataclasses import dataclass

import ftfy

from services.ingest.domain import history, markup, signature

_CONFIG = ftfy.TextFixerConfig(normalization="NFKC", explain=False)
# Controls, soft hyphen, zero-width, direction marks, invisible operators, byte order mark and the
# tag characters that can hide a second text in the first.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f"
    "\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]+"
)
# Joiners belong to emoji and to Arabic and Indic writing; elsewhere they only hide.
_STRAY_JOINER = re.compile(
    "(?<![\u0600-\u0dff\u2190-\u2bff\ufe0f\U0001f000-\U0001faff])[\u200c\u200d]+"
)
_SPACES = re.compile(r"[^\S\n]+")
_SPACE_AT_BREAK = re.compile(r" ?\n ?")
_BLANK_LINES = re.compile(r"\n{3,}")
_BREAKS = re.compile(r"\n(?: ?\n)+")
_TIMES_LONGER = 4
"""How much longer than its text a message may be for its quoted history."""
_LONGEST_TOKEN = 256
_CUT_NUMBER = "0123456789+()-./ \n"


LONGEST_QUOTED, LONGEST_SIGNATURE = 16_000, 1_000


@dataclass(frozen=True, slots=True)
class Cleaned:
    text: str
    truncated: bool


@dataclass(frozen=True, slots=True)
class Body:
    """A body's parts, cleaned; `truncated` says whether `text` is all that was written."""

    text: str
    quoted: str
    signature: str
    truncated: bool


def tidy(text: str) -> str:
    """Repaired Unicode in NFKC without invisible characters; spaces and blank lines squeezed."""
    text = ftfy.fix_text(text, _CONFIG)
    text = _INVISIBLE.sub("", text)
    text = _STRAY_JOINER.sub("", text)
    text = _SPACES.sub(" ", text)
    text = _SPACE_AT_BREAK.sub("\n", text)
    return _BLANK_LINES.sub("\n\n", text).strip()


def clean_body(raw: str, limit: int) -> Body:
    """The body as plain text of at most `limit` characters, apart from history and signature."""
    visible, truncated = _visible(raw, limit)
    tidied, quoted = tidy(visible.text), tidy(visible.quoted)
    if not tidied:
        # A mail that is nothing but history: then the history is the message.
        tidied, quoted = quoted, ""
    parts = history.parted(tidied)
    signed = signature.parted(parts.written)
    result = cut(signed.written, limit)
    return Body(
        result.text,
        cut("\n\n".join(filter(None, (parts.quoted, quoted))), LONGEST_QUOTED).text,
        cut(signed.quoted, LONGEST_SIGNATURE).text,
        result.truncated or truncated,
    )


def clean_file(raw: str, limit: int) -> Cleaned:
    """A file's text, all of it that is visible."""
    visible, truncated = _visible(raw, limit)
    result = cut(tidy(f"{visible.text}\n{visible.quoted}"), limit)
    return Cleaned(result.text, result.truncated or truncated)


def clean_line(raw: str, limit: int) -> Cleaned:
    """A subject or a field: as the body, on one line."""
    visible, truncated = _visible(raw, limit)
    result = cut(tidy(visible.text).replace("\n", " "), limit)
    return Cleaned(result.text, result.truncated or truncated)


def _visible(raw: str, limit: int) -> tuple[markup.Visible, bool]:
    """What a reader sees, and no more of it than could possibly be kept: the rest costs work."""
    is_markup = markup.is_markup(raw)
    source = markup.bounded(raw) if is_markup else raw
    seen = markup.to_text(source) if is_markup else markup.Visible(source)
    text, quoted = (
        cut(_BREAKS.sub("\n\n", _SPACES.sub(" ", part)), _TIMES_LONGER * limit)
        for part in (seen.text, seen.quoted)
    )
    return markup.Visible(text.text, quoted.text), text.truncated or len(source) < len(raw)


def cut(text: str, limit: int) -> Cleaned:
    """At most `limit` characters, cut between words and never within a number.

    Half of a card number or address would be personal data that nothing recognises.
    """
    if len(text) <= limit:
        return Cleaned(text, truncated=False)
    head = text[:limit]
    last_token = re.split(r"\s", head[-_LONGEST_TOKEN:])[-1]
    if text[limit : limit + 1].strip() and len(last_token) < min(_LONGEST_TOKEN, limit):
        head = head[: len(head) - len(last_token)]
    return Cleaned(head.rstrip(_CUT_NUMBER), truncated=True)
