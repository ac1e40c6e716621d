"""`python -m services.personalize.train_behaviour`: learns what customers will do from a table of
what they did, and puts the model into the model store."""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from services.personalize.behaviour import artifact, card
from services.personalize.behaviour.figures import table
from services.personalize.behaviour.table import TableError, read_table
from services.personalize.behaviour.training import Trained, Wanted, ignored_of, train
from shared.modelstore import ModelStore

STORE = ".careloop/models"
REFUSALS = (TableError, OSError)
_SHOWN = 8


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit code: 0, or 2 when the table or the store cannot be used."""
    options = parse(arguments)
    wanted = Wanted(
        options.target,
        options.positive,
        ignored_of(options.ignore, options.id),
        options.seed,
        options.threads,
    )
    try:
        trained = train(read_table(options.data), wanted, _complain)
        settings = _settings(wanted, trained)
        version = _store(ModelStore(options.store), trained, settings)
        if options.out is not None:
            told = {"model": f"{artifact.name_of(wanted.target)}@{version}"}
            _write(options.out, told | _metrics(trained, settings))
    except REFUSALS as refusal:
        print(refusal, file=sys.stderr)
        return 2
    print(table(trained.figures))
    print("Each row was predicted by a model chosen, fitted and calibrated without its fold.")
    print(f"chosen: {trained.chosen['model']}")
    shown = list(trained.matter.items())[:_SHOWN]
    print("what moves predictions: " + ", ".join(f"{name} {share:.0%}" for name, share in shown))
    print(f"stored {artifact.name_of(wanted.target)}@{version} in {options.store}")
    return 0


def _complain(what: str) -> None:
    print(what, file=sys.stderr)


def _settings(wanted: Wanted, trained: Trained) -> dict[str, Any]:
    """What the model depends on beside the table."""
    return {
        "target": wanted.target,
        "positive": trained.model.positive,
        "ignored": list(wanted.ignored),
        "seed": wanted.seed,
    }


def _metrics(trained: Trained, settings: dict[str, Any]) -> dict[str, Any]:
    return {
        "unseen": trained.figures,
        "chosen": trained.chosen,
        "matter": trained.matter,
        "leaks": trained.leaks,
        "left_out": trained.left_out,
        "settings": settings,
    }


def _store(store: ModelStore, trained: Trained, settings: dict[str, Any]) -> str:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        artifact.save(folder, trained.model, _metrics(trained, settings))
        (folder / card.NAME).write_text(card.written(trained, settings), "utf-8")
        made_for = {"target": trained.model.target, "format": artifact.FORMAT}
        return store.put(artifact.name_of(trained.model.target), folder, made_for)


def _write(path: Path, told: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m services.personalize.train_behaviour",
        description="Learn the probability of a label from any table of customers, judge it in "
        "five folds, and store the model for the worker.",
    )
    parser.add_argument(
        "--data", type=Path, required=True, metavar="FILE", help=".csv or .jsonl, a row a customer"
    )
    parser.add_argument("--target", required=True, metavar="COLUMN", help="what is to be predicted")
    parser.add_argument(
        "--positive", metavar="VALUE", help="the label to predict; default: yes, or the rarer one"
    )
    parser.add_argument(
        "--ignore",
        nargs="+",
        action="extend",
        default=[],
        metavar="COLUMN",
        help="not to be learned from, such as what is known only afterwards",
    )
    parser.add_argument("--id", metavar="COLUMN", help="names the customer, tells nothing else")
    parser.add_argument("--store", default=STORE, metavar="URL", help="default: %(default)s")
    parser.add_argument("--seed", type=int, default=0, help="of the folds; default: %(default)s")
    parser.add_argument(
        "--threads",
        type=int,
        default=len(os.sched_getaffinity(0)),
        help="for tables that are large enough; default: all cores",
    )
    parser.add_argument("--out", type=Path, metavar="FILE", help="the figures as JSON")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
