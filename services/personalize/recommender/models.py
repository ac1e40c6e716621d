"""The models that can take part in the blend, behind one port.

Which one is good depends on the log, so each offers settings to choose from by validation.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from services.personalize.domain.histories import Histories
from services.personalize.domain.recommending import Code, Scorer

Settings = Mapping[str, float | str]


@dataclass(frozen=True)
class Candidate:
    """A fitted scorer and the settings it was fitted with."""

    settings: Settings
    scorer: Scorer


class Model(Protocol):
    """A way to learn a scorer from histories. The same histories and settings give the same."""

    name: str
    label: str
    code: Code
    grid: Sequence[Settings]

    def candidates(self, past: Histories) -> Iterator[Candidate]:
        """One for each of its settings, in the order of `grid`."""

    def fit(self, past: Histories, settings: Settings) -> Scorer:
        """The scorer of these settings."""


def text(settings: Settings) -> str:
    """The settings for people."""
    return " ".join(f"{name}={value}" for name, value in settings.items())
