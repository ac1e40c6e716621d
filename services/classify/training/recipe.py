"""How to fine-tune an encoder."""

from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True)
class Recipe:
    """How to fine-tune.

    Each layer learns by `layer_decay` slower than the one above it. `smoothing` is the share of
    certainty that the heads must not claim. `contrast` weighs the contrastive loss on the intents
    against the heads' own; with it a step sees two texts of every label it sees. `texts` are those
    of a step, `tokens` the padded tokens that are computed at once; `longest` tokens of a text are
    read, at most. A token is left out with the chance `dropped`, each time the text is seen, so
    that no single word decides. A step sees every text in so many `views`; `agreement` weighs how
    far what the heads say of them differs. `way` is how far the weights go to where the tuning led.
    With `words` the heads listen to what the words themselves say, too.
    """

    method: Literal["full", "lora"] = "full"
    epochs: int = 8
    learning_rate: float = 1.5e-4
    layer_decay: float = 0.9
    head_learning_rate: float = 1e-3
    smoothing: float = 0.1
    contrast: float = 0.0
    texts: int = 32
    tokens: int = 1024
    longest: int = 256
    dropped: float = 0.1
    views: int = 2
    agreement: float = 0.5
    way: float = 0.8
    words: bool = True
    class_weights: bool = True
    seed: int = 0

    @classmethod
    def for_few(cls, **options: Any) -> "Recipe":
        """For so few texts a label that likeness teaches more than boundaries."""
        few = {
            "epochs": 14,
            "learning_rate": 2e-4,
            "contrast": 1.0,
            "agreement": 0.0,
            "texts": 154,
            "dropped": 0.15,
            "words": False,
        }
        return cls(**few | options)
