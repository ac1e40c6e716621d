"""`python -m services.generate.evaluate_knowledge`: are questions answered by the right entry?

Needs scikit-learn and tqdm (extra `train`), as the knowledge command does.
"""

import argparse
import csv
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from services.generate.domain.entries import Entry
from services.generate.domain.retrieval import Query
from services.generate.knowledge.documents import SEED_DOCUMENTS, UnusableInput, read_documents
from services.generate.knowledge.embed import Embedder, words
from services.generate.knowledge.options import add_encoder_options, encoder_of
from services.generate.knowledge.ranking import (
    CUTS,
    METHODS,
    Ranks,
    Wanted,
    figures,
    rank,
    right_for,
)
from shared.errors import TemporaryError
from shared.modelstore import ArtifactCorrupt, ArtifactMissing

Asked = dict[str, list[tuple[str, frozenset[int]]]]
"""By language, questions and the places of the entries that answer them."""


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        entries = read_documents(options.dir, options.language, _complain)
        asked = read_queries(options.queries, _by_language(entries))
        embedder = Embedder(encoder_of(options))
        report = judge(entries, asked, embedder)
    except (UnusableInput, ArtifactMissing, ArtifactCorrupt, TemporaryError, OSError) as error:
        print(f"eval-knowledge: {error}", file=sys.stderr)
        return 1
    print(_table(report))
    if options.out:
        options.out.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", "utf-8")
    return 0


def judge(entries: Sequence[Entry], asked: Asked, embedder: Embedder) -> dict[str, Any]:
    """Figures by language, and over all, of every method."""
    shelves = embedder.shelves(entries, read_documents(SEED_DOCUMENTS))
    ranks: dict[str, dict[str, Ranks]] = {}
    for language, questions in asked.items():
        texts = [text for text, _ in questions]
        vectors = embedder.vectors(texts, "query", "questions")
        wanted = [
            Wanted(Query(words(text), language, vector), right)
            for (text, right), vector in zip(questions, vectors, strict=True)
        ]
        ranks[language] = rank(shelves[language], wanted)
    ranks["all"] = {
        method: np.concatenate([found[method] for found in ranks.values()]) for method in METHODS
    }
    return {
        "entries": len(entries),
        "questions": {language: len(found[METHODS[0]]) for language, found in ranks.items()},
        "figures": {
            language: {method: figures(found[method]) for method in METHODS}
            for language, found in ranks.items()
        },
    }


def read_queries(path: Path, entries: Mapping[str, Sequence[Entry]]) -> Asked:
    """Questions of a CSV file with the columns `query` and `doc_id`. Those without a `doc_id`,
    which nothing answers, are passed over. Raises UnusableInput with the line."""
    asked: Asked = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for line, row in enumerate(csv.DictReader(file), start=2):
                if not {"query", "doc_id"} <= row.keys():
                    raise UnusableInput(f"{path} needs the columns query and doc_id")
                named, text = (row["doc_id"] or "").strip(), (row["query"] or "").strip()
                if not named or not text:
                    continue
                try:
                    language, right = right_for(named, entries)
                except KeyError:
                    raise UnusableInput(
                        f"{path}, line {line}: {named} names no entry, document or section, or "
                        "more than one; write ids such as en/shop.md#delivery-time"
                    ) from None
                asked.setdefault(language, []).append((text, right))
    except (OSError, UnicodeDecodeError) as error:
        raise UnusableInput(f"{path} cannot be read: {type(error).__name__}") from error
    if not asked:
        raise UnusableInput(f"{path} has no question with a doc_id")
    return asked


def _by_language(entries: Sequence[Entry]) -> dict[str, list[Entry]]:
    by_language: dict[str, list[Entry]] = {}
    for entry in entries:
        by_language.setdefault(entry.language, []).append(entry)
    return by_language


def _table(report: Mapping[str, Any]) -> str:
    names = [*(f"recall@{cut}" for cut in CUTS), "MRR"]
    lines = [
        f"{report['questions']['all']} questions to {report['entries']} entries",
        "",
        "  ".join(["lang", "method", *(f"{name:>9}" for name in names)]),
    ]
    several = len(report["questions"]) > 2
    for language, methods in report["figures"].items():
        if language == "all" and not several:
            continue
        for method, found in methods.items():
            lines.append(
                "  ".join(
                    [f"{language:4}", f"{method:6}", *(f"{found[name]:9.3f}" for name in names)]
                )
            )
    return "\n".join(lines)


def _complain(what: str) -> None:
    print(what, file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m services.generate.evaluate_knowledge",
        description="Recall and mean reciprocal rank of the entries that answer questions, found "
        "by their words (BM25), by sentence vectors, and by both.",
    )
    parser.add_argument("--dir", type=Path, required=True, help="folder of documents")
    parser.add_argument(
        "--queries",
        type=Path,
        required=True,
        help="CSV of questions: query,doc_id; doc_id an entry (en/shop.md#delivery-time), a "
        "section (delivery-time) or a document (en/shop.md)",
    )
    parser.add_argument("--out", type=Path, help="write the figures there, as JSON")
    add_encoder_options(parser)
    return parser


if __name__ == "__main__":
    sys.exit(main())
