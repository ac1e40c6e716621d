"""The served model: the heads and the encoder they need, from the model store."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from services.classify import artifact
from services.classify.domain.evidence import Clue, Parts, clues
from services.classify.domain.heads import HEADS, Floats, Heads
from services.classify.domain.lexicon import Terms
from services.classify.domain.reading import Reading
from services.classify.domain.scope import OutOfScope
from shared.encoder import backends
from shared.encoder.encoder import Encoded, Encoder
from shared.errors import TemporaryError
from shared.modelstore import ArtifactCorrupt, ArtifactMissing, ModelStore
from shared.text import Squeezed, squeeze

RANKED_INTENTS = 3
"""How many intents an understanding tells: a second wish shows, the tail does not."""


class StoredModel:
    """Heads with their encoder; a `Model`. With `evidence_words` 0 it tells no evidence, with
    `ranked_intents` None it ranks them all."""

    def __init__(
        self,
        version: str,
        heads: Heads,
        scope: OutOfScope,
        encoder: Encoder,
        *,
        evidence_words: int,
        ranked_intents: int | None,
    ) -> None:
        self.version = version
        self._heads = heads
        self._scope = scope
        self._encoder = encoder
        self._evidence_words = evidence_words
        self._ranked_intents = ranked_intents

    @property
    def encoder_name(self) -> str:
        return self._encoder.name

    @property
    def encoder_version(self) -> str:
        return self._encoder.version

    def read(self, texts: Sequence[str]) -> list[Reading]:
        squeezed = [squeeze(text) for text in texts]
        projection = self._heads.projection if self._evidence_words else None
        shortened = [text.text for text in squeezed]
        encoded = self._encoder.read(shortened, projection)
        terms = self._heads.lexicon.read(shortened)
        logits = self._heads.logits(encoded.features, terms)
        intents = self._heads.ranked("intent", logits, self._ranked_intents)
        sentiments = self._heads.ranked("sentiment", logits)
        priorities = self._heads.ranked("priority", logits)
        scores = self._scope.scores(encoded.features)
        found = self._evidence(squeezed, encoded, terms, logits)
        return [
            Reading(
                intents=intents[row],
                sentiments=sentiments[row],
                priorities=priorities[row],
                out_of_scope=float(scores[row]),
                is_out_of_scope=bool(scores[row] >= self._scope.threshold),
                clues=found[row],
                vector=encoded.vectors[row],
            )
            for row in range(len(texts))
        ]

    def _evidence(
        self, texts: Sequence[Squeezed], encoded: Encoded, terms: Terms, logits: Floats
    ) -> list[dict[str, tuple[Clue, ...]]]:
        """For each text the strongest words for what each head decided, at their places in the
        whole text."""
        if not self._evidence_words:
            return [{} for _ in texts]
        columns = [self._heads.columns[name] for name in HEADS]
        decided = [part.start + logits[:, part].argmax(axis=1) for part in columns]
        evidence = []
        for row, (text, labels) in enumerate(zip(texts, np.stack(decided, axis=1), strict=True)):
            strongest = clues(
                text.text,
                Parts(encoded.spans[row], encoded.shares[row][:, labels]),
                Parts(terms.spans[row], terms.shares(row, self._heads.term_projection, labels)),
                self._heads.offset[labels],
                self._evidence_words,
            )
            evidence.append(
                {
                    name: tuple(found if text.is_whole else [_placed(clue, text) for clue in found])
                    for name, found in zip(HEADS, strongest, strict=True)
                }
            )
        return evidence


def _placed(clue: Clue, text: Squeezed) -> Clue:
    """The clue where its word stands in the whole text."""
    return Clue(text.offsets[clue.start], text.offsets[clue.end], clue.weight)


class StoredModels:
    """Classifiers in the model store; `Models`. `threads` encode a batch each."""

    def __init__(
        self,
        store: ModelStore,
        cache: Path,
        *,
        threads: int,
        evidence_words: int,
        ranked_intents: int | None = RANKED_INTENTS,
        backend: backends.Name = "onnx",
    ) -> None:
        self._store = store
        self._cache = cache
        self._threads = threads
        self._evidence_words = evidence_words
        self._ranked_intents = ranked_intents
        self._backend = backend
        # Else numpy takes all cores, and its threads wait for each other on a busy machine.
        threadpool_limits(1, user_api="blas")

    def load(self, version: str | None) -> StoredModel:
        """Fetches, checks, loads and warms this version, or the newest. Blocking.

        Raises TemporaryError when the store has it not, or not whole: that can be mended meanwhile.
        """
        try:
            chosen = version or self._newest()
            folder = self._store.fetch(artifact.NAME, chosen, self._cache)
            heads, scope, needed = artifact.load(folder)
            encoder_folder = self._store.fetch(needed.name, needed.version, self._cache)
            encoder = Encoder.load(encoder_folder, self._threads, self._backend)
        except (ArtifactMissing, ArtifactCorrupt, OSError, ValueError, KeyError) as error:
            raise TemporaryError(f"classifier {version or ''} cannot be used: {error}") from error
        if heads.mean.shape != (encoder.width,):
            raise TemporaryError(f"classifier {chosen} does not fit its encoder: `make train`")
        model = StoredModel(
            f"{artifact.NAME}@{chosen}",
            heads,
            scope,
            encoder,
            evidence_words=self._evidence_words,
            ranked_intents=self._ranked_intents,
        )
        # The first real call shall be as fast as the later ones; and a model that cannot read
        # must not be served.
        for reading in model.read(["warm", "预热 " * 40]):
            if not np.isfinite(reading.intents[0].probability):
                raise TemporaryError(f"classifier {chosen} gives no finite probabilities")
        return model

    def _newest(self) -> str:
        """The newest this release can serve."""
        newest = self._store.latest(artifact.NAME, {"format": artifact.FORMAT})
        return newest or self._store.require_latest(artifact.NAME)
