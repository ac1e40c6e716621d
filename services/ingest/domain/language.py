"""Which language a message is in: by its script first, then by a model among a few languages."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

Guess = Callable[[str], Mapping[str, float]]
"""The probability of each language that a model may answer."""

_PREFIX = 2000
_LEAST_SHARE = 0.05
_NO_WORDS = re.compile(
    r"\[[A-Z]+(?:_\d+)?\]|https?://\S+|www\.\S+|[!-~]{0,64}[0-9@_/\\][!-~]{0,64}"
)
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f]")
_KANA = re.compile("[\u3041-\u30ff]")
_WORDS = {
    "ko": re.compile("[\uac00-\ud7af\u1100-\u11ff]"),
    "th": re.compile("[\u0e00-\u0e7f]{1,4}"),
    "hi": re.compile("[\u0900-\u097f]+"),
    "he": re.compile("[\u0590-\u05ff]+"),
    "el": re.compile("[\u0370-\u03ff]+"),
    "ru": re.compile("[\u0400-\u052f]+"),
    "ar": re.compile("[\u0600-\u06ff]+"),
    "en": re.compile("[A-Za-z\u00c0-\u024f\u1e00-\u1eff]+"),
}
"""What counts as one word of a script, by the script's commonest language."""
_SHARED = frozenset({"en", "ru", "ar"})
"""Scripts that several languages write: here the model is asked."""

_ISO_639_1 = (
    "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu"
    " cv cy da de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi"
    " ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks"
    " ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl"
    " nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl"
    " sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve"
    " vi vo wa wo xh yi yo za zh zu"
)
_CODES = frozenset(_ISO_639_1.split())
_CHINESE = frozenset({"cmn", "yue", "wuu", "nan", "hak", "zho", "chi"})
_TAG = re.compile(r"([A-Za-z]{2,3})(?:[-_][A-Za-z0-9]{1,8}){0,5}")


@dataclass(frozen=True, slots=True)
class Detected:
    """A language as ISO 639-1 code, and how sure that is.

    `shares` are those of each language of a mixed text, by words; of any other text it is empty.
    """

    language: str
    confidence: float
    shares: Mapping[str, float] = field(default_factory=dict)


def given(tag: str | None) -> str | None:
    """The language of a BCP 47 tag (`zh-Hans-CN` is `zh`), or None when it names none."""
    match = _TAG.fullmatch((tag or "").strip())
    if match is None:
        return None
    code = match[1].lower()
    return "zh" if code in _CHINESE else code if code in _CODES else None


def detect(
    text: str, guess: Guess, *, before: str | None, sure: float, least_letters: int
) -> Detected:
    """The language of the text.

    In mixed text the script with most words wins; Chinese wins ties, because product names are
    Latin in it. A script that several languages share means its commonest one (English for Latin),
    or the one the ticket was in `before`, unless the text has `least_letters` and the model is at
    least `sure` that it is not the commonest: a short text must not become an exotic language.
    """
    text = _NO_WORDS.sub(" ", text[:_PREFIX])
    weights = {code: len(words.findall(text)) for code, words in _WORDS.items()}
    han, kana = len(_HAN.findall(text)), len(_KANA.findall(text))
    # A lone kana decorates Chinese shop names; Japanese has many.
    weights["ja" if kana > (han + kana) / 5 else "zh"] = han + kana
    total = sum(weights.values())
    if not total:
        return Detected(before or "en", 0.0)
    # Looked at backwards: Chinese or Japanese, which came last, wins ties.
    language = max(reversed(weights), key=lambda code: weights[code])
    share = weights[language] / total
    if language not in _SHARED:
        return Detected(language, round(share, 3), _shares(weights))
    script = language
    letters = sum(len(word) for word in _WORDS[script].findall(text))
    ranked = guess(text.strip())
    usual = ranked.get(language, 0.0)
    if letters >= least_letters and usual <= 1 - sure:
        language = max(ranked, key=lambda code: ranked[code])
    elif before is not None and usual < sure:
        language = before
    weights[language] = weights.pop(script)
    return Detected(language, round(share * ranked.get(language, usual), 3), _shares(weights))


def _shares(weights: Mapping[str, int]) -> dict[str, float]:
    """The shares of languages that are more than a word or a sign, when there are several."""
    total = sum(weights.values())
    shares = {code: round(weight / total, 3) for code, weight in weights.items()}
    mixed = {code: share for code, share in shares.items() if share >= _LEAST_SHARE}
    return dict(sorted(mixed.items(), key=lambda item: -item[1])) if len(mixed) > 1 else {}
