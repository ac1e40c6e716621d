"""What the retraining job is told on its command line."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from services.classify.settings import ClassifySettings
from services.classify.train import FROM_DATA, SEED_FILES
from services.classify.training import taxonomy as taxonomies
from services.classify.training.options import fitting

EXIT_CODES = """exit codes:
  0  the candidate passed: it may be promoted (with --again: the version is the same)
  1  the candidate is stored but did not pass (with --again: another version came out)
  2  the rows, the data, the current classifier or the store cannot be used; nothing was stored
"""


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        parents=[fitting(ClassifySettings(), "folds and bootstrap")],
        prog="python -m services.classify.retraining",
        description="Train the classifier again on the seed and on what people said of its work, "
        "store it, and judge it against the current one: by a frozen tenth that neither learned "
        "from, and by recent messages. Promotes nothing itself.",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "--rows",
        type=Path,
        metavar="FILE",
        help=".jsonl with text (personal data replaced by placeholders), language, intent, source "
        "(correction or confirmed) and, where known, ticket_id, message_id, at",
    )
    what.add_argument(
        "--again",
        metavar="VERSION",
        help="train this retrained classifier again from its snapshot: does the same come out?",
    )
    parser.add_argument(
        "--current", default="", metavar="classifier@VERSION", help="what is served now"
    )
    parser.add_argument(
        "--recent",
        type=Path,
        metavar="FILE",
        help=".jsonl or .csv with the texts of recent messages, read by both",
    )
    parser.add_argument(
        "--data",
        type=Path,
        nargs="+",
        default=SEED_FILES,
        metavar="FILE_OR_DIR",
        help="what is learned from besides (default: the seed data)",
    )
    parser.add_argument(
        "--taxonomy",
        type=Path,
        default=taxonomies.DEFAULT,
        help=f"YAML file with the intents of --data, or `{FROM_DATA}`",
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=Path(".careloop/retraining/verdict.json"),
        metavar="FILE",
        help="the verdict with all its figures; default: %(default)s",
    )
    parser.add_argument(
        "--promote-if-passed-out",
        type=Path,
        metavar="FILE",
        help="written only if all was passed: name, version, previous and reason, as JSON",
    )
    parser.add_argument(
        "--least-rows",
        type=int,
        default=5,
        metavar="N",
        help="rows that a new intent needs; default: %(default)s",
    )
    parser.add_argument(
        "--most-changed",
        type=float,
        default=0.5,
        metavar="SHARE",
        help="of recent messages the current one is sure of that may be read differently; "
        "default: %(default)s",
    )
    options = parser.parse_args(arguments)
    if options.rows and not options.current:
        parser.error("--rows needs --current")
    return options
