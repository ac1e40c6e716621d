"""The language of a text, by its script and, among Latin ones, by the commonest English words."""

import re
from collections.abc import Iterator

from services.generate.domain.entries import primary
from services.generate.domain.guardrails.reading import PLACEHOLDER
from services.generate.domain.guardrails.sentences import Sentences, normal
from services.generate.domain.guardrails.violation import Code, Violation, at
from services.generate.domain.guardrails.wordlists import words

_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f]")
_LATIN = re.compile("[A-Za-z\u00c0-\u024f]+(?:['’-][A-Za-z\u00c0-\u024f]+)*")
_OTHER = re.compile(
    "[\u0370-\u058f\u0590-\u08ff\u0900-\u0e7f\u0e80-\u109f\u10a0-\u11ff\u1200-\u139f\u1780-\u17ff"
    "\u3041-\u30fa\uac00-\ud7af]"
)
_NO_WORDS = re.compile(
    r"https?://\S+|[\w.+-]{1,64}@[\w.-]{1,253}|\b\w{0,40}\d\w{0,40}\b"
    r"|\"[^\"\n]{1,80}\"|“[^“”\n]{1,80}”"
    r"|「[^「」\n]{1,80}」|『[^『』\n]{1,80}』|《[^《》\n]{1,80}》"
)
# Common in English, and no words of its neighbours.
_ENGLISH = words(
    """
    the to and you your of for is are be it this that with we our from have has was will not
    if or can please by at which how what when there here us been does did they them would
    could should so no than then within between about after before their more yes thank
    sorry reply
    """
)
# Common in French, Spanish, German, Italian, Portuguese, Dutch, and no words of English.
_OTHERS = words(
    """
    le la les des une est pas nous vous votre notre je il elle que qui dans sur avec et ou
    du au aux el los las para por usted su una nos con y es como pero gracias hola lo del al
    muy der das und nicht sie wir ihr ihre ihnen ist sind haben mit von zu ein eine den dem
    auf bitte gli che non per di sono grazie ciao nostro vostro questo della não você
    obrigado uma seu sua nós com são em os o à é het een uw wij voor niet zijn met naar dank
    bonjour merci cher chère madame monsieur
    """
)
LEAST_WORDS, LEAST_HAN = 6, 4
"""What has fewer words says too little to be judged."""
LEAST_FOREIGN = 4
LEAST_WITHOUT_ENGLISH = 12
"""So many words without a common English one are none of English."""
MOST_OTHER = 0.1


def wrong_language(
    text: str, sentences: Sentences, language: str, exempt: frozenset[str]
) -> Iterator[Violation]:
    """The sentences in another language than this one, or the text if it is as a whole.

    Judged are Chinese and English; names in quotation marks, links and identifiers are of no
    language. The sentences `exempt`, in their normal form, may be in any.
    """
    expected = primary(language)
    if expected not in ("zh", "en"):
        return
    seen: list[str] = []
    found = False
    for start, end in sentences.spans():
        sentence = text[start:end]
        if not sentence.strip() or normal(sentence) in exempt:
            continue
        seen.append(_NO_WORDS.sub(" ", PLACEHOLDER.sub(" ", sentence)))
        if _is_foreign(seen[-1], expected):
            found = True
            yield at(Code.WRONG_LANGUAGE, text, start, end)
    if not found and _is_foreign(" ".join(seen), expected):
        yield at(Code.WRONG_LANGUAGE, text, 0, len(text))


def _is_foreign(text: str, expected: str) -> bool:
    words = _LATIN.findall(text)
    han, other = len(_HAN.findall(text)), len(_OTHER.findall(text))
    if other > MOST_OTHER * (han + len(words) + other):
        return True
    if expected == "zh":
        return len(words) >= LEAST_WORDS and han < 2 * len(words)
    if han >= LEAST_HAN and han > len(words) / 2:
        return True
    english = sum(word.lower() in _ENGLISH for word in words)
    others = sum(word.lower() in _OTHERS or not word.isascii() for word in words)
    return (len(words) >= LEAST_FOREIGN and others > max(1, english)) or (
        len(words) >= LEAST_WITHOUT_ENGLISH and english == 0
    )
