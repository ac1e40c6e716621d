"""The served model: the heads and the encoder they need, from the model store."""

from collections.abc import Sequence
from pathlib import Path

from services.classify import artifact
from services.classify.domain.heads import Heads, Reading
from shared.encoder.encoder import Encoder
from shared.errors import TemporaryError
from shared.modelstore import ArtifactCorrupt, ArtifactMissing, ModelStore


class StoredModel:
    """Heads with their encoder; a `Model`."""

    def __init__(self, version: str, heads: Heads, encoder: Encoder) -> None:
        self.version = version
        self._heads = heads
        self._encoder = encoder

    @property
    def encoder_name(self) -> str:
        return self._encoder.name

    @property
    def encoder_version(self) -> str:
        return self._encoder.version

    def read(self, texts: Sequence[str]) -> list[Reading]:
        return self._heads.read(self._encoder.encode(texts))


def load_model(store: ModelStore, cache: Path, version: str, threads: int) -> StoredModel:
    """Fetches, checks, loads and warms this version, or the newest if it is empty. Blocking.

    Raises TemporaryError when the store has it not, or not whole: that can be mended meanwhile.
    """
    try:
        chosen = version or store.require_latest(artifact.NAME)
        heads, needed = artifact.load(store.fetch(artifact.NAME, chosen, cache))
        encoder = Encoder.load(store.fetch(needed.name, needed.version, cache), threads)
    except (ArtifactMissing, ArtifactCorrupt, OSError) as error:
        raise TemporaryError(str(error)) from error
    encoder.warm()
    return StoredModel(f"{artifact.NAME}@{chosen}", heads, encoder)
