"""Every intent of a message with its probability: a reading holds the likeliest only.

The log loss needs the probability of the true one, which for some mistakes is not among them.
"""

from collections.abc import Callable, Sequence

from services.classify.domain.heads import Heads, Ranked
from shared.encoder.encoder import Encoder
from shared.text import squeeze

WholeRanking = Callable[[Sequence[str]], Sequence[Sequence[Ranked]]]
"""For each text all intents, the likeliest first."""


def whole_ranking(heads: Heads, load: Callable[[], Encoder]) -> WholeRanking:
    """Computed as the served model computes them. `load` is called each time."""

    def rank(texts: Sequence[str]) -> Sequence[Sequence[Ranked]]:
        features = load().read([squeeze(text).text for text in texts]).features
        return heads.ranked("intent", heads.logits(features))

    return rank
