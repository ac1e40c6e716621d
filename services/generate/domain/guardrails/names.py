"""Names of products, plans, companies, people and buttons: only such as stand in a source.

A name shows by its capitals, by quotation marks, as Latin letters in Chinese, by a Chinese ending
such as 套餐, or because a catalogue has it. A name in small letters, or one word at the beginning
of a sentence, does not show.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from services.generate.domain.entries import primary
from services.generate.domain.guardrails.characters import FLAGS, plain
from services.generate.domain.guardrails.grounding import COMMITS, MOST_READ, MOST_REMEMBERED
from services.generate.domain.guardrails.grounds import Grounds
from services.generate.domain.guardrails.reading import PLACEHOLDER
from services.generate.domain.guardrails.sentences import Sentences
from services.generate.domain.guardrails.violation import Code, Violation, at
from services.generate.domain.guardrails.wordlists import words

_WORD = r"[A-Za-z\u00c0-\u024f][A-Za-z0-9\u00c0-\u024f'&+]*(?:-[A-Za-z0-9\u00c0-\u024f]+)*"
_CAPITAL = r"[A-Z\u00c0-\u00de][A-Za-z0-9\u00c0-\u024f'&+]*(?:-[A-Za-z0-9\u00c0-\u024f]+)*"
_TITLE = re.compile(rf"(?<![A-Za-z0-9_@./-]){_CAPITAL}(?: {_CAPITAL})*")
_MIXED = re.compile(r"(?<![A-Za-z0-9_@./-])(?:[a-z]{1,12}[A-Z]|[A-Z][a-z]{1,20}[A-Z])[A-Za-z0-9]*")
_LATIN = re.compile(rf"{_WORD}(?: {_WORD})*")
_QUOTED = re.compile(
    r"“([^“”\n]{1,80})”|\"([^\"\n]{1,80})\"|「([^「」\n]{1,80})」"
    r"|『([^『』\n]{1,80})』|《([^《》\n]{1,80})》"
    r"|【([^【】\n]{1,80})】"
)
_CHINESE = re.compile(r"([\u4e00-\u9fff]{2})(套餐|会员|计划|礼包|理财|基金|保险|专享|尊享|大使)")
_PERSON = re.compile(r"(?<![这各一几])[\u4e00-\u9fff](?:先生|女士|小姐|太太)")
_NO_PERSON = frozenset("位的是为给和或女男这")
_CHINESE_PLAIN = re.compile(
    r".(?:[的个新该此种换改办选看原前旧等何些为和或与]|手机"
    r"|流量|宽带|电视|月租|话费|您|我的|当前|成为)\Z"
    r"|(?:手机|流量|宽带|电视|各种|其他|现有|当前|哪个|哪些"
    r"|新的|我的|您的|这个|更换|办理|选择|现在|合约|适合)\Z"
)
_OPENS = re.compile(r"(?:\A|[.!?:;。！？：；\n\"'“‘「『《(（【*•~-]|\d[.)])[ \t]*\Z")
_SIGNS = re.compile(
    r"(?:\b(?:this is|i am|i'm|my name is|signed|on behalf of"
    r"|here is)|(?:regards|wishes|sincerely|yours)[^\n]{0,10}\n)"
    r"[ ,:]*\Z",
    FLAGS,
)
"""What stands before the name of who writes."""
_WORDS = re.compile(r"[A-Za-z0-9\u00c0-\u024f'&+]+|[\u4e00-\u9fff]+")
_SPLIT_PATH = re.compile(r" ?[>›→|/] ?")
_ORDINARY = words(
    """
    i i'm i'll i've i'd ok ai id pdf sms faq url app qr english chinese mr ms mrs dr dear
    internet wi-fi wifi e-mail email usb gps cny usd rmb eur gbp a am pm p.s ps re hi hello
    please thank thanks kind best regards sincerely yours customer service team no yes
    january february march april may june july august september october november december
    jan feb mar apr jun jul aug sep sept oct nov dec monday tuesday wednesday thursday
    friday saturday sunday mondays tuesdays wednesdays thursdays fridays saturdays sundays
    mon tue wed thu fri sat sun
    """
)
"""Words that name nothing however they are written, or a day, which is a fact of its own."""
_OPENERS = words(
    """
    the a an your our this that these those in on at by for from to if when once while after
    before until as with and or but so you we they it he she there here please thank thanks
    hello hi dear kind best yes no not sorry unfortunately open go tap choose select see use
    under all any every each both some most how what why where who which is are was were do
    does did can could would should will may must have has had good great of then also just
    since because
    """
)
"""Words that begin sentences with a capital in front of a name."""


class Names:
    """The names in the grounds."""

    def __init__(self, grounds: Grounds) -> None:
        ours = [_spread(source) for source in grounds.firm]
        self._ours = " ".join(spaced for spaced, _ in ours)
        self._ours_tight = "\n".join(tight for _, tight in ours)
        self._told, self._told_tight = _spread("\n".join(grounds.ticket)[:MOST_READ])
        self._catalogue = grounds.catalogue

    def violations(self, text: str, sentences: Sentences, language: str) -> Iterator[Violation]:
        """Names that stand in no source, or in the customer's words only and are promised."""
        known: dict[str, bool] = {}
        for start, end in self._candidates(text, language):
            name = text[start:end]
            standing = known.setdefault(name, self._is(name, self._ours, self._ours_tight))
            if standing:
                continue
            told = self._is(name, self._told, self._told_tight)
            signs = _SIGNS.search(text[max(0, start - 30) : start]) is not None
            if not told or signs or COMMITS.search(sentences.text_at(start)):
                yield at(Code.UNGROUNDED_NAME, text, start, end)

    def _candidates(self, text: str, language: str) -> Iterator[tuple[int, int]]:
        shown = PLACEHOLDER.sub(lambda match: "\0" * len(match[0]), plain(text))
        for match in _QUOTED.finditer(shown):
            number = match.lastindex or 0
            yield match.span(number)
        if primary(language) == "zh":
            yield from _latin(shown)
        else:
            yield from _titles(shown)
        yield from _chinese(shown)
        lowered = text.lower()
        for name in self._catalogue:
            if len(name) > 1 and (place := lowered.find(name.lower())) >= 0:
                yield place, place + len(name)

    def _is(self, name: str, spread: str, tight: str) -> bool:
        if _tight(name) in tight and (not name.isascii() or f" {_spaced(name)} " in spread):
            return True
        parts = _SPLIT_PATH.split(name)
        return len(parts) > 1 and all(self._is(part, spread, tight) for part in parts)


