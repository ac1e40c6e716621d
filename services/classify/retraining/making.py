"""Heads from a retraining's material, and the artifact they are stored as."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from services.classify.domain.heads import Floats
from services.classify.retraining import snapshot
from services.classify.retraining.material import Lessons, Material
from services.classify.training import storing
from services.classify.training.classifier import Settings, Trained, Workshop, train_heads
from services.classify.training.data import Example, described
from shared.encoder import checkpoint as checkpoints
from shared.encoder.checkpoint import Checkpoint
from shared.encoder.encoder import Encoder
from shared.modelstore import ModelStore


class OneEncoderWorkshop(Workshop):
    """A workshop with the encoder that is served now, which reads every text once only, and those
    of the base as the training before did: in their order, whichever are learned from."""

    def __init__(
        self, store: ModelStore, cache: Path, settings: Settings, material: Material
    ) -> None:
        super().__init__(store, cache, settings)
        self._encoder = self.stored(material.encoder)
        self._read: dict[str, Floats] = {}
        base = super().remembered_features(self._encoder, material.base)
        self._read |= {e.text: row for e, row in zip(material.base, base, strict=True)}

    def encoder(self, checkpoint: Checkpoint) -> Encoder:
        """The one served now, whatever the checkpoint: heads are all that is trained."""
        return self._encoder

    def remembered_features(self, encoder: Encoder, examples: Sequence[Example]) -> Floats:
        return self.features(encoder, examples)

    def features(self, encoder: Encoder, examples: Sequence[Example]) -> Floats:
        unread = [example for example in examples if example.text not in self._read]
        if unread:
            read = super().features(encoder, unread)
            self._read |= {e.text: row for e, row in zip(unread, read, strict=True)}
        if not examples:
            return np.empty((0, encoder.width), np.float32)
        return np.stack([self._read[example.text] for example in examples])


def workshop(material: Material, store: ModelStore, cache: Path, threads: int) -> Workshop:
    settings = Settings(material.plan.seed, threads, material.plan.false_alarms)
    return OneEncoderWorkshop(store, cache, settings, material)


def make(found: Lessons, shop: Workshop) -> Trained:
    """Heads that learned the lessons."""
    names = described(found.taxonomy, found.learned)
    return train_heads(found.learned, checkpoints.default(), shop, names)


def put(store: ModelStore, trained: Trained, material: Material, found: Lessons) -> str:
    """Stores the artifact with its snapshot and returns its version.

    It is not offered to workers: only a promotion puts it in force.
    """
    settled = {
        "mode": "retrain",
        "rows": len(found.learned),
        "told": len(material.rows),
        **asdict(material.plan),
    }
    return storing.put(
        store,
        trained,
        found.taxonomy,
        settled,
        offered=False,
        beside=lambda folder: snapshot.write(folder, material),
    )
