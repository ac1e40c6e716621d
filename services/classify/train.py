"""`python -m services.classify.train`: fits the classifier and puts it into the model store."""

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from tqdm import tqdm

from services.classify import artifact
from services.classify.domain.heads import HEADS, Floats, Heads
from services.classify.settings import ClassifySettings
from services.classify.training import taxonomy as taxonomies
from services.classify.training.data import DataError, Example, read_examples
from services.classify.training.fitting import Fitted, fit_head, fits_of
from services.classify.training.report import Figures, by_language, table
from services.classify.training.taxonomy import TaxonomyError
from shared.encoder.build import ensure_encoder
from shared.encoder.encoder import Encoder
from shared.encoder.files import NAME as ENCODER
from shared.encoder.packed import PackedFileError
from shared.modelstore import ArtifactCorrupt, ModelStore

SEED_DATA = Path(__file__).with_name("seed")
_CHUNK = 64
REFUSALS = (DataError, TaxonomyError, PackedFileError, ArtifactCorrupt, OSError)


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit code: 0, or 2 when the data, the taxonomy or the store cannot be used."""
    options = _parse(arguments)
    try:
        version, metrics = train(
            options.data,
            options.taxonomy,
            ModelStore(options.store),
            options.cache,
            seed=options.seed,
            threads=options.threads,
        )
    except REFUSALS as refusal:
        print(refusal, file=sys.stderr)
        return 2
    print(table(metrics))
    print("Each text was predicted by a head that had not seen it.")
    print(f"stored {artifact.NAME}@{version} in {options.store}")
    return 0


def train(
    data: Sequence[Path],
    taxonomy_path: Path,
    store: ModelStore,
    cache: Path,
    *,
    seed: int,
    threads: int,
) -> tuple[str, dict[str, dict[str, Figures]]]:
    """Fits all heads and stores them; returns the version and the figures by head and language."""
    taxonomy = taxonomies.read_taxonomy(taxonomy_path)
    examples = read_examples(data, taxonomy)
    print(f"{len(examples)} texts; encoder from {store.url}", file=sys.stderr)
    encoder = Encoder.load(store.fetch(ENCODER, ensure_encoder(store), cache), threads)
    vectors = _encode(encoder, examples)
    mean = vectors.mean(axis=0)
    scale = np.maximum(vectors.std(axis=0), np.float32(1e-6))
    fitted = _fit((vectors - mean) / scale, examples, seed)
    heads = Heads(mean, scale, {name: found.head for name, found in fitted.items()})
    metrics = {
        name: by_language(
            found.unseen,
            [e.labels[name] for e in examples if name in e.labels],
            found.head.labels,
            [e.language for e in examples if name in e.labels],
        )
        for name, found in fitted.items()
    }
    chosen = {
        name: {"C": found.strength, "temperature": found.head.temperature}
        for name, found in fitted.items()
    }
    report = {"out_of_fold": metrics, "chosen": chosen}
    reference = artifact.EncoderReference(encoder.name, encoder.version)
    with tempfile.TemporaryDirectory() as folder:
        artifact.save(Path(folder), heads, reference, taxonomy.intents, report)
        made_for = {"encoder": f"{encoder.name}@{encoder.version}"}
        version = store.put(artifact.NAME, Path(folder), made_for)
    return version, metrics


def _encode(encoder: Encoder, examples: Sequence[Example]) -> Floats:
    vectors = np.empty((len(examples), encoder.dimension), np.float32)
    with tqdm(total=len(examples), desc="encode", unit="text") as bar:
        for start in range(0, len(examples), _CHUNK):
            texts = [example.text for example in examples[start : start + _CHUNK]]
            vectors[start : start + len(texts)] = encoder.encode(texts)
            bar.update(len(texts))
    return vectors


def _fit(features: Floats, examples: Sequence[Example], seed: int) -> dict[str, Fitted]:
    rows = {head: [i for i, e in enumerate(examples) if head in e.labels] for head in HEADS}
    labels = {head: [examples[i].labels[head] for i in rows[head]] for head in HEADS}
    with tqdm(total=sum(map(fits_of, labels.values())), desc="fit", unit="fit") as bar:
        return {
            head: fit_head(features[rows[head]], labels[head], seed, bar.update) for head in HEADS
        }


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    settings = ClassifySettings()
    parser = argparse.ArgumentParser(
        prog="python -m services.classify.train",
        description="Fit the intent, sentiment and priority heads and store them for the worker. "
        "Builds the encoder first if the store has none.",
    )
    parser.add_argument(
        "--data",
        type=Path,
        nargs="+",
        default=[SEED_DATA],
        metavar="FILE_OR_DIR",
        help=".csv or .jsonl with text, intent and, where known, lang, sentiment, priority "
        "(default: the seed data)",
    )
    parser.add_argument(
        "--taxonomy", type=Path, default=taxonomies.DEFAULT, help="YAML file with the intents"
    )
    parser.add_argument(
        "--store", default=settings.model_store, metavar="URL", help="default: %(default)s"
    )
    parser.add_argument(
        "--cache", type=Path, default=settings.model_cache, help="default: %(default)s"
    )
    parser.add_argument("--seed", type=int, default=0, help="of the folds; default: %(default)s")
    parser.add_argument(
        "--threads", type=int, default=len(os.sched_getaffinity(0)), help="default: all cores"
    )
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
