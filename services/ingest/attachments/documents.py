"""What kind of file some bytes are, and what they say."""

import codecs
from email.message import Message

_MEDIA = ("image/", "audio/", "video/", "font/")
_TEXT = ("text/", "application/xhtml", "application/json", "application/xml", "message/")
_UNTOLD = ("application/octet-stream", "binary/octet-stream")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class TypeNotRead(Exception):
    """Files of this type say nothing that is read here."""


class Broken(Exception):
    """The file is not what it claims to be, or cannot be read."""


def is_media(media_type: str) -> bool:
    """Whether the type is of pictures, sound or film."""
    return media_type.strip().lower().startswith(_MEDIA)


def is_pdf(content: bytes) -> bool:
    """Whether it begins as PDF files do (ISO 32000: within the first kilobyte)."""
    return b"%PDF-" in content[:1024]


def text_of(content: bytes, media_type: str) -> str:
    """The text of a plain or HTML file; markup is left in.

    By a byte order mark, else in the charset it is told to be in, else in UTF-8 or GB 18030.
    Raises TypeNotRead for anything else, Broken when its bytes are of no such charset.
    """
    header = Message()
    header["Content-Type"] = media_type
    kind = header.get_content_type()
    marked = next((name for mark, name in _MARKS if content.startswith(mark)), None)
    if not kind.startswith((*_TEXT, *_UNTOLD)) or (marked is None and b"\0" in content):
        raise TypeNotRead
    for charset in filter(None, (marked, header.get_content_charset(), "utf-8", "gb18030")):
        try:
            return content.decode(charset)
        except (LookupError, UnicodeDecodeError):
            continue
    raise Broken