def _titles(text: str) -> Iterator[tuple[int, int]]:
    """Capitalised words; at the beginning of a sentence those behind the first."""
    for match in _TITLE.finditer(text):
        start, end = match.span()
        words = match[0].split(" ")
        opens = _OPENS.search(text[max(0, start - 4) : start]) is not None
        while words and (words[0].lower() in _ORDINARY or (opens and words[0].lower() in _OPENERS)):
            start += len(words.pop(0)) + 1
            opens = False
        while words and words[-1].lower() in _ORDINARY:
            end -= len(words.pop()) + 1
        if len(words) > 1 or (words and not opens):
            yield start, end
    for match in _MIXED.finditer(text):
        if match[0].lower() not in _ORDINARY:
            yield match.span()


def _latin(text: str) -> Iterator[tuple[int, int]]:
    """Latin words in Chinese, each run of them; single letters name nothing."""
    for match in _LATIN.finditer(text):
        if len(match[0]) > 1 and match[0].lower() not in _ORDINARY:
            yield match.span()


def _chinese(text: str) -> Iterator[tuple[int, int]]:
    """What ends as names of plans do, with two characters before that; people with their title."""
    for match in _CHINESE.finditer(text):
        if _CHINESE_PLAIN.search(match[1]) is None:
            yield match.span()
    for match in _PERSON.finditer(text):
        if match[0][0] not in _NO_PERSON:
            yield match.span()


@lru_cache(maxsize=MOST_REMEMBERED)
def _spread(source: str) -> tuple[str, str]:
    whole = plain(source[:MOST_READ])
    return f" {_spaced(whole)} ", _tight(whole)


def _spaced(text: str) -> str:
    return " ".join(_WORDS.findall(text.lower()))


def _tight(text: str) -> str:
    return "".join(_WORDS.findall(text.lower()))
