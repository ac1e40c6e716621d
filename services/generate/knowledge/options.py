"""What the commands about knowledge have in common."""

import argparse
from pathlib import Path

from shared.encoder.encoder import Encoder
from shared.encoder.files import NAME
from shared.modelstore import ModelStore


def add_encoder_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--language", help="of documents that neither their folder nor they themselves tell it of"
    )
    parser.add_argument("--store", default=".careloop/models", help="fsspec URL of the model store")
    parser.add_argument("--cache", type=Path, default=Path(".careloop/cache"), help="local copies")
    parser.add_argument("--encoder", default=NAME, help="artifact of the encoder")
    parser.add_argument("--threads", type=int, default=1, help="threads of the encoder")


def encoder_of(options: argparse.Namespace) -> Encoder:
    """The one stored last. Raises ArtifactMissing or ArtifactCorrupt."""
    store = ModelStore(options.store)
    version = store.require_latest(options.encoder)
    return Encoder.load(store.fetch(options.encoder, version, options.cache), options.threads)
