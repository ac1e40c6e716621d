"""What may be made of what is known of a customer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from services.personalize.domain.told import Told, with_told

PERSONALIZATION = "personalization"
RECOMMENDATIONS = "recommendations"


@dataclass(frozen=True, slots=True)
class Consent:
    """What a customer agreed to; None is not said.

    `personalization`: predictions from their history. `recommendations`: being offered things.
    """

    personalization: bool | None = None
    recommendations: bool | None = None

    @property
    def said(self) -> Mapping[str, bool]:
        """What was said, by name."""
        both = {PERSONALIZATION: self.personalization, RECOMMENDATIONS: self.recommendations}
        return {name: value for name, value in both.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Allowed:
    """What may be done; also what counts as agreed to while nothing was said."""

    personalization: bool = True
    recommendations: bool = False


def told(known: Mapping[str, Told[bool]], message: Consent, at: datetime) -> Consent:
    """What the customer says last, of what came before and this message, written at that time.

    A no in the message itself counts for it even if it comes late: nobody who reads "no" in a
    ticket may find the opposite done.
    """
    newest = with_told(known, message.said, at)
    found = {name: one.value for name, one in newest.items()}
    found |= {name: value for name, value in message.said.items() if not value}
    return Consent(found.get(PERSONALIZATION), found.get(RECOMMENDATIONS))


def allowed(told: Consent, unsaid: Allowed) -> Allowed:
    """A told no always wins, and without personalization nothing can be recommended."""
    personalization = _either(told.personalization, unsaid.personalization)
    recommendations = _either(told.recommendations, unsaid.recommendations)
    return Allowed(personalization, personalization and recommendations)


def _either(said: bool | None, unsaid: bool) -> bool:
    return unsaid if said is None else said
