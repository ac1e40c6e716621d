"""`python -m services.classify.evaluate`: how well a classifier reads labelled messages.

Runs the worker's own code on every message and writes `report.json` and `report.html`, a page that
needs nothing but itself.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from tqdm import tqdm

from services.classify import artifact
from services.classify.catalogue import CatalogueError, read_catalogue
from services.classify.domain.heads import HEADS
from services.classify.evaluation.console import summary
from services.classify.evaluation.judging import judge
from services.classify.evaluation.page import page
from services.classify.evaluation.report import Report, Subject, report
from services.classify.evaluation.rows import read_rows
from services.classify.model_option import add_model_options, load_model, model_folder
from services.classify.settings import ClassifySettings
from shared.errors import TemporaryError
from shared.modelstore import ArtifactCorrupt, ArtifactMissing
from shared.rows import DataError

REPORT = "report.json"
PAGE = "report.html"
REFUSALS = (
    DataError, CatalogueError, TemporaryError, ArtifactMissing, ArtifactCorrupt, OSError,
)  # fmt: skip
_EVIDENCE_WORDS = 50


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit code: 0, or 2 when the data, the model or the folder cannot be used."""
    options = parse(arguments)
    try:
        told = evaluate(options)
        options.out.mkdir(parents=True, exist_ok=True)
        content = json.dumps(told, indent=2, ensure_ascii=False)
        (options.out / REPORT).write_text(content + "\n", encoding="utf-8")
        (options.out / PAGE).write_text(page(told), encoding="utf-8")
    except REFUSALS as refusal:
        print(refusal, file=sys.stderr)
        return 2
    print(summary(told))
    print(f"page: {options.out / PAGE}")
    return 0


def evaluate(options: argparse.Namespace) -> Report:
    """Loads, refuses what cannot be judged, reads every message. Raises one of `REFUSALS`."""
    settings = ClassifySettings()
    catalogue = read_catalogue(settings.catalogue)
    model = load_model(options, settings, _EVIDENCE_WORDS, ranked_intents=None)
    heads, scope, _ = artifact.load(model_folder(options, model))
    labels = {head: heads.by_name[head].labels for head in HEADS}
    rows = read_rows(options.data, labels)
    with tqdm(total=len(rows), desc="read", unit="text") as bar:
        now = datetime.now(UTC)
        judged = judge(rows, model, catalogue, labels, now=now, progress=bar.update)
    subject = Subject(
        model.version,
        f"{model.encoder_name}@{model.encoder_version}",
        [str(path) for path in options.data],
        labels,
        scope.threshold,
    )
    return report(subject, judged)


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m services.classify.evaluate",
        description="Measure a stored classifier on labelled messages it has not learned from.",
    )
    parser.add_argument(
        "--data",
        type=Path,
        nargs="+",
        required=True,
        metavar="FILE_OR_DIR",
        help=".csv or .jsonl with text, intent and, where known, lang, sentiment, priority",
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=Path(".careloop/evaluation"),
        metavar="DIR",
        help="folder of report.json and report.html; default: %(default)s",
    )
    add_model_options(parser, ClassifySettings())
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
