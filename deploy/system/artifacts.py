"""Models and knowledge that the workers serve: made from the seed when the store has none."""

import subprocess
import sys
from pathlib import Path

from deploy.runtime import Say
from services.classify.artifact import FORMAT
from shared.modelstore import ModelStore

STEPS: tuple[tuple[str, dict[str, str], str, str], ...] = (
    (
        "classifier",
        {"format": FORMAT},
        "services.classify.train",
        "training the classifier from the seed messages",
    ),
    ("knowledge", {}, "services.generate.knowledge", "embedding the seed knowledge base"),
)
"""Artifact, what must be said of it, the command that makes it, what that does in words."""


def ensure(store: str, cache: Path, say: Say) -> None:
    """Make what is missing. Raises RuntimeError with the command's own words when it fails."""
    models = ModelStore(store)
    for name, metadata, module, doing in STEPS:
        if models.latest(name, metadata) is None:
            say(f"{doing} (once)")
            command = [sys.executable, "-m", module, "--store", store, "--cache", str(cache)]
            # On a terminal the command's own progress bars and complaints are shown as they come.
            errors = None if sys.stderr.isatty() else subprocess.PIPE
            done = subprocess.run(
                command, stdout=subprocess.PIPE, stderr=errors, text=True, check=False
            )
            if done.returncode != 0:
                raise RuntimeError(f"`python -m {module}` failed:\n{(done.stderr or '')[-3000:]}")
            say(done.stdout.strip().splitlines()[-1])
