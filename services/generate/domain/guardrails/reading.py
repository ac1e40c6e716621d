"""All facts of a text."""

import re

from services.generate.domain.guardrails import clock, contacts, days, quantities
from services.generate.domain.guardrails.characters import plain
from services.generate.domain.guardrails.fact import Fact, Shadow

PLACEHOLDER = re.compile(r"\[[A-Z]{2,12}(?:_[0-9]{1,9})?\]")


def facts(text: str) -> list[Fact]:
    """The facts that the text states, in the order they stand. Placeholders are none."""
    shadow = Shadow(plain(text))
    shadow.take(PLACEHOLDER)
    found = [
        *contacts.find(shadow),
        *days.find(shadow),
        *clock.find(shadow),
        *contacts.identifiers(shadow),
        *quantities.find(shadow),
    ]
    return sorted(found, key=lambda fact: fact.start)
