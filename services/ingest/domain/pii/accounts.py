"""Account numbers: any code that the words before it call one."""

import re
from collections.abc import Iterator

from services.ingest.domain.cards import luhn
from services.ingest.domain.pii.cues import stands_alone
from services.ingest.domain.pii.kinds import Found
from services.ingest.domain.pii.linear import compiled

_ANNOUNCED = compiled(
    r"(?i)(?:\b(?:(?:bank |savings |checking |current |my |the )?(?:account|acct|a/c|acc)\b"
    r"(?: (?:number|num|no|id|ending)\b|\.|#|:| is\b| [0-9])"
    r"|(?:sort code|routing (?:number|no)|customer (?:number|no)|member(?:ship)? (?:number|no|id)"
    r"|policy ?holder (?:number|no))\b)"
    r"|(?:银行)?(?:账号|帐号|賬號|帳號|账户|帐户|賬戶|帳戶|户口号|会员号|会员卡号|客户号))"
    r"(?: ?(?:is|was|number|no|号码|号|是|为|為|[:：.#,(（=])){0,4} {0,2}"
    r"([A-Z]{0,12}[0-9](?:[ -]?[A-Z0-9]){3,33})"
)
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_LEAST_DIGITS = 5
_WORDS = re.compile(r"(?:[ -][A-Za-z]+)+\Z|(?<=[0-9])(?: [A-Za-z]+.*)\Z")


def find(text: str) -> Iterator[Found]:
    """Announced account numbers. Bank cards and mobile numbers are left to those who know them."""
    for match in _ANNOUNCED.finditer(text):
        written = _WORDS.sub("", match[1])
        start, end = match.start(1), match.start(1) + len(written)
        code = "".join(filter(str.isalnum, written)).upper()
        digits = sum(map(str.isdigit, code))
        if digits < _LEAST_DIGITS or not stands_alone(text, start, end):
            continue
        if _MOBILE.fullmatch(code) or (len(code) >= 12 and code.isdigit() and luhn(code)):
            continue
        yield Found(start, end, "ACCOUNT", code)
