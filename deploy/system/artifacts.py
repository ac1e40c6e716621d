"""Models and knowledge that the workers serve: made from the seed when the store has none."""

import subprocess
import sys
from pathlib import Path

from deploy.runtime import Say
from shared.modelstore import ModelStore

STEPS = (
    ("classifier", "services.classify.train", "training the classifier from the seed messages"),
    ("knowledge", "services.generate.knowledge", "embedding the seed knowledge base"),
)
"""Artifact, the command that makes it, and what that command does in words."""


def ensure(store: str, cache: Path, say: Say) -> None:
    """Make what is missing. Raises RuntimeError with the command's own words when it fails."""
    models = ModelStore(store)
    for name, module, doing in STEPS:
        if models.latest(name) is None:
            say(f"{doing} (once)")
            command = [sys.executable, "-m", module, "--store", store, "--cache", str(cache)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                raise RuntimeError(f"`python -m {module}` failed:\n{done.stderr[-3000:]}")
            say(done.stdout.strip().splitlines()[-1])
