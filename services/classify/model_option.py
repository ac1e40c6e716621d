"""What commands that read messages on their own are told of the classifier."""

import argparse
import os
from pathlib import Path

from services.classify import artifact
from services.classify.encoder import RANKED_INTENTS, StoredModel, StoredModels
from services.classify.settings import ClassifySettings
from shared.modelstore import ModelStore

NEWEST = "newest"
_PREFIX = f"{artifact.NAME}@"


def add_model_options(parser: argparse.ArgumentParser, settings: ClassifySettings) -> None:
    """`--model`, `--store`, `--cache` and `--threads`."""
    parser.add_argument(
        "--model",
        default=NEWEST,
        metavar="VERSION",
        help=f"a version in the model store, or `{NEWEST}`; default: %(default)s",
    )
    parser.add_argument(
        "--store", default=settings.model_store, metavar="URL", help="default: %(default)s"
    )
    parser.add_argument(
        "--cache", type=Path, default=settings.model_cache, help="default: %(default)s"
    )
    parser.add_argument(
        "--threads", type=int, default=len(os.sched_getaffinity(0)), help="default: all cores"
    )


def load_model(
    options: argparse.Namespace,
    settings: ClassifySettings,
    evidence_words: int,
    ranked_intents: int | None = RANKED_INTENTS,
) -> StoredModel:
    """The classifier as the worker serves it. Raises TemporaryError when it cannot be used."""
    models = StoredModels(
        ModelStore(options.store),
        options.cache,
        threads=options.threads,
        evidence_words=evidence_words,
        ranked_intents=ranked_intents,
        backend=settings.encoder_backend,
    )
    version = options.model.removeprefix(_PREFIX)
    return models.load(None if version == NEWEST else version)


def model_folder(options: argparse.Namespace, model: StoredModel) -> Path:
    """Where the loaded model's files lie. Raises ArtifactMissing, ArtifactCorrupt or OSError."""
    version = model.version.removeprefix(_PREFIX)
    return ModelStore(options.store).fetch(artifact.NAME, version, options.cache)
