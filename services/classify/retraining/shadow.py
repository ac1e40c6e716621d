"""Recent messages read by the current model and the candidate: where would they differ?"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from services.classify.domain.reading import Reading
from services.classify.retraining.verdict import Check

FEW = 50
"""With fewer messages the share that changes tells little, and is no reason to refuse."""

SURE = 0.5
"""From this confidence on a message in scope was understood, as far as the current model knows."""

_SHOWN = 200  # characters of a text


@dataclass(frozen=True)
class Said:
    """What one model says: intent, confidence, and whether the message is out of scope."""

    intent: str
    confidence: float
    out_of_scope: bool

    @property
    def is_sure(self) -> bool:
        return not self.out_of_scope and self.confidence >= SURE


@dataclass(frozen=True)
class Changed:
    """A message that the models read differently; its text with placeholders, cut if long."""

    text: str
    current: Said
    candidate: Said


@dataclass(frozen=True)
class Shadow:
    """So many messages, `sure` of which the current model is sure of, and those read differently:
    the surest disagreements first."""

    messages: int
    sure: int
    changed: tuple[Changed, ...]

    @property
    def share(self) -> float:
        """Of what the current model is sure of, what is read differently."""
        changed = sum(one.current.is_sure for one in self.changed)
        return changed / self.sure if self.sure else 0.0

    def check(self, most: float) -> Check:
        """That at most this share changes: a candidate that reads everything anew was trained on
        something else than it is to serve. What the current one is not sure of is there to be
        learned: after a change in wording that may be most of all messages."""
        passed = self.sure < FEW or self.share <= most
        figures = {
            "messages": float(self.messages),
            "changed": float(len(self.changed)),
            "sure": float(self.sure),
            "share": self.share,
        }
        said = (
            f"{len(self.changed)} of {self.messages} recent messages would be read differently, "
            f"{self.share:.0%} of what the current one is sure of"
        )
        return Check("shadow", passed, figures, said)

    def as_json(self) -> dict[str, Any]:
        """JSON's types only."""
        return {
            "messages": self.messages,
            "sure": self.sure,
            "share": round(self.share, 6),
            "changed": [asdict(one) for one in self.changed],
        }


def compared(
    texts: Sequence[str], current: Sequence[Reading], candidate: Sequence[Reading]
) -> Shadow:
    """Messages whose intent, or being out of scope, differs."""
    changed = []
    sure = sum(_said(old).is_sure for old in current)
    for text, old, new in zip(texts, current, candidate, strict=True):
        before, after = _said(old), _said(new)
        if (before.intent, before.out_of_scope) != (after.intent, after.out_of_scope):
            changed.append(Changed(text[:_SHOWN], before, after))
    changed.sort(key=lambda one: -min(one.current.confidence, one.candidate.confidence))
    return Shadow(len(texts), sure, tuple(changed))


def _said(reading: Reading) -> Said:
    first = reading.intents[0]
    return Said(first.label, round(first.probability, 4), reading.is_out_of_scope)
