"""Telephone numbers, by the numbering plans in phonenumbers (Google's libphonenumber)."""

import re
from collections.abc import Iterable
from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumberFormat, PhoneNumberType

from services.ingest.domain.numbers import Window

_CUE = re.compile(
    r"(?:\b(?:phone|telephone|tel|mobile|cell(?:phone)?|fax|whatsapp|sms|desk|landline|hotline"
    r"|(?:call|ring|text|reach|contact)(?:ed|ing)?(?: me| us| him| her| them| back| someone){0,2}"
    r"(?: at| on)?|(?:my|his|her|our|contact|registered|their)(?: new| old)? (?:number|no)"
    r"|answering at|messages to|registered)\b"
    r"|电话|電話|手机|手機|座机|固话|联系方式|联系人|致电|拨打|打给|微信|号码是|传真)"
    r"(?:\s?(?:numbers?|no|号码|号|是|为|is|was|[:.#：(（])){0,4}\s?\Z",
    re.IGNORECASE,
)
_CUE_AFTER = re.compile(
    r"(?:x\d{1,6}\s?)?[\s\-\\,(]{0,3}(?:office|fax|mobile|cell|home|desk|手机|电话)", re.IGNORECASE
)
_EXTENSION = re.compile(r"\s?(?:x|ext\.?|转|轉|分机)\s?\d{1,6}\b", re.IGNORECASE)
# Social security numbers, and postcodes with their four further digits.
_NO_PHONES = frozenset({(3, 2, 4), (5, 4)})
_CHINESE_MOBILE = re.compile(r"1[3-9]\d{9}")
_LOOSE = re.compile(r"[0-9] +[0-9]")
_NATIONAL_SHAPES = frozenset({(3, 3, 4), (1, 3, 3, 4)})


class Phones:
    """Recognises telephone numbers, those without country code in the given regions' plans."""

    def __init__(self, regions: Iterable[str]) -> None:
        """`regions` are ISO 3166 codes. Raises ValueError for one without a numbering plan."""
        self._plans: list[tuple[str, re.Pattern[str]]] = []
        self._has_china = "CN" in (regions := tuple(regions))
        for region in regions:
            plan = PhoneMetadata.metadata_for_region(region)
            if plan is None or plan.general_desc is None:
                raise ValueError(f"no numbering plan for region {region!r}")
            # A quick look by the plan itself, before the costly parse.
            prefix = f"(?:{plan.national_prefix})?" if plan.national_prefix else ""
            pattern = f"{prefix}(?:{plan.general_desc.national_number_pattern})"
            self._plans.append((region, re.compile(pattern)))

    def phone(self, window: Window, known: frozenset[str] = frozenset()) -> str | None:
        """The number in E.164 form where that can be told, else its digits; None if it is none.

        International numbers (+ or 00) need a possible length. National ones in groups must be
        valid in a region; in one piece they must have 11 digits and be a mobile's, or follow words
        that announce a telephone number, which let anything pass that looks like one. After a word
        for an order a number is none. `known` numbers are found however they are written.
        """
        digits = window.digits
        if len(digits) > 15:
            return None
        if digits in known:
            return self.normal(window.written)
        if window.plus or (digits.startswith("00") and len(digits) >= 11):
            return self._international(digits.lstrip("0"), window)
        announced = _announced(window.before)
        if window.is_order and not announced:
            return None
        if announced or _CUE_AFTER.match(window.after):
            return self._national(digits) or digits
        return self._unannounced(window)

    def normal(self, written: str) -> str:
        """One form for however a number is written: E.164 where it can be told, else digits."""
        digits = "".join(character for character in written if character.isdecimal())
        if "+" in written or digits.startswith("00"):
            return "+" + digits.lstrip("0")
        return self._national(digits) or digits

    def extension(self, window: Window) -> int:
        """How many characters after the number say its extension (`x459`)."""
        match = _EXTENSION.match(window.after)
        return match.end() if match else 0

    def _international(self, digits: str, window: Window) -> str | None:
        try:
            number = phonenumbers.parse(f"+{digits}", None)
        except phonenumbers.NumberParseException:
            return None
        if phonenumbers.is_possible_number(number):
            return str(phonenumbers.format_number(number, PhoneNumberFormat.E164))
        return None if window.is_order or not window.plus else f"+{digits}"

    def _unannounced(self, window: Window) -> str | None:
        digits, lengths = window.digits, window.lengths
        if len(lengths) == 1:
            return self._mobile(digits) if len(digits) == 11 else None
        if len(digits) < 9 or max(lengths) < 3 or min(lengths[1:]) < 2:
            return None
        if lengths in _NO_PHONES:
            return None
        # Parted by spaces only, it might as well be a piece of a longer number.
        if not window.alone and _LOOSE.search(window.written):
            return None
        if lengths in _NATIONAL_SHAPES and "(" not in window.written and " " not in window.written:
            return self._national(digits) or digits
        return self._national(digits)

    def _mobile(self, digits: str) -> str | None:
        """China gives out its mobile prefixes faster than numbering plans are published."""
        number = self._national(digits, mobile=True)
        if number is None and self._has_china and _CHINESE_MOBILE.fullmatch(digits):
            return f"+86{digits}"
        return number

    def _national(self, digits: str, *, mobile: bool = False) -> str | None:
        for region, pattern in self._plans:
            if not pattern.fullmatch(digits):
                continue
            try:
                number = phonenumbers.parse(digits, region)
            except phonenumbers.NumberParseException:
                continue
            if not phonenumbers.is_valid_number(number):
                continue
            if mobile and phonenumbers.number_type(number) != PhoneNumberType.MOBILE:
                continue
            return str(phonenumbers.format_number(number, PhoneNumberFormat.E164))
        return None


@lru_cache(maxsize=64)
def _announced(before: str) -> bool:
    """Whether the text ends in words that announce a telephone number."""
    return _CUE.search(before) is not None
