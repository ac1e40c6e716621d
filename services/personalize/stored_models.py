"""Recommender and behaviour models from the model store."""

import math
from collections.abc import Sequence
from pathlib import Path

from services.personalize.behaviour import artifact as behaviour
from services.personalize.domain.recommending import Recommender
from services.personalize.models import Model
from services.personalize.recommender import artifact as recommender
from shared.errors import TemporaryError
from shared.modelstore import ArtifactCorrupt, ArtifactMissing, ModelStore

BEHAVIOUR = "behaviour-"
"""How the names of behaviour models begin."""
MOST_BEHAVIOURS = 8
UNUSABLE = (ArtifactCorrupt, OSError, ValueError, TypeError, KeyError, IndexError)


class StoredModels:
    """Fetches, verifies, loads and tries models; `ModelSource`."""

    def __init__(
        self,
        store: ModelStore,
        cache: Path,
        *,
        recommendations: bool = True,
        behaviour: bool = True,
    ) -> None:
        self._store = store
        self._cache = cache
        self._recommendations = recommendations
        self._behaviour = behaviour

    def wants(self, name: str) -> bool:
        if name == recommender.NAME:
            return self._recommendations
        return self._behaviour and name.startswith(BEHAVIOUR)

    def names(self) -> Sequence[str]:
        wanted = [name for name in self._stored() if self.wants(name)]
        behaviours = [name for name in wanted if name != recommender.NAME]
        return [*(set(wanted) - set(behaviours)), *behaviours[:MOST_BEHAVIOURS]]

    def load(self, name: str, version: str | None) -> tuple[str, Model]:
        try:
            chosen = version or self._newest(name)
            folder = self._store.fetch(name, chosen, self._cache)
            model = _read(name, folder)
            _try(model)
        except ArtifactMissing as error:
            wanted = f"{name}@{version}" if version else name
            raise TemporaryError(
                f"no {wanted} in the model store {self._store.url}: {how_to_make(name)} makes one"
            ) from error
        except UNUSABLE as error:
            raise TemporaryError(
                f"{name}@{version or 'newest'} cannot be used: {error}; {how_to_make(name)} makes "
                "another"
            ) from error
        return chosen, model

    def _newest(self, name: str) -> str:
        """The newest this release can serve."""
        made_for = recommender.FORMAT if name == recommender.NAME else behaviour.FORMAT
        newest = self._store.latest(name, {"format": made_for})
        return newest or self._store.require_latest(name)

    def _stored(self) -> list[str]:
        try:
            return self._store.names()
        except OSError as error:
            url = self._store.url
            raise TemporaryError(f"the model store {url} cannot be read: {error}") from error


def how_to_make(name: str) -> str:
    """The command that makes a model of this name."""
    return "`make train-recommender`" if name == recommender.NAME else "`make train-behaviour`"


def _read(name: str, folder: Path) -> Model:
    return recommender.load(folder) if name == recommender.NAME else behaviour.load(folder)


def _try(model: Model) -> None:
    """Ask it once: what fails here would fail in the middle of a ticket."""
    if isinstance(model, Recommender):
        model.recommend([[]], 1)
        return
    # Of every column some value that it knows, so that it has to calculate.
    row = {
        column.name: column.levels[0] if column.levels else str(column.lower)
        for column in model.schema.columns
    }
    for found in model.predict([row, {}]):
        if not math.isfinite(found.probability):
            raise ValueError("no finite probability")
