"""Ways to reach somebody, and identifiers: links, addresses, telephone numbers, order numbers.

A link has no scheme, no `www.` and no closing slash in its normal form, an identifier no case and
no separators.
"""

import re
from collections.abc import Iterator

from services.generate.domain.guardrails import units
from services.generate.domain.guardrails.characters import FLAGS
from services.generate.domain.guardrails.fact import Fact, Kind, Shadow

_TOP = (
    "com|net|org|cn|io|co|info|biz|xyz|top|site|online|shop|app|dev|me|us|uk|hk|tw|ru|de|fr|link"
    "|click|vip|cc|tv|live|example|test"
)
_TAIL = r"[^\s<>\"'“”‘’«»，。；、！？（）()【】《》\0]"
_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})"
_EMAIL = re.compile(
    rf"(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]{{1,64}} ?(?:@|\(at\)"
    rf"|\[at\]) ?(?:{_LABEL}\.){{1,6}}[A-Za-z]{{2,24}}",
    FLAGS,
)
_SCHEME = re.compile(rf"(?<![A-Za-z0-9])[A-Za-z][A-Za-z0-9+.-]{{1,15}}:/{{1,3}}{_TAIL}+", FLAGS)
_BARE_SCHEME = re.compile(
    rf"\b(?:mailto|tel|sms|javascript|data|vbscript|weixin|tg):{_TAIL}+", FLAGS
)
_DOMAIN = re.compile(
    rf"(?a)(?<![A-Za-z0-9.-])(?:{_LABEL}\.){{1,6}}(?:(?!(?:g|e|m)\b)[a-z]{{2,24}}|{_TOP.upper()})"
    rf"(?![A-Za-z0-9-])(?::\d{{2,5}})?(?:/{_TAIL}*)?"
)
_CHINESE_DOMAIN = re.compile(
    rf"(?a)[\u4e00-\u9fff]\.(?:{_TOP}|中国|公司|网络|网址)\b(?:/{_TAIL}*)?"
)
# evil [.] com, evil (dot) com, evil dot com, evil点com, hxxp.
_DISGUISED = re.compile(
    rf"\b[A-Za-z0-9-]{{2,63}} ?(?:\[\.\]|\(\.\)|\{{\.\}}|\(dot\)"
    rf"|\[dot\]| dot |点| \. ) ?(?:{_TOP})\b"
    rf"(?:/{_TAIL}*)?",
    FLAGS,
)
_ADDRESS = re.compile(r"(?a)(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.]\d)(?:[:/]" + _TAIL + "*)?")
_HANDLE = re.compile(
    r"(?<![A-Za-z0-9@.])@[A-Za-z0-9_.-]{2,40}"
    r"|(?:\b(?:wechat|whatsapp|telegram|line|skype|signal|qq"
    r"|vx)|微信|支付宝|公众号|QQ群?|抖音|小红书)"
    r" ?(?:id|number|号码?|账号|群)? ?[:：是为]? ?(?=[A-Za-z0-9_-]{0,40}\d|[A-Za-z][A-Za-z0-9_-]*_)"
    r"[A-Za-z0-9_-]{4,40}",
    FLAGS,
)
_GROUPS = re.compile(
    rf"(?<![\w.,-])(?:\+ ?\d[\d ().-]{{5,20}}\d|\(\d{{2,5}}\) ?\d{{3,4}}[ -]?\d{{3,4}}"
    rf"|\d{{3,4}}-\d{{3,4}}(?:-\d{{3,4}})?|\d{{3,5}}(?: \d{{3,6}}){{1,4}})"
    rf"(?![\w-])(?!{units.AFTER})",
    FLAGS,
)
_STAR = re.compile(r"(?a)[*#]\d{2,6}(?:\*\d{1,12})?#")
# Digits that are one piece, and letters with digits: 20261108-3391, LT-77120, PEKLT30412.
_MANY_DIGITS = re.compile(
    r"(?a)(?<![\w.,])\d{6,}(?:-\d{2,})+[A-Za-z]?(?![\w-])|(?<![\w.,-])\d{7,}[Xx]?(?![\w,.]\d|[\w])"
)
_CURRENCY = r"(?:rmb|cny|usd|eur|gbp|hkd|jpy)(?![A-Za-z])"
_LETTERED = re.compile(
    rf"(?<![A-Za-z0-9])(?!{_CURRENCY})[A-Za-z]{{1,12}}[-_#]?\d[A-Za-z0-9]*"
    rf"(?:[-_][A-Za-z0-9]*\d[A-Za-z0-9]*)*",
    FLAGS,
)
_SEPARATORS = re.compile(r"[^0-9a-z+*#]")
_START = re.compile(r"^(?:[a-z][a-z0-9+.-]*:/+)?(?:www\.)?")
"""What of a link says nothing about where it leads."""


def find(shadow: Shadow) -> Iterator[Fact]:
    """Links, addresses, accounts and telephone numbers that the text names."""
    for pattern in (_SCHEME, _BARE_SCHEME):
        for match in shadow.take(pattern):
            yield _fact(Kind.LINK, match, _bare_link(match[0]))
    for match in shadow.take(_EMAIL):
        yield _fact(Kind.EMAIL, match, match[0].lower())
    for pattern in (_ADDRESS, _DOMAIN, _CHINESE_DOMAIN, _DISGUISED):
        for match in shadow.take(pattern):
            yield _fact(Kind.LINK, match, _bare_link(match[0]))
    for match in shadow.take(_HANDLE):
        yield _fact(Kind.HANDLE, match, _SEPARATORS.sub("", match[0].lower()))


def identifiers(shadow: Shadow) -> Iterator[Fact]:
    """Telephone numbers, order numbers and other identifiers; dates are to be taken out before."""
    for kind, pattern in (
        (Kind.PHONE, _STAR),
        (Kind.PHONE, _GROUPS),
        (Kind.CODE, _MANY_DIGITS),
        (Kind.CODE, _LETTERED),
    ):
        for match in shadow.take(pattern):
            yield _fact(kind, match, _SEPARATORS.sub("", match[0].lower()))


def _fact(kind: Kind, match: re.Match[str], value: str) -> Fact:
    return Fact(kind, value, match.start(), match.end())


def _bare_link(written: str) -> str:
    return _START.sub("", written.lower()).rstrip("/.,:;!?*_")
