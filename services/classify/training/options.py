"""What every command that fits a classifier is told."""

import argparse
import os
from pathlib import Path

from services.classify.settings import ClassifySettings


def fitting(settings: ClassifySettings, seed_of: str) -> argparse.ArgumentParser:
    """To be the parent of the command's own parser; `seed_of` says what the seed draws."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument(
        "--false-alarms",
        type=float,
        default=0.05,
        help="share of in-scope messages that may be called out of scope; default: %(default)s",
    )
    parser.add_argument(
        "--store", default=settings.model_store, metavar="URL", help="default: %(default)s"
    )
    parser.add_argument(
        "--cache", type=Path, default=settings.model_cache, help="default: %(default)s"
    )
    parser.add_argument("--seed", type=int, default=0, help=f"of {seed_of}; default: %(default)s")
    parser.add_argument(
        "--threads", type=int, default=len(os.sched_getaffinity(0)), help="default: all cores"
    )
    return parser
