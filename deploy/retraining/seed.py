"""`python -m deploy.retraining.seed FROM TO` puts the artifacts of one model store into another.

What is there already stays as it is, so that it may be run at every start: a new release brings its
artifacts along, and those that were trained here are kept.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from shared.modelstore import ArtifactCorrupt, ModelStore, verify


def seed(folder: Path, target: ModelStore) -> list[str]:
    """The artifacts added, as name@version, each name's in the order in which they were made: the
    newest stays the newest. Raises ArtifactCorrupt or OSError."""
    source = ModelStore(str(folder))
    added = []
    for name in source.names():
        there = target.versions(name)
        for version in source.versions(name):
            if version not in there:
                files = folder / name / version
                verify(files)
                target.put(name, files, source.manifest(name, version).metadata)
                added.append(f"{name}@{version}")
    return added


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m deploy.retraining.seed",
        description="Puts the artifacts of one model store into another that lacks them.",
    )
    parser.add_argument("source", metavar="FROM", type=Path, help="folder of a model store")
    parser.add_argument("target", metavar="TO", help="fsspec URL of the one to fill")
    given = parser.parse_args(arguments)
    try:
        added = seed(given.source, ModelStore(given.target))
    except (ArtifactCorrupt, OSError) as error:
        print(f"cannot fill {given.target}: {error}", file=sys.stderr)
        return 1
    print(f"{given.target}: {', '.join(added) or 'nothing new'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
