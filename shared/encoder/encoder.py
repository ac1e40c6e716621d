"""Sentence vectors from an encoder artifact, on ONNX Runtime."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from shared.encoder.batching import batches, windows
from shared.encoder.files import GRAPH, SETTINGS, TOKENIZER
from shared.modelstore import read_manifest

Kind = Literal["query", "passage"]
Vectors = NDArray[np.float32]

_TOKEN_BUDGET = 384  # padded tokens a pass: more of them fall out of the CPU cache
_TEXTS_AT_ONCE = 256  # bounds memory, whatever the number of texts
_FRAME = 2  # the begin and end tokens


@dataclass(frozen=True)
class _Settings:
    dimension: int
    max_tokens: int
    begin: int
    end: int
    padding: int
    prefixes: dict[str, str]


class Encoder:
    """A loaded encoder. `encode` may be called from several threads.

    Vectors of encoders with equal `name` and `version` are comparable, and only those.
    """

    def __init__(
        self,
        name: str,
        version: str,
        settings: _Settings,
        tokenizer: Tokenizer,
        session: onnxruntime.InferenceSession,
    ) -> None:
        self.name = name
        self.version = version
        self._settings = settings
        self._tokenizer = tokenizer
        self._session = session

    @classmethod
    def load(cls, folder: Path, threads: int) -> "Encoder":
        """The encoder in `folder`, as fetched from the model store; takes 1 to 2 seconds.

        `threads` compute one pass together. Raises OSError or ValueError for a folder that is none.
        """
        manifest = read_manifest(folder)
        content = json.loads((folder / SETTINGS).read_text(encoding="utf-8"))
        settings = _Settings(**{name: content[name] for name in _Settings.__dataclass_fields__})
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        # Waiting threads sleep: the other workers on the machine need the cores.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        session = onnxruntime.InferenceSession(
            str(folder / GRAPH), options, providers=["CPUExecutionProvider"]
        )
        tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
        return cls(manifest.name, manifest.version, settings, tokenizer, session)

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self._settings.dimension

    def warm(self) -> None:
        """Makes the first real call as fast as the later ones."""
        self.encode(["warm", "up " * 40])

    def encode(self, texts: Sequence[str], kind: Kind = "query") -> Vectors:
        """L2-normalised vectors, float32 [len(texts), dimension], in order.

        A text's vector does not depend on the texts beside it. A text over the model's length is
        read in windows whose vectors are averaged, weighted by their tokens: nothing goes unread.
        `kind` is "passage" for what is to be found, "query" for everything else.
        """
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        for start in range(0, len(texts), _TEXTS_AT_ONCE):
            part = texts[start : start + _TEXTS_AT_ONCE]
            vectors[start : start + len(part)] = self._encode_some(part, kind)
        return vectors

    def _encode_some(self, texts: Sequence[str], kind: Kind) -> Vectors:
        prefix = self._settings.prefixes[kind]
        encodings = self._tokenizer.encode_batch(
            [prefix + text for text in texts], add_special_tokens=False
        )
        limit = self._settings.max_tokens - _FRAME
        pieces: list[list[int]] = []
        owners: list[int] = []
        for owner, encoding in enumerate(encodings):
            cut = windows(encoding.ids, limit)
            pieces += cut
            owners += [owner] * len(cut)
        weights = np.array([len(piece) for piece in pieces], np.float32)
        total = np.zeros((len(texts), self.dimension), np.float32)
        np.add.at(total, owners, self._run_all(pieces) * weights[:, None])
        length: Vectors = np.linalg.norm(total, axis=1, keepdims=True)
        return total / length

    def _run_all(self, pieces: Sequence[Sequence[int]]) -> Vectors:
        vectors = np.empty((len(pieces), self.dimension), np.float32)
        lengths = [len(piece) + _FRAME for piece in pieces]
        for batch in batches(lengths, _TOKEN_BUDGET):
            vectors[batch] = self._run([pieces[index] for index in batch])
        return vectors

    def _run(self, pieces: Sequence[Sequence[int]]) -> Vectors:
        """One pass of the model over framed and padded pieces."""
        width = max(len(piece) for piece in pieces) + _FRAME
        ids = np.full((len(pieces), width), self._settings.padding, np.int64)
        mask = np.zeros_like(ids)
        for row, piece in enumerate(pieces):
            framed = [self._settings.begin, *piece, self._settings.end]
            ids[row, : len(framed)] = framed
            mask[row, : len(framed)] = 1
        # Only `vector` is asked for: the token states would be copied out for nothing.
        (vectors,) = self._session.run(["vector"], {"input_ids": ids, "attention_mask": mask})
        return np.asarray(vectors, np.float32)
