"""Recent messages read by the current model and the candidate: where would they differ?"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from services.classify.domain.reading import Reading
from services.classify.retraining.verdict import Check

FEW = 50
"""With fewer messages the share that changes tells little, and is no reason to refuse."""

_SHOWN = 200  # characters of a text


@dataclass(frozen=True)
class Said:
    """What one model says: intent, confidence, and whether the message is out of scope."""

    intent: str
    confidence: float
    out_of_scope: bool


@dataclass(frozen=True)
class Changed:
    """A message that the models read differently; its text with placeholders, cut if long."""

    text: str
    current: Said
    candidate: Said


@dataclass(frozen=True)
class Shadow:
    """So many messages, and those read differently: the surest disagreements first."""

    messages: int
    changed: tuple[Changed, ...]

    @property
    def share(self) -> float:
        return len(self.changed) / self.messages if self.messages else 0.0

    def check(self, most: float) -> Check:
        """That at most this share changes: a candidate that reads everything anew was trained on
        something else than it is to serve."""
        passed = self.messages < FEW or self.share <= most
        figures = {
            "messages": float(self.messages),
            "changed": float(len(self.changed)),
            "share": self.share,
        }
        said = f"{len(self.changed)} of {self.messages} recent messages would be read differently"
        return Check("shadow", passed, figures, said)

    def as_json(self) -> dict[str, Any]:
        """JSON's types only."""
        return {
            "messages": self.messages,
            "share": round(self.share, 6),
            "changed": [asdict(one) for one in self.changed],
        }


def compared(
    texts: Sequence[str], current: Sequence[Reading], candidate: Sequence[Reading]
) -> Shadow:
    """Messages whose intent, or being out of scope, differs."""
    changed = []
    for text, old, new in zip(texts, current, candidate, strict=True):
        before, after = _said(old), _said(new)
        if (before.intent, before.out_of_scope) != (after.intent, after.out_of_scope):
            changed.append(Changed(text[:_SHOWN], before, after))
    changed.sort(key=lambda one: -min(one.current.confidence, one.candidate.confidence))
    return Shadow(len(texts), tuple(changed))


def _said(reading: Reading) -> Said:
    first = reading.intents[0]
    return Said(first.label, round(first.probability, 4), reading.is_out_of_scope)
