"""What a model reads in messages."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.classify.domain.evidence import Clue
from services.classify.domain.heads import Floats, Ranked


@dataclass(frozen=True)
class Reading:
    """What was read in one message. Ranked labels come with the likeliest first.

    `out_of_scope` is a probability; `clues` are the words that carried each decision, by head.
    vector: float32 [width], the message's sentence vector.
    """

    intents: tuple[Ranked, ...]
    sentiments: tuple[Ranked, ...]
    priorities: tuple[Ranked, ...]
    out_of_scope: float
    is_out_of_scope: bool
    clues: Mapping[str, tuple[Clue, ...]]
    vector: Floats
