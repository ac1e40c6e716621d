"""How a customer wants to be written to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from services.personalize.domain.told import Told, with_told

Tone = Literal["formal", "friendly"]
Length = Literal["brief", "full"]
TONE = "tone"
LENGTH = "length"


@dataclass(frozen=True, slots=True)
class Preferences:
    """None is not said."""

    tone: Tone | None = None
    length: Length | None = None

    @property
    def said(self) -> Mapping[str, str]:
        """What was said, by name."""
        both = {TONE: self.tone, LENGTH: self.length}
        return {name: value for name, value in both.items() if value is not None}


def preferred(known: Mapping[str, Told[str]], message: Preferences, at: datetime) -> Preferences:
    """What the customer said last, of what came before and this message, written at that time."""
    newest = with_told(known, message.said, at)
    tone, length = (newest[name].value if name in newest else None for name in (TONE, LENGTH))
    return Preferences(
        tone if tone in ("formal", "friendly") else None,  # type: ignore[arg-type]
        length if length in ("brief", "full") else None,  # type: ignore[arg-type]
    )
