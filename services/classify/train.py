"""`python -m services.classify.train`: fits the classifier and puts it into the model store."""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from services.classify import artifact
from services.classify.settings import ClassifySettings
from services.classify.training import storing
from services.classify.training import taxonomy as taxonomies
from services.classify.training.classifier import (
    Settings,
    Trained,
    Workshop,
    train_heads,
)
from services.classify.training.data import completed, described, read_examples
from services.classify.training.options import fitting
from services.classify.training.report import table
from services.classify.training.taxonomy import TaxonomyError
from shared.encoder import checkpoint as checkpoints
from shared.encoder.checkpoint import Checkpoint, CheckpointError
from shared.encoder.packed import PackedFileError
from shared.modelstore import ArtifactCorrupt, ModelStore
from shared.rows import DataError

SEED_DATA = Path(__file__).with_name("seed")
SEED_FILES = [SEED_DATA / "en.csv", SEED_DATA / "zh.csv"]
FROM_DATA = "from-data"
REFUSALS = (
    DataError, TaxonomyError, CheckpointError, PackedFileError, ArtifactCorrupt, OSError,
)  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit code: 0, or 2 when the data, the taxonomy or the store cannot be used."""
    options = parse(arguments)
    try:
        version, trained = train(options)
    except REFUSALS as refusal:
        print(refusal, file=sys.stderr)
        return 2
    except ModuleNotFoundError as missing:
        print(f"{missing}: pip install 'careloop[finetune]'", file=sys.stderr)
        return 2
    print(table(trained.figures))
    print("Each text was predicted by a head that had not seen it.")
    outside = trained.chosen.get("out_of_scope", {})
    if "auroc" in outside:
        print(f"out of scope: AUROC {outside['auroc']:.3f}, ", end="")
        print(f"false alarms at 95 % found {outside['fpr_at_95_tpr']:.3f}")
    print(f"stored {artifact.NAME}@{version} in {options.store}")
    return 0


def train(options: argparse.Namespace) -> tuple[str, Trained]:
    """Reads, refuses what cannot be learned from, fits, stores. Returns the version."""
    store = ModelStore(options.store)
    derive = str(options.taxonomy) == FROM_DATA
    taxonomy = None if derive else taxonomies.read_taxonomy(options.taxonomy)
    given = read_examples(options.data, taxonomy, _complain)
    taxonomy = taxonomy or taxonomies.derived(example.labels["intent"] for example in given)
    seed_taxonomy = taxonomies.read_taxonomy(taxonomies.DEFAULT)
    examples = completed(given, read_examples(SEED_FILES, seed_taxonomy))
    if len(examples) > len(given):
        print("sentiment or priority is not labelled: learned from the seed", file=sys.stderr)
    names = described(taxonomy, given)
    checkpoint = _checkpoint(options.encoder)
    settings = Settings(options.seed, options.threads, options.false_alarms, options.keep_weights)
    shop = Workshop(store, options.cache, settings)
    print(f"{len(examples)} texts; encoder {checkpoint.base}", file=sys.stderr)
    if options.mode == "finetune":
        recipe = {"method": options.method}
        if options.epochs:
            recipe["epochs"] = options.epochs
        # Here, so that fitting heads needs no torch.
        from services.classify.training.tuned import train_encoder  # noqa: PLC0415

        trained = train_encoder(examples, checkpoint, shop, names, recipe)
    else:
        trained = train_heads(examples, checkpoint, shop, names)
    settled = {"mode": options.mode, "rows": len(given), **asdict(settings)}
    del settled["threads"]
    return storing.put(store, trained, taxonomy, settled, offered=True), trained


def _complain(what: str) -> None:
    print(what, file=sys.stderr)


def _checkpoint(named: str) -> Checkpoint:
    if not named:
        return checkpoints.default()
    # Here, so that the default encoder needs no safetensors.
    from shared.encoder.huggingface import find_checkpoint  # noqa: PLC0415

    return find_checkpoint(named)


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        parents=[fitting(ClassifySettings(), "the folds")],
        prog="python -m services.classify.train",
        description="Fit the intent, sentiment and priority heads and store them for the worker. "
        "Builds the encoder first if the store has none.",
    )
    parser.add_argument(
        "--data",
        type=Path,
        nargs="+",
        default=SEED_FILES,
        metavar="FILE_OR_DIR",
        help=".csv or .jsonl with text, intent and, where known, lang, sentiment, priority "
        "(default: the seed data)",
    )
    parser.add_argument(
        "--taxonomy",
        type=Path,
        default=taxonomies.DEFAULT,
        help=f"YAML file with the intents, or `{FROM_DATA}`: every intent that occurs",
    )
    parser.add_argument(
        "--encoder",
        default="",
        metavar="FOLDER_OR_NAME",
        help="Hugging Face checkpoint of the BERT family (default: multilingual-e5-small)",
    )
    parser.add_argument(
        "--mode",
        choices=["head", "finetune"],
        default="head",
        help="head: on the encoder as it is, in minutes; finetune: with it, needs torch",
    )
    parser.add_argument("--method", choices=["full", "lora"], default="full", help="of fine-tuning")
    parser.add_argument("--epochs", type=int, help="of fine-tuning")
    parser.add_argument(
        "--keep-weights", action="store_true", help="so that ENCODER_BACKEND=torch can serve it"
    )
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
