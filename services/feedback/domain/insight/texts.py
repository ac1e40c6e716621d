"""Texts of customers and agents made fit to be shown: short, and without what names a person.

Ingest has put placeholders for personal data already. What still looks like an address or a long
number is hidden here: a page is passed on more freely than a ticket.
"""

import re

LONGEST = 160
_PLACEHOLDER = re.compile(r"\[([A-Z]+)(?:_\d+)?\]")
_TELLING = re.compile(r"[\w.+-]+@[\w.-]+|https?://\S+|\+?\d(?:[ -]?\d){5,}")
_SENTENCE = re.compile(r"[^。！？!?\n.]+(?:\.(?=\S)[^。！？!?\n.]+)*[。！？!?.]*")
_WIDE = re.compile(r"[\u3041-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_GREETING = re.compile(
    r"^(?:(?:hi|hello|hey|dear|good (?:morning|afternoon|evening))\b"
    r"(?: (?:there|all|team|\[\w+\]))?"
    r"|您好|你好|亲|在吗|请问(?:一下)?)[\s,，.。!！~]+",
    re.IGNORECASE,
)
HIDDEN = "…"


def shown(text: str, longest: int = LONGEST) -> str:
    """On one line, at most `longest` columns wide, `[NAME_1]` as `[name]`, numbers hidden."""
    plain = _PLACEHOLDER.sub(lambda found: f"[{found[1].lower()}]", text)
    return cut(" ".join(_TELLING.sub(HIDDEN, plain).split()), longest)


def without_greeting(text: str) -> str:
    """What comes after a greeting; the text itself where nothing does."""
    rest = text.strip()
    while (shorter := _GREETING.sub("", rest)) and shorter != rest:
        rest = shorter
    return rest


def is_personal(text: str) -> bool:
    """Whether it holds what is one customer's alone: a placeholder, an address, a long number."""
    return _PLACEHOLDER.search(text) is not None or _TELLING.search(text) is not None


def sentences(text: str) -> list[str]:
    """Its sentences, each with its end mark, in order."""
    return [found.strip() for found in _SENTENCE.findall(text) if found.strip()]


def cut(text: str, longest: int) -> str:
    """The text, or its beginning up to a word's end; a Chinese character is two columns wide."""
    columns = 0
    for place, character in enumerate(text):
        columns += 2 if _WIDE.match(character) else 1
        if columns > longest:
            kept = text[:place]
            border = kept.rfind(" ")
            return kept[: border if border > place // 2 else place].rstrip() + HIDDEN
    return text
