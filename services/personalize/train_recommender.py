"""`python -m services.personalize.train_recommender`: fits the recommender and puts it into the
model store."""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tqdm import tqdm

from services.personalize.domain.recommending import Recommender
from services.personalize.recommender import artifact, report, training
from services.personalize.recommender.content import TextVectors
from services.personalize.recommender.data import Item
from services.personalize.recommender.reading import catalogue_of, content_of, read
from services.personalize.text_vectors import text_vectors
from shared.encoder.packed import PackedFileError
from shared.modelstore import ArtifactCorrupt, ModelStore
from shared.rows import DataError

STORE = ".careloop/models"
CACHE = Path(".careloop/cache")
REFUSALS = (DataError, PackedFileError, ArtifactCorrupt, OSError)


def main(arguments: Sequence[str] | None = None, encode: TextVectors | None = None) -> int:
    """Returns the exit code: 0, or 2 when the data or the store cannot be used.

    The items' texts take part by `encode`, or by the encoder of the store.
    """
    options = parse(arguments)
    try:
        version, chosen = train(options, encode)
        if options.out:
            content = json.dumps(report.told(chosen), indent=2, ensure_ascii=False)
            options.out.write_text(content + "\n", encoding="utf-8")
    except REFUSALS as refusal:
        print(refusal, file=sys.stderr)
        return 2
    print(report.chosen_table(chosen))
    print(f"stored {artifact.NAME}@{version} in {options.store}")
    return 0


def train(
    options: argparse.Namespace, encode: TextVectors | None = None
) -> tuple[str, training.Chosen]:
    """Reads, refuses what cannot be learned from, chooses, fits, stores. Returns the version."""
    store = ModelStore(options.store)
    log, told = read(options.data, options.items)
    catalogue = catalogue_of(log, told)
    encode = encode or encoder_of(options, told)
    models = training.models_of(log, content_of(log, told, encode), options.seed)
    with tqdm(total=training.steps_of(models), desc="choose", unit="fit") as bar:
        chosen = training.choose(
            log, models, catalogue.repeatable, options.seed, lambda name: step(bar, name)
        )
    with tqdm(total=len(models), desc="fit", unit="model") as bar:
        weighty = [choice for choice in chosen.parts if choice.weight]
        parts = training.fit(log, weighty, lambda name: step(bar, name))
    recommender = training.recommender_of(log, chosen, parts, catalogue)
    metrics = {
        "validation": report.told(chosen),
        "rows": len(log),
        "users": log.users,
        "items": len(log.items),
        "seed": options.seed,
    }
    return _store(store, recommender, metrics), chosen


def _store(store: ModelStore, recommender: Recommender, metrics: dict[str, Any]) -> str:
    with tempfile.TemporaryDirectory() as name:
        artifact.save(Path(name), recommender, metrics)
        return store.put(artifact.NAME, Path(name), {"format": artifact.FORMAT})


def encoder_of(options: argparse.Namespace, items: Mapping[str, Item]) -> TextVectors | None:
    """What embeds the items' texts: the store's encoder, unless there are none or --no-texts."""
    if options.no_texts:
        return None
    return text_vectors(items, ModelStore(options.store), options.cache, options.threads)


def step(bar: tqdm, name: str) -> None:
    """Moves a bar on, with the name of what was just done."""
    bar.set_postfix_str(name, refresh=False)
    bar.update()


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m services.personalize.train_recommender",
        description="Choose and fit the recommender by a log of what customers did, and store it "
        "for the worker.",
    )
    add_data_options(parser)
    return parser.parse_args(arguments)


def add_data_options(parser: argparse.ArgumentParser) -> None:
    """What training and evaluation have in common."""
    parser.add_argument(
        "--data",
        type=Path,
        required=True,
        metavar="FILE",
        help=".csv or .jsonl with user, item, timestamp and, where known, value, event",
    )
    parser.add_argument(
        "--items",
        type=Path,
        metavar="FILE",
        help=".csv or .jsonl with item, title and, where known, text, available, repeatable; texts "
        "are embedded by the encoder in the model store",
    )
    parser.add_argument("--no-texts", action="store_true", help="leave the items' texts out")
    parser.add_argument("--store", default=STORE, metavar="URL", help="default: %(default)s")
    parser.add_argument("--cache", type=Path, default=CACHE, help="default: %(default)s")
    parser.add_argument(
        "--threads",
        type=int,
        default=len(os.sched_getaffinity(0)),
        help="of the encoder; default: all cores",
    )
    parser.add_argument("--seed", type=int, default=0, help="default: %(default)s")
    parser.add_argument("--out", type=Path, metavar="FILE", help="the figures as JSON")


if __name__ == "__main__":
    sys.exit(main())
