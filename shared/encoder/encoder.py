"""Sentence vectors and features from an encoder artifact."""

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from shared.encoder import backends
from shared.encoder.backends import Backend
from shared.encoder.batching import batches, windows
from shared.encoder.files import SETTINGS, TOKENIZER
from shared.modelstore import read_manifest

Kind = Literal["query", "passage"]
Vectors = NDArray[np.float32]
Span = tuple[int, int]

_TOKEN_BUDGET = 384  # padded tokens a pass: more of them fall out of the CPU cache
_TEXTS_AT_ONCE = 256  # bounds memory, whatever the number of texts
_FRAME = 2  # the begin and end tokens


@dataclass(frozen=True)
class Encoded:
    """What one pass told of some texts.

    vectors: float32 [texts, dimension], L2-normalised sentence vectors.
    features: float32 [texts, width], what heads read: plain means over all tokens of a text.
    spans: for each text the characters `start` to `end` of every token; (0, 0) for tokens that
        are not of the text.
    shares: for each text float32 [tokens, columns], each token's share in `features @ projection`;
        they add up to it.
    """

    vectors: Vectors
    features: Vectors
    spans: list[list[Span]]
    shares: list[Vectors]


@dataclass(frozen=True)
class _Settings:
    dimension: int
    width: int
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
        backend: Backend,
    ) -> None:
        self.name = name
        self.version = version
        self._settings = settings
        self._tokenizer = tokenizer
        self._backend = backend
        self._pool = ThreadPoolExecutor(backend.side_by_side, "encode")

    @classmethod
    def load(cls, folder: Path, threads: int, backend: backends.Name = "onnx") -> "Encoder":
        """The encoder in `folder`, as fetched from the model store; takes 1 to 2 seconds.

        `threads` compute on a CPU, each a batch of similar length. Raises OSError or ValueError for
        a folder that is none.
        """
        manifest = read_manifest(folder)
        content = json.loads((folder / SETTINGS).read_text(encoding="utf-8"))
        missing = _Settings.__dataclass_fields__.keys() - content.keys()
        if missing:
            raise ValueError(f"{manifest.name}@{manifest.version} is of an older release")
        settings = _Settings(**{name: content[name] for name in _Settings.__dataclass_fields__})
        tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
        loaded = backends.load(backend, folder, threads)
        return cls(manifest.name, manifest.version, settings, tokenizer, loaded)

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self._settings.dimension

    def warm(self) -> None:
        """Makes the first real call as fast as the later ones."""
        self.encode(["warm", "up " * 40])

    @property
    def width(self) -> int:
        """Length of a text's features."""
        return self._settings.width

    def encode(self, texts: Sequence[str], kind: Kind = "query") -> Vectors:
        """L2-normalised vectors, float32 [len(texts), dimension], in order.

        A text's vector does not depend on the texts beside it. A text over the model's length is
        read in windows whose vectors are averaged, weighted by their tokens: nothing goes unread.
        `kind` is "passage" for what is to be found, "query" for everything else.
        """
        return self._read_all(texts, kind, None).vectors

    def read(self, texts: Sequence[str], projection: Vectors | None = None) -> Encoded:
        """Vectors and features of the texts; with `projection` [width, columns] also the tokens'
        shares in it. Costs no second pass."""
        return self._read_all(texts, "query", projection)

    def _read_all(self, texts: Sequence[str], kind: Kind, projection: Vectors | None) -> Encoded:
        parts = [
            self._read_some(texts[start : start + _TEXTS_AT_ONCE], kind, projection)
            for start in range(0, len(texts), _TEXTS_AT_ONCE)
        ]
        return Encoded(
            np.concatenate(
                [np.empty((0, self.dimension), np.float32), *(p.vectors for p in parts)]
            ),
            np.concatenate([np.empty((0, self.width), np.float32), *(p.features for p in parts)]),
            [spans for part in parts for spans in part.spans],
            [shares for part in parts for shares in part.shares],
        )

    def _read_some(self, texts: Sequence[str], kind: Kind, projection: Vectors | None) -> Encoded:
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
        passed = self._run_all(pieces, projection)
        lengths = np.array([len(piece) + _FRAME for piece in pieces], np.float32)
        totals = np.bincount(owners, lengths, len(texts)).astype(np.float32)
        weights = (lengths / totals[owners])[:, None]
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        features = np.zeros((len(texts), self.width), np.float32)
        np.add.at(vectors, owners, passed.vectors * weights)
        np.add.at(features, owners, passed.features * weights)
        norms: Vectors = np.linalg.norm(vectors, axis=1, keepdims=True)
        if projection is None:
            return Encoded(vectors / norms, features, [], [])
        shares: list[list[Vectors]] = [[] for _ in texts]
        for owner, share, weight in zip(owners, passed.shares, weights, strict=True):
            shares[owner].append(share * weight)
        spans = [_spans(encoding.offsets, len(prefix), limit) for encoding in encodings]
        return Encoded(vectors / norms, features, spans, [np.concatenate(s) for s in shares])

    def _run_all(self, pieces: Sequence[Sequence[int]], projection: Vectors | None) -> "_Passed":
        result = _Passed(
            np.empty((len(pieces), self.dimension), np.float32),
            np.empty((len(pieces), self.width), np.float32),
            [np.empty(0, np.float32)] * len(pieces),
        )
        lengths = [len(piece) + _FRAME for piece in pieces]

        def passed(batch: Sequence[int]) -> None:
            vectors, features, *states = self._run([pieces[index] for index in batch], projection)
            result.vectors[batch], result.features[batch] = vectors, features
            if projection is not None:
                # One product of two matrices, not one for each text.
                tokens = states[0].reshape(-1, states[0].shape[-1]) @ projection
                projected = tokens.reshape(*states[0].shape[:-1], -1)
                for index, shares in zip(batch, projected, strict=True):
                    result.shares[index] = shares[: lengths[index]] / lengths[index]

        # The longest first, so that in the end nobody waits for one of those.
        list(self._pool.map(passed, reversed(batches(lengths, _TOKEN_BUDGET))))
        return result

    def _run(self, pieces: Sequence[Sequence[int]], projection: Vectors | None) -> list[Vectors]:
        """One pass of the model over framed and padded pieces."""
        width = max(len(piece) for piece in pieces) + _FRAME
        ids = np.full((len(pieces), width), self._settings.padding, np.int64)
        mask = np.zeros_like(ids)
        for row, piece in enumerate(pieces):
            framed = [self._settings.begin, *piece, self._settings.end]
            ids[row, : len(framed)] = framed
            mask[row, : len(framed)] = 1
        return self._backend.run(ids, mask, projection is not None)

    def rollout(self, text: str) -> list[tuple[Span, float]]:
        """Attention rollout over the first window of a text: characters and share of each token.

        Raises ValueError unless the backend is torch's.
        """
        prefix = self._settings.prefixes["query"]
        encoding = self._tokenizer.encode(prefix + text, add_special_tokens=False)
        limit = self._settings.max_tokens - _FRAME
        piece = windows(encoding.ids, limit)[0]
        ids = np.array([self._settings.begin, *piece, self._settings.end], np.int64)
        shares = self._backend.rollout(ids)
        spans = _spans(encoding.offsets, len(prefix), limit)[: len(ids)]
        return list(zip(spans, shares.tolist(), strict=True))


@dataclass(frozen=True)
class _Passed:
    """What the model says of each piece: vectors, features and, if asked for, tokens' shares."""

    vectors: Vectors
    features: Vectors
    shares: list[Vectors]


def _spans(offsets: Sequence[Span], prefix: int, limit: int) -> list[Span]:
    """The tokens' characters in the text without its prefix, in windows framed as they were run."""
    result: list[Span] = []
    for window in windows(offsets, limit):
        inside = [
            (start - prefix, end - prefix)
            if start >= prefix
            else (0, end - prefix if end > prefix else 0)
            for start, end in window
        ]
        result += [(0, 0), *inside, (0, 0)]
    return result
