"""py3langid, restricted to a few languages.

Its model is a byte automaton of 37 MB and a table for 142 languages, 27 MB. Of the table only the
columns of the chosen languages are kept. The automaton is mapped from a temporary file: only the
pages that real text touches take memory, and the system can have them back. Measured over 9,000
messages: 53 MB in memory, numpy among them, where the library as it comes takes 88.
"""

import mmap
import tempfile
from array import array
from collections.abc import Iterable, Sequence

import numpy as np
from py3langid.langid import MODEL_DIR, MODEL_FILE, LanguageIdentifier
from py3langid.modelio import load_model


class LanguageModel:
    """Guesses among `languages` (ISO 639-1). Loading takes about a second."""

    def __init__(self, languages: Iterable[str]) -> None:
        """Raises ValueError for a language the model does not know."""
        table, prior, known, steps, rows, outputs = load_model(MODEL_DIR / MODEL_FILE)
        wanted = set(languages)
        if not wanted or wanted - set(known):
            raise ValueError(f"no language model for: {', '.join(sorted(wanted - set(known)))}")
        columns = [number for number, code in enumerate(known) if code in wanted]
        self._identifier = LanguageIdentifier(
            np.ascontiguousarray(table[:, columns]),
            prior[columns],
            [known[number] for number in columns],
            _on_disk(steps),
            outputs,
            norm_probs=True,
            tk_row=rows,
        )

    def guess(self, text: str) -> dict[str, float]:
        """The probability of each language."""
        return dict(self._identifier.rank(text))


def _on_disk(steps: "array[int]") -> Sequence[int]:
    """The steps, mapped from a file that is gone when the process is."""
    with tempfile.TemporaryFile() as file:
        steps.tofile(file)
        file.flush()
        mapped = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    # As 16 or 32 bits wide, whichever the model needs.
    return mapped.cast("H" if steps.itemsize == 2 else "I")
