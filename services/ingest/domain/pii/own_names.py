"""The customer's own name in its spellings: order, case, accents, parts, titles."""

import re
import unicodedata
from collections.abc import Iterable, Iterator

from services.ingest.domain.pii.kinds import Found
from services.ingest.domain.pii.not_names import NOT_A_NAME
from services.ingest.domain.pii.surnames import DOUBLE, SINGLE
from services.ingest.domain.pii.words import words

WORDS_TOO = words(
    "will mark may grace hope rose bill rich grant frank art joy dawn summer sunny faith ray"
    " jack max page"
    " case chase chance drew cash price day long young white black green brown gray grey king"
    " bush field"
    " ford banks cook baker post west north rose lily iris ivy amber crystal ruby pearl"
)
_TITLES = r"(?:mr|mrs|ms|miss|mx|dr|prof|sir|madam|mister)\.?\s{1,2}"
_LATIN = "A-Za-z0-9\u00c0-\u024f"
_NOT_IN_WORD_BEFORE, _NOT_IN_WORD_AFTER = rf"(?<![{_LATIN}])", rf"(?![{_LATIN}])"
_CHINESE_TITLE = "先生|女士|小姐|太太|同学|老师|师傅|總|总"
_CHINESE_TITLES_END = re.compile(f"(?:{_CHINESE_TITLE})$")
_NO_PARTS = words("mr mrs ms miss mx dr prof sir madam mister")
_MOST_WORDS = 6


def find(text: str, name: str, normal: str) -> Iterator[Found]:
    """Where the name stands; `normal` is what every spelling of it is known by.

    A single letter is too little to tell. A part of the name that is a common word too counts
    with the rest of the name or after a title only.
    """
    chinese = _CHINESE_TITLES_END.sub("", "".join(filter(_is_chinese, name)))
    parts = [word.strip(".,()") for word in name.split() if not any(map(_is_chinese, word))]
    parts = [part for part in parts if part and part.lower() not in _NO_PARTS][:_MOST_WORDS]
    folded = _folded(text)
    small = folded.lower()
    # Patterns are costly to build, and most texts hold nothing of the name.
    if len(chinese) > 1 and any(character in text for character in chinese):
        yield from _matches(_chinese(chinese), text, normal)
    if len("".join(parts)) > 1 and any(_folded(part).lower() in small for part in parts):
        yield from _matches(_western(parts), folded, normal)


def _matches(patterns: Iterable[re.Pattern[str]], text: str, normal: str) -> Iterator[Found]:
    for pattern in patterns:
        for match in pattern.finditer(text):
            yield Found(match.start("name"), match.end("name"), "NAME", normal)


def _western(parts: list[str]) -> Iterator[re.Pattern[str]]:
    plain = [re.escape(_folded(word)) for word in parts]
    orders = [plain, [plain[-1], *plain[:-1]]]
    if len(plain) > 2:
        orders += [[plain[0], plain[-1]], [plain[-1], plain[0]]]
    whole = "|".join(r"[\s,.·_-]{1,3}".join(order) for order in orders)
    if len(plain) > 1:
        first, last = (re.escape(_folded(part)[0]) for part in (parts[0], parts[-1]))
        whole += rf"|{first}\.?\s{{0,2}}{plain[-1]}|{plain[0]}\s{{1,2}}{last}\."
    yield _alone(whole, re.IGNORECASE)
    if len(plain) < 2:
        return
    yield re.compile(
        rf"{_NOT_IN_WORD_BEFORE}{_TITLES}(?P<name>{'|'.join(plain)}){_NOT_IN_WORD_AFTER}",
        re.IGNORECASE,
    )
    for word, pattern in zip(parts, plain, strict=True):
        small = word.lower()
        # Will and Mark begin sentences, so even their capitals say little.
        if len(word) < 3 or small in NOT_A_NAME or small in WORDS_TOO:
            continue
        forms = {_folded(word), _folded(word).upper(), _folded(word).capitalize()}
        if len(word) > 3:
            yield _alone(pattern, re.IGNORECASE)
        else:
            yield _alone("|".join(map(re.escape, sorted(forms))), 0)


def _chinese(name: str) -> Iterator[re.Pattern[str]]:
    """Whole, spaced, given name alone, and the surname with a title or 小 and 老."""
    spaced = r"[\s·]{0,2}".join(map(re.escape, name))
    yield re.compile(f"(?P<name>{spaced})")
    size = 2 if name[:2] in DOUBLE else 1
    family, given = re.escape(name[:size]), re.escape(name[size:])
    if name[:1] not in SINGLE and size == 1:
        return
    yield re.compile(f"(?P<name>{family})(?:{_CHINESE_TITLE})")
    yield re.compile(f"(?<![\u4e00-\u9fff])[小老阿](?P<name>{family})")
    if len(name) - size >= 2:
        yield re.compile(f"(?P<name>{given})")
    elif given:
        yield re.compile(f"(?P<name>{given})(?:{_CHINESE_TITLE})")


def _alone(pattern: str, flags: int) -> re.Pattern[str]:
    return re.compile(f"{_NOT_IN_WORD_BEFORE}(?P<name>{pattern}){_NOT_IN_WORD_AFTER}", flags)


def _is_chinese(character: str) -> bool:
    return "\u4e00" <= character <= "\u9fff"


def _accents() -> dict[int, str]:
    """Letters with accents to those without, one for one so that positions stay."""
    pairs = ((code, unicodedata.normalize("NFD", chr(code))[0]) for code in range(0xC0, 0x250))
    return {code: letter for code, letter in pairs if letter.isascii()} | {ord("’"): "'"}


_ACCENTS = _accents()


def _folded(text: str) -> str:
    return text if text.isascii() else text.translate(_ACCENTS)
