"""The sentence encoder, loaded when the first ticket needs it: most never do."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from shared import log
from shared.errors import TemporaryError
from shared.modelstore import ArtifactCorrupt, ArtifactMissing, ModelStore

if TYPE_CHECKING:
    from shared.encoder.encoder import Encoder

logger = log.get(__name__)


class LazyEncoder:
    """The encoder that embedded the knowledge; costs some 400 MB from the first use on."""

    def __init__(self, store: ModelStore, cache: Path, threads: int) -> None:
        self._store = store
        self._cache = cache
        self._threads = threads
        self._loaded: Encoder | None = None

    def encode(self, texts: Sequence[str], name: str, version: str) -> NDArray[np.float32]:
        """Vectors [texts, width] of messages. Raises TemporaryError without that encoder."""
        encoder = self._loaded
        if encoder is None or (encoder.name, encoder.version) != (name, version):
            encoder = self._loaded = self._load(name, version)
        return encoder.encode(texts, "query")

    def _load(self, name: str, version: str) -> "Encoder":
        # Imported here: its runtime is memory that a worker fed with vectors never needs.
        from shared.encoder.encoder import Encoder  # noqa: PLC0415

        try:
            folder = self._store.fetch(name, version, self._cache)
            encoder = Encoder.load(folder, self._threads)
        except (ArtifactMissing, ArtifactCorrupt, OSError, ValueError) as error:
            raise TemporaryError(f"the encoder of the knowledge is not there: {error}") from error
        logger.info("encoder loaded", name=name, version=version)
        return encoder
