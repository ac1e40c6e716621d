"""Models and knowledge that the workers serve: made from the seed when the store has none."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from deploy.runtime import Say
from services.classify.artifact import FORMAT as CLASSIFIER_FORMAT
from services.generate.knowledge_base import FORMAT as KNOWLEDGE_FORMAT
from shared.encoder.files import FORMAT as ENCODER_FORMAT
from shared.modelstore import ModelStore


@dataclass(frozen=True)
class Step:
    """An artifact, the command that makes it, what that does in words, and whether the store has a
    usable one."""

    name: str
    module: str
    doing: str
    is_made: Callable[[ModelStore], bool]


def missing(models: ModelStore) -> list[Step]:
    """The steps that are to be taken, in their order."""
    return [step for step in STEPS if not step.is_made(models)]


def ensure(store: str, cache: Path, say: Say) -> None:
    """Make what is missing. Raises RuntimeError with the command's own words when it fails."""
    for step in missing(ModelStore(store)):
        say(f"{step.doing} (once)")
        command = [sys.executable, "-m", step.module, "--store", store, "--cache", str(cache)]
        # On a terminal the command's own progress bars and complaints are shown as they come.
        errors = None if sys.stderr.isatty() else subprocess.PIPE
        done = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=errors, text=True, check=False
        )
        if done.returncode != 0:
            raise RuntimeError(f"`python -m {step.module}` failed:\n{(done.stderr or '')[-3000:]}")
        say(done.stdout.strip().splitlines()[-1])


def _has_classifier(models: ModelStore) -> bool:
    return models.latest("classifier", {"format": CLASSIFIER_FORMAT}) is not None


def _has_knowledge(models: ModelStore) -> bool:
    """Whether the newest one was embedded by an encoder that still can be served."""
    version = models.latest("knowledge", {"format": KNOWLEDGE_FORMAT})
    if version is None:
        return False
    made_of = models.manifest("knowledge", version).metadata
    served = models.versions(made_of["encoder"], {"format": ENCODER_FORMAT})
    return made_of["encoder_version"] in served


STEPS = (
    Step(
        "classifier",
        "services.classify.train",
        "training the classifier from the seed messages",
        _has_classifier,
    ),
    Step(
        "knowledge",
        "services.generate.knowledge",
        "embedding the seed knowledge base",
        _has_knowledge,
    ),
)
