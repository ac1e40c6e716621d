"""Patterns of where names stand in English text; the name is the first group."""

from services.ingest.domain.pii.linear import CAPITAL, LETTER, compiled

_WORD = rf"[{CAPITAL}][{LETTER}'’-]+"
_PARTICLE = "(?:de|da|di|dos|del|van|von|der|den|la|bin|binti|al|el|ter)"
_NEXT = rf" {{1,2}}(?:{_PARTICLE} ){{0,2}}(?:{_WORD}|[{CAPITAL}]\.?)"
_NAME = rf"({_WORD}(?:{_NEXT}){{0,4}})"
_FULL = rf"({_WORD}(?:{_NEXT}){{1,4}})"
_LOWER = rf"([{LETTER}][{LETTER}'’-]+(?: [{LETTER}][{LETTER}'’.-]*){{0,2}})"
_KIN = (
    "husband|wife|spouse|son|daughter|kid|child|partner|friend|brother|sister|mother|father|mom"
    "|dad|mum"
    "|boss|manager|colleague|coworker|assistant|agent|advisor|adviser|neighbou?r|roommate|flatmate"
    "|girlfriend|boyfriend|fianc[eé]e?|cousin|uncle|aunt|nephew|niece|grand(?:mother|father|ma"
    "|pa|son|daughter)"
    "|tenant|landlord|doctor|lawyer|guardian|beneficiary|executor"
)
_SAYS = (
    "said|says|told|asked|shouted|wrote|replied|explained|promised|assured|phoned|claims|claimed"
    "|added"
)

TITLED = compiled(
    rf"\b(?:(?i:mr|mrs|ms|mx|dr|prof|professor|mister|madam|rev)|Miss|Sir|Lady)\b\.? {{0,2}}{_NAME}"
)
TITLED_LOWER = compiled(
    rf"\b(?:mr|mrs|ms|dr)\b\.? {{0,2}}([{LETTER}][{LETTER}'’-]+(?: [{LETTER}][{LETTER}'’-]+)?)"
)
SURE = tuple(
    map(
        compiled,
        (
            rf"(?i:\bnames? ?(?:is|was|are|to|as|it to|should be|:|=|\?|-)(?: ?(?:be|user:|is"
            rf"|:))?\s{{1,9}}){_NAME}",
            rf"(?i:\b(?:name on (?:the|my|this) (?:account|card|order|booking"
            rf"|ticket)\b.{{0,12}}?[:?] ?(?:user: )?)){_NAME}",
            rf"(?i:\b(?:i am called|i'm called|was called|he is called|she is called|is named"
            rf"|named (?:him|her)|call me"
            rf"|calls me|(?:man|woman|guy|lady|gentleman|person|someone|agent|rep|representative"
            rf"|employee|driver|clerk)"
            rf" (?:called|named)) ){_NAME}",
            rf"(?i:\b(?:this is|it'?s|i am|i'?m|im|my name'?s) ){_NAME} ?(?:(?i:speaking|calling"
            rf"|here|again|writing|from)\b)",
            rf"{_NAME} (?i:speaking|here)\b ?(?:[,.!]|$)",
            rf"(?i:\b(?:my|his|her|our|their|your)(?: [a-z]+)? (?:{_KIN})(?:'s name)?(?: is"
            rf"| was)?(?: called| named)?,? ){_NAME}",
            rf"(?:^|\n)[ >]{{0,4}}(?i:hi|hello|hey|dear|good (?:morning|afternoon"
            rf"|evening))(?: there)?,? {_NAME}[ ]?[,!:.\n-]",
            rf"(?i:\b(?:regards|sincerely|faithfully|cheers|wishes|thanks|thank you|truly|best"
            rf"|love|respectfully|thx)"
            rf"[,.! ]{{0,3}}\n[\s–—-]{{0,6}}){_NAME}[ .]{{0,3}}(?:\n|$)",
            rf"(?i:\b(?:attn|attention|c/o|passenger|cardholder|account holder|recipient|payee"
            rf"|patient|guest|contact"
            rf"|customer|traveller|traveler|directed by|consignee|insured|applicant|(?:billing "
            rf"|shipping |delivery )?address|(?:ship|bill|deliver|sold) to)\.? ?: {{0,6}}){_NAME}",
            rf"{_FULL} (?:{_SAYS}|lives?|works?|will be|called me|had given|has been|is from"
            rf"|began)\b",
            rf"(?i:\b(?:{_SAYS}|shouted at|talk(?:ed|ing)? (?:to|with)|sp(?:eak|oke|oken"
            rf"|eaking) (?:to|with)) ){_FULL}",
            rf"(?i:\b(?:under|on behalf of|registered to|belongs to|addressed to|follow up with"
            rf"|heard|of ms) ){_FULL}",
            rf"(?i:\badd ){_NAME} (?i:as|to) ",
            rf"{_FULL}(?:'s|’s) (?i:address|account|name|phone|number|card|order|daughter|son"
            rf"|wife|husband|kid|email)\b",
            rf"(?:^"
            rf"|\n)[> ]{{0,4}}{_FULL}[ ]{{0,3}}\n+[^\n]{{0,40}}\n?[ >]{{0,6}}[0-9]{{0,5}} ?\x00",
        ),
    )
)
LIVES = compiled(
    rf"(?:^|[.!?\n] ?){_NAME}"
    r" (?:lives|had given|said|says|told|shouted|will be|is from|from)\b"
)
TO_SINGLE = compiled(rf"\b(?:shouted at|said|says|told|said to) {_NAME}")
I_AM = compiled(rf"(?i:\b(?:i am|i'?m|this is) ){_NAME} ?(?:[,.!;]|$|\n|(?:and|but|with|i) )")
SPOKEN = compiled(
    rf"(?i:\b(?:my (?:(?:full|first|last|given|sur)[ -]?)?name(?: is|'s)|this is|name:)) {_LOWER}"
)
RUN = compiled(rf"\b{_NAME}")
