"""The knowledge command."""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from services.generate import knowledge_base
from services.generate.domain.retrieval import Index
from services.generate.knowledge.announce import announce
from services.generate.knowledge.documents import (
    SEED_DOCUMENTS,
    SEED_QUESTIONS,
    UnusableInput,
    read_documents,
    read_questions,
)
from services.generate.knowledge.embed import Embedder
from services.generate.knowledge.fit import fit, gather, judge
from services.generate.knowledge.options import add_encoder_options, encoder_of
from shared.encoder.encoder import Encoder
from shared.errors import FatalError, TemporaryError
from shared.modelstore import ArtifactCorrupt, ArtifactMissing, ModelStore


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        store = ModelStore(options.store)
        encoder = encoder_of(options)
        folder, questions = _sources(options.dir, options.queries)
        index, metrics = build(folder, questions, Embedder(encoder), options.language, _complain)
        made = _store(store, index, encoder, metrics)
        _report(made, store, metrics)
        if options.announce:
            asyncio.run(announce(made, options.announce, datetime.now(UTC)))
            print("Running workers have been told.")
    except (
        FatalError,
        UnusableInput,
        ArtifactMissing,
        ArtifactCorrupt,
        TemporaryError,
        OSError,
    ) as error:
        print(f"knowledge: {error}", file=sys.stderr)
        return 1
    return 0


def _sources(folder: Path | None, queries: Path | None) -> tuple[Path, Path | None]:
    if folder is None:
        return SEED_DOCUMENTS, queries or SEED_QUESTIONS
    return folder, queries


def build(
    folder: Path,
    queries: Path | None,
    embedder: Embedder,
    language: str | None = None,
    complain: Callable[[str], object] = lambda _: None,
) -> tuple[Index, dict[str, Any]]:
    """An index of the folder's documents with its calibration, and how good both are.

    Without questions to these documents the calibration of the seed documents is taken, whose
    figures are then reported: similarities mean much the same in every base.
    """
    seed = read_documents(SEED_DOCUMENTS)
    entries = read_documents(folder, language, complain)
    shelves = embedder.shelves(entries, seed)
    asked_of, known, path = shelves, entries, queries
    if path is None:
        asked_of, known, path = embedder.shelves(seed, ()), seed, SEED_QUESTIONS
    questions = read_questions(path, known)
    evidence = gather(asked_of, questions, embedder.queries(questions))
    metrics = {"calibrated_on": "seed" if queries is None else "queries", **judge(*evidence)}
    return Index(shelves, fit(*evidence)), metrics


def _store(store: ModelStore, index: Index, encoder: Encoder, metrics: Mapping[str, Any]) -> str:
    with tempfile.TemporaryDirectory() as folder:
        knowledge_base.write(Path(folder), index, encoder.name, encoder.version, metrics)
        return store.put(
            knowledge_base.ARTIFACT,
            Path(folder),
            {
                "encoder": encoder.name,
                "encoder_version": encoder.version,
                "format": knowledge_base.FORMAT,
            },
        )


def _report(version: str, store: ModelStore, metrics: Mapping[str, Any]) -> None:
    print(f"\n{metrics['questions']} questions of the {metrics['calibrated_on']}, held out:")
    for language, recall in metrics["recall"].items():
        print(
            f"  {language}: recall@1 {recall['at_1']:.3f}, recall@5 {recall['at_5']:.3f}"
            f" ({recall['questions']} questions)"
        )
    auroc = metrics["auroc"]
    print(f"  AUROC: right answer {auroc['right_answer']}, answered here {auroc['answered_here']}")
    print("  threshold  precision  share answered")
    for row in metrics["thresholds"]:
        precision = "-" if row["precision"] is None else f"{row['precision']:.3f}"
        print(f"  {row['threshold']:>9}  {precision:>9}  {row['share']:>14.3f}")
    print(f"\nknowledge {version} is in the model store {store.url}")


def _complain(what: str) -> None:
    print(what, file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m services.generate.knowledge",
        description="Make the knowledge base that answers come from, out of a folder of Markdown "
        "and HTML documents, one entry a heading, and of question-answer pairs in CSV and JSONL "
        "(question, answer and, if you like, id, lang, intents, questions, valid_from, "
        "valid_until, version). The language is told by a folder (en/, zh/), by the document or "
        "with --language. In Markdown other wordings of a heading may follow it as a list after "
        "the line `Also asked:`; valid_from, valid_until and version stand in the front matter.",
    )
    parser.add_argument("--dir", type=Path, help="folder of documents (default: the seed)")
    parser.add_argument(
        "--queries",
        type=Path,
        help="CSV of questions: query,doc_id,lang,intents; doc_id like en/shop.md#delivery-time, "
        "empty when no entry answers it; intents like refund 0.83 invoice 0.1, as classify ranks "
        "them, may be empty (default: the seed's)",
    )
    add_encoder_options(parser)
    parser.add_argument(
        "--announce", metavar="HOST:PORT", help="tell running workers, through this Kafka"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
