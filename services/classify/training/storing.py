"""A trained classifier as an artifact of the model store."""

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from services.classify import artifact
from services.classify.training import card
from services.classify.training.classifier import Trained
from services.classify.training.taxonomy import Taxonomy
from shared.modelstore import ModelStore


def put(
    store: ModelStore,
    trained: Trained,
    taxonomy: Taxonomy,
    settled: Mapping[str, Any],
    *,
    offered: bool,
    beside: Callable[[Path], object] = lambda _: None,
) -> str:
    """Stores heads, labels, figures and model card, and what `beside` writes into the folder;
    returns the version.

    `offered` names the format in the manifest: a worker that nobody told of a promotion takes the
    newest of its format.
    """
    metrics = {"unseen": trained.figures, "chosen": trained.chosen, "settings": dict(settled)}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        artifact.save(
            folder,
            trained.heads,
            trained.scope,
            trained.encoder,
            taxonomy=taxonomy.intents,
            metrics=metrics,
        )
        (folder / card.NAME).write_text(card.written(trained, taxonomy, settled), "utf-8")
        beside(folder)
        made_for = {"encoder": f"{trained.encoder.name}@{trained.encoder.version}"}
        if offered:
            made_for["format"] = artifact.FORMAT
        return store.put(artifact.NAME, folder, made_for)
