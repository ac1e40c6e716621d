"""Names in Latin letters: after titles and announcing words, in greetings and signatures.

Without a model a name is known by its surroundings, or by its form: a given name or an initial
before a surname. Each surrounding is one linear pattern.
"""

from collections.abc import Iterator

from services.ingest.domain.pii.given_names import FAMILY_ENDINGS, GIVEN, PLACES_TOO
from services.ingest.domain.pii.kinds import Found, folded
from services.ingest.domain.pii.linear import compiled
from services.ingest.domain.pii.name_surroundings import (
    I_AM,
    LIVES,
    RUN,
    SPOKEN,
    SURE,
    TITLED,
    TITLED_LOWER,
    TO_SINGLE,
)
from services.ingest.domain.pii.not_names import COMPANY, NOT_A_NAME, NOT_AFTER_NAME_OF
from services.ingest.domain.pii.surnames import PINYIN
from services.ingest.domain.pii.words import words

_ALONE = GIVEN - PLACES_TOO
_PARTICLES = words("de da di dos del van von der den la bin binti al el ter")
_MARK = compiled(r"[A-Z][a-z]{2,}(?:[A-Z][a-z]+)+|[A-Z][a-z]+[0-9]+")
_LOWER_ENDS = words("speaking calling here again")


def find(text: str) -> Iterator[Found]:
    """Names, without their titles. `text` has other personal data blanked out already."""
    for pattern in SURE:
        for match in pattern.finditer(text):
            if not _of_a_thing(text, match.start()):
                yield from _taken(match[1], match.start(1))
    for match in TITLED.finditer(text):
        yield from _taken(match[1], match.start(1))
    for match in I_AM.finditer(text):
        parts = match[1].split()
        if len(parts) > 1 or parts[0].lower() in GIVEN:
            yield from _taken(match[1], match.start(1))
    for pattern in (LIVES, TO_SINGLE):
        for match in pattern.finditer(text):
            if "from" not in match[0] or match[1].split()[0].lower() in GIVEN:
                yield from _taken(match[1], match.start(1))
    for match in RUN.finditer(text):
        if " " in match[1]:
            yield from _formed(match[1], match.start(1))
        elif _plain(match[1]) in _ALONE:
            yield from _taken(match[1], match.start(1))
    yield from _lower_case(text)


def _taken(run: str, start: int) -> Iterator[Found]:
    """The name at the beginning of a run of words that stands where names stand."""
    parts = run.split(" ")
    kept: list[str] = []
    for word in parts:
        plain = _plain(word)
        small = word[:1].islower() and plain not in _PARTICLES
        if plain and (small or plain in NOT_A_NAME or plain in COMPANY):
            break
        kept.append(word)
    if not any(kept):
        return
    written = _without_possessive(" ".join(kept).rstrip())
    if len(written) > 1 and not _is_mark(written):
        yield Found(start, start + len(written), "NAME", folded(written))


def _formed(run: str, start: int) -> Iterator[Found]:
    """A name anywhere: a given name, or a word and an initial, before a surname."""
    parts = run.split(" ")
    plain = [_plain(part) for part in parts]
    offset = 0
    for place in range(len(parts) - 1):
        if plain[place] not in NOT_A_NAME and _is_name(plain[place:]):
            if plain[-1] not in COMPANY:
                yield from _taken(run[offset:], start + offset)
            return
        offset += len(parts[place]) + 1


def _is_name(plain: list[str]) -> bool:
    """Whether these words, the first of which may be one, look like a person's name."""
    first, *rest = filter(None, plain) if plain[0] else [""]
    if not rest or rest[0] in NOT_A_NAME:
        return False
    initial = len(rest) > 1 and len(rest[0]) == 1 and len(rest[1]) > 2
    chinese = len(rest) == 1 and first in PINYIN and _is_pinyin(rest[0])
    return first in GIVEN or initial or chinese or rest[-1].endswith(FAMILY_ENDINGS)


def _lower_case(text: str) -> Iterator[Found]:
    """Names typed without capitals, where nothing but a name can follow."""
    for match in SPOKEN.finditer(text):
        parts = match[1].split(" ")
        size = 0
        while size < len(parts) and parts[size].lower().rstrip(".") not in NOT_A_NAME:
            size += 1
        closed = size < len(parts) and parts[size].lower() in _LOWER_ENDS
        introduces = not match[0].lower().startswith("this is")
        if size and (introduces or closed):
            written = " ".join(parts[:size]).rstrip(".")
            yield Found(match.start(1), match.start(1) + len(written), "NAME", folded(written))
    for match in TITLED_LOWER.finditer(text):
        parts = match[1].split(" ")
        if parts[0] not in NOT_A_NAME:
            whole = parts[0] in GIVEN and len(parts) > 1 and parts[1] not in NOT_A_NAME
            written = match[1] if whole else parts[0]
            yield Found(match.start(1), match.start(1) + len(written), "NAME", folded(written))


def _of_a_thing(text: str, start: int) -> bool:
    """Whether the word before says that this is the name of a product, file or company."""
    parts = text[max(0, start - 16) : start].lower().split()
    return bool(parts) and parts[-1] in NOT_AFTER_NAME_OF


def _is_mark(word: str) -> bool:
    """ATM and PureText are no people."""
    short = len(word) <= 4 and word.isupper() and word.lower() not in GIVEN
    return short or _MARK.fullmatch(word) is not None


def _is_pinyin(word: str) -> bool:
    return _SYLLABLES.fullmatch(word) is not None


def _plain(word: str) -> str:
    return _without_possessive(word.lower().replace("’", "'")).strip(".'-")


def _without_possessive(word: str) -> str:
    return word[:-2] if word.endswith(("'s", "’s")) and len(word) > 4 else word


_SYLLABLES = compiled(
    r"(?:(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?(?:iang|iong|uang|ang|eng|ing|ong|ian|iao|uai|uan"
    r"|ai|ei|ao|ou|an|en"
    r"|in|ia|ie|iu|ua|ui|un|uo|ue|a|e|i|o|u)){1,3}"
)
