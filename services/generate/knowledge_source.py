"""Knowledge bases from the model store."""

from pathlib import Path

from services.generate import knowledge_base
from services.generate.knowledge_base import ARTIFACT, KnowledgeBase, UnusableKnowledge
from shared.errors import TemporaryError
from shared.modelstore import ArtifactCorrupt, ArtifactMissing, ModelStore

HOW_TO_MAKE = "`make knowledge` makes one"


class StoredKnowledge:
    """Fetches, verifies and reads the `knowledge` artifact."""

    def __init__(self, store: ModelStore, cache: Path) -> None:
        self._store = store
        self._cache = cache

    def load(self, version: str | None) -> KnowledgeBase:
        """This version, or the one stored last. Raises TemporaryError when it cannot be used."""
        try:
            version = version or self._store.require_latest(ARTIFACT)
            return knowledge_base.read(self._store.fetch(ARTIFACT, version, self._cache), version)
        except ArtifactMissing as error:
            wanted = f"{ARTIFACT} {version}" if version else ARTIFACT
            raise TemporaryError(
                f"no {wanted} in the model store {self._store.url}: {HOW_TO_MAKE}"
            ) from error
        except (ArtifactCorrupt, UnusableKnowledge, OSError, ValueError) as error:
            raise TemporaryError(f"knowledge cannot be used: {error}; {HOW_TO_MAKE}") from error
