"""Which language a source is in."""

import re
from pathlib import PurePosixPath

from services.generate.knowledge.sources.characters import shortened
from services.generate.knowledge.sources.unreadable import UnreadableDocument

_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_CODES = (
    "aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da "
    "de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy "
    "hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg "
    "li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or "
    "os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta "
    "te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu "
    "ceb fil haw hmn nan wuu yue"
)
_FOLDERS = frozenset(_CODES.split())
"""Folders of these names are languages: ISO 639-1, and some that have three letters only. Others as
short, such as faq or app, are no languages."""


def tag_of(told: str | None) -> str | None:
    """The BCP 47 tag that is meant, by `en_US` too; None where it is none."""
    tag = (told or "").strip().replace("_", "-")
    return tag if _TAG.fullmatch(tag) else None


def language_of(
    path: PurePosixPath, place: str, told: str, otherwise: str | None, mend: str
) -> str:
    """The language told, else that of the first folder named after one, else `otherwise`.

    Raises UnreadableDocument: it names the place, and `mend` is how to tell the language there.
    """
    folders = (tag for part in path.parts[:-1] if (tag := _of_folder(part)))
    language = tag_of(told) if told.strip() else next(folders, None) or tag_of(otherwise)
    if language is None:
        was = f" {shortened(told)!r} is none." if told.strip() else ""
        raise UnreadableDocument(
            f"{place}: which language?{was} Put the file into a folder such as en/ or {mend}"
        )
    return language


def document_of(path: PurePosixPath, language: str) -> str:
    """The name of a document: its path, below its language where it is not there already."""
    return str(path) if tag_of(path.parts[0]) == language else f"{language}/{path}"


def _of_folder(name: str) -> str | None:
    tag = tag_of(name)
    return tag if tag is not None and tag.lower().split("-", 1)[0] in _FOLDERS else None
