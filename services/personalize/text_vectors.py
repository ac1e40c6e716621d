"""Texts of items as vectors, by the encoder in the model store."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from tqdm import tqdm

from services.personalize.domain.histories import Floats
from services.personalize.recommender.content import TextVectors
from services.personalize.recommender.data import Item
from shared.encoder import build, checkpoint
from shared.encoder.encoder import Encoder
from shared.encoder.files import FORMAT, NAME
from shared.modelstore import ModelStore

BATCH = 32


def text_vectors(
    items: Mapping[str, Item], store: ModelStore, cache: Path, threads: int
) -> TextVectors | None:
    """What embeds the items' texts; None if no item has any. The default encoder, made first if
    the store has none. Raises OSError, ArtifactCorrupt or PackedFileError."""
    if not any(item.text.strip() for item in items.values()):
        return None
    version = store.latest(NAME, {"format": FORMAT})
    name = NAME
    if version is None:
        name, version = build.ensure_encoder(store, checkpoint.default())
    encoder = Encoder.load(store.fetch(name, version, cache), threads)
    return lambda texts: _encoded(encoder, texts)


def _encoded(encoder: Encoder, texts: Sequence[str]) -> Floats:
    """float32 [texts, width], with a progress bar."""
    parts = []
    with tqdm(total=len(texts), desc="texts", unit="text") as bar:
        for start in range(0, len(texts), BATCH):
            batch = texts[start : start + BATCH]
            # "query" on both sides: items are compared with each other, none is searched for.
            parts.append(encoder.encode(batch, "query"))
            bar.update(len(batch))
    return np.concatenate(parts)
