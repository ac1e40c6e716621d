"""Says how well personal data is found in labelled texts: recall and precision.

Rows have `text`, `spans` (a list of {start, end, type}; in CSV as JSON) and optionally `lang`.
A labelled span is recalled when something of its kind is found that shares a character with it.
What is found is right when it shares a character with a labelled span of its kind. Types of other
data sets are mapped (PERSON is NAME, US_SSN is ID, ...). Types without a kind are not judged;
what is found there is wrong for organisations, places, dates and the like, and is left out of the
count for types this command does not know.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from services.ingest.domain.judging import Judgement, Score, judge
from services.ingest.domain.pii.kinds import KINDS, Kind
from services.ingest.labelled import BadRow, read
from services.ingest.main import rules_of
from services.ingest.settings import Settings

MOST_PLACES = 10


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    finder = rules_of(Settings()).finder
    try:
        judgement = judge(read(options.data), finder.find)
    except BadRow as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(table(judgement))
    if options.out is not None:
        options.out.write_text(json.dumps(figures(judgement), indent=2) + "\n", encoding="utf-8")
    return 0


def table(judgement: Judgement) -> str:
    """The figures for people: all languages, each language, what was missed most."""
    lines = [f"{'kind':<10}{'lang':<9}{'labelled':>9}{'recall':>8}{'found':>7}{'precision':>10}"]
    for kind in KINDS:
        for language in (None, *judgement.languages):
            score = judgement.score(kind, language)
            if score.labelled or score.found:
                lines.append(_line(kind, language or "all", score))
    lines += ["", *_worst("missed", judgement.missed), *_worst("wrong", judgement.wrong)]
    if judgement.not_judged:
        types = ", ".join(f"{name} {n}" for name, n in judgement.not_judged.most_common())
        lines.append(f"not judged: {types}")
    return "\n".join(lines) + "\n"


def figures(judgement: Judgement) -> dict[str, Any]:
    """The same for programs."""
    return {
        "kinds": _scores(judgement, None),
        "languages": {name: _scores(judgement, name) for name in judgement.languages},
        "missed": _places(judgement.missed),
        "wrong": _places(judgement.wrong),
        "not_judged": dict(judgement.not_judged),
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m services.ingest.evaluate_pii",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--data", nargs="+", type=Path, required=True, help=".jsonl or .csv files")
    parser.add_argument("--out", type=Path, help="writes the figures as JSON")
    return parser


def _line(kind: Kind, language: str, score: Score) -> str:
    return (
        f"{kind:<10}{language:<9}{score.labelled:>9}{_share(score.recall):>8}"
        f"{score.found:>7}{_share(score.precision):>10}"
    )


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _worst(what: str, places: Counter[tuple[str, Kind]]) -> list[str]:
    """How many, and the rows with most of them. The texts themselves are not printed."""
    if not places:
        return [f"{what}: none"]
    kinds: Counter[str] = Counter()
    for (_, kind), number in places.items():
        kinds[kind] += number
    by_kind = ", ".join(f"{kind} {number}" for kind, number in kinds.most_common())
    rows = ", ".join(f"{where} {kind} {n}" for (where, kind), n in places.most_common(MOST_PLACES))
    return [f"{what}: {kinds.total()} ({by_kind})", f"  most in: {rows}"]


def _scores(judgement: Judgement, language: str | None) -> dict[str, dict[str, float | None]]:
    scores = {kind: judgement.score(kind, language) for kind in KINDS}
    return {
        kind: {
            "labelled": score.labelled,
            "recall": score.recall,
            "found": score.found,
            "precision": score.precision,
        }
        for kind, score in scores.items()
        if score.labelled or score.found
    }


def _places(places: Counter[tuple[str, Kind]]) -> list[dict[str, Any]]:
    return [
        {"where": where, "kind": kind, "number": n} for (where, kind), n in places.most_common()
    ]


if __name__ == "__main__":
    sys.exit(main())
