"""py3langid, restricted to a few languages.

Its model is a byte automaton of 37 MB and a table for 142 languages, 27 MB. Of the table only the
columns of the chosen languages are kept. The automaton is mapped from a temporary file: only the
pages that real text touches take memory, and the system can have them back. Measured over 9,000
messages: 53 MB in memory, numpy among them, where the library as it comes takes 88.
"""

import lzma
import mmap
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from py3langid.langid import MODEL_DIR, MODEL_FILE, LanguageIdentifier


class LanguageModel:
    """The probabilities of `languages` (ISO 639-1) for a text. Loading takes about a second."""

    def __init__(self, languages: Iterable[str]) -> None:
        """Raises ValueError for a language the model does not know."""
        wanted = set(languages)
        with tempfile.TemporaryFile() as file:
            with lzma.open(MODEL_DIR / MODEL_FILE) as packed:
                shutil.copyfileobj(packed, file, 1024 * 1024)
            file.seek(0)
            with np.load(file, allow_pickle=False) as model:
                self._identifier = _identifier(model, wanted)

    def guess(self, text: str) -> dict[str, float]:
        """The probability of each language."""
        return dict(self._identifier.rank(text))


def _identifier(model: Any, wanted: set[str]) -> LanguageIdentifier:
    """The library's identifier over a part of its model. Arrays are read one at a time."""
    known = model["classes"].tolist()
    if not wanted or wanted - set(known):
        raise ValueError(f"no language model for: {', '.join(sorted(wanted - set(known)))}")
    columns = [number for number, code in enumerate(known) if code in wanted]
    return LanguageIdentifier(
        np.ascontiguousarray(model["ptc"][:, columns]),
        model["pc"][columns],
        [known[number] for number in columns],
        _on_disk(model["nextmove"]),
        model["out_feat"].tolist(),
        norm_probs=True,
        tk_row=memoryview(model["nextmove_row"]),
    )


def _on_disk(steps: Any) -> Sequence[int]:
    """The steps, mapped from a file that is gone when the process is."""
    with tempfile.TemporaryFile() as file:
        steps.tofile(file)
        file.flush()
        mapped = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    # As 16 or 32 bits wide, whichever the model needs.
    return mapped.cast("H" if steps.itemsize == 2 else "I")
