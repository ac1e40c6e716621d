"""Texts with known personal data: all that the finder is tested with, and the public sets.

The public sets are not part of the repository; where they are not, the repository's own are all.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from services.ingest.domain.pii.kinds import KINDS
from tests.bench import pii
from tests.unit.ingest import (
    test_ingest_personal,
    test_ingest_pii_addresses,
    test_ingest_pii_identifiers,
    test_ingest_pii_names,
)

_MARKED = re.compile(rf"<({'|'.join(KINDS)}) ([^<>]+)>")
_BRACED = re.compile(r"\{([^{}]+)\}")
_PUBLIC = {
    "EMAIL_ADDRESS": "EMAIL",
    "PHONE_NUMBER": "PHONE",
    "CREDIT_CARD": "CARD",
    "IBAN_CODE": "IBAN",
    "IP_ADDRESS": "IP",
    "US_SSN": "ID",
    "US_DRIVER_LICENSE": "ID",
    "PERSON": "NAME",
    "STREET_ADDRESS": "ADDRESS",
    "ZIP_CODE": "ADDRESS",
}
"""Types of the public sets. Their organisations, places and dates are not personal here."""


@dataclass(frozen=True)
class Row:
    """A text, and the personal data in it by kind. `name` is what the customer's own name is."""

    text: str
    values: tuple[tuple[str, str], ...]
    name: str | None = None


def own() -> list[Row]:
    """What ingest's own tests say is personal: all of it is found."""
    braced = (
        ("PHONE", test_ingest_personal.test_phone_numbers),
        ("CARD", test_ingest_personal.test_card_numbers),
        ("ADDRESS", test_ingest_pii_addresses.test_addresses),
        ("NAME", test_ingest_pii_names.test_names_by_their_surroundings),
    )
    rows = [_braced(kind, text) for kind, test in braced for text in _cases(test)]
    identifiers = (
        test_ingest_pii_identifiers.test_identity_numbers,
        test_ingest_pii_identifiers.test_other_identifiers,
    )
    rows += [_marked(text) for test in identifiers for text in _cases(test)]
    rows += [
        Row(text, (("EMAIL", address),))
        for text, address in _cases(test_ingest_personal.test_addresses)
    ]
    rows += [
        Row(text, tuple(("NAME", one) for one in wanted), name)
        for name, text, wanted in _cases(test_ingest_pii_names.test_own_name)
    ]
    return [row for row in rows if row.values]


def public() -> list[Row]:
    """The public sets, if they are there. Single values stand in a sentence that says what they
    are; the one passport of `cn_cases_values` that the finder is known to miss is left in."""
    if not pii.DATA.is_dir():
        return []
    rows = list(_presidio())
    sets = (pii.sentences(), pii.values("cn_cases_values.csv", None))
    for labelled in (row for rows_of in sets for row in rows_of):
        values = [(span.type, labelled.text[span.start : span.end]) for span in labelled.spans]
        rows.append(Row(labelled.text, tuple((kind, one.strip()) for kind, one in values)))
    return [row for row in rows if row.values]


def _presidio() -> Iterator[Row]:
    for line in (pii.DATA / "presidio_even.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        yield Row(
            row["text"],
            tuple(
                (_PUBLIC[span["type"]], row["text"][span["start"] : span["end"]])
                for span in row["spans"]
                if span["type"] in _PUBLIC
            ),
        )


def _cases(test: Any) -> list[Any]:
    """The cases of a parametrized test."""
    (mark,) = [one for one in test.pytestmark if one.name == "parametrize"]
    return list(mark.args[1])


def _braced(kind: str, text: str) -> Row:
    values = tuple((kind, found) for found in _BRACED.findall(text))
    return Row(_BRACED.sub(r"\1", text), values)


def _marked(text: str) -> Row:
    return Row(_MARKED.sub(r"\2", text), tuple(_MARKED.findall(text)))
