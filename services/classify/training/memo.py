"""What an encoder said of a list of texts, kept from one training to the next.

Most of a training's time goes into reading texts that were read before, in the same order: what
comes out is the same to the bit, so that remembering it changes no version.
"""

import contextlib
import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from services.classify.domain.heads import Floats

KEPT = 2
"""Lists remembered; those of other data or encoders, longest not asked for, are forgotten."""


def key_of(texts: Sequence[str], *made_by: object) -> str:
    """A name for these texts in this order, read by what is told of the reader."""
    digest = hashlib.sha256(repr(made_by).encode())
    for text in texts:
        digest.update(hashlib.sha256(text.encode()).digest())
    return digest.hexdigest()[:32]


def remembered(folder: Path, key: str, make: Callable[[], Floats]) -> Floats:
    """What `make` returned for this key, now or earlier. A file that cannot be read is made anew;
    a folder that cannot be written to costs the time alone."""
    path = folder / f"{key}.npy"
    with contextlib.suppress(OSError, ValueError, EOFError):
        kept: Floats = np.load(path, allow_pickle=False)
        path.touch()
        return kept
    made = make()
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        with part.open("wb") as file:
            np.save(file, made, allow_pickle=False)
        part.replace(path)
        _forget(folder)
    return made


def _forget(folder: Path) -> None:
    newest_first = sorted(folder.glob("*.npy"), key=lambda p: p.stat().st_mtime, reverse=True)
    for path in newest_first[KEPT:]:
        path.unlink(missing_ok=True)
