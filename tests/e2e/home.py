"""Models for tests of the whole system: made once for each state of what they are made from."""

import hashlib
from pathlib import Path

from deploy.runtime.cache import cache_folder, locked
from deploy.system import artifacts

ROOT = Path(__file__).parents[2]
MADE_FROM = (
    "services/classify/domain",
    "services/classify/seed",
    "services/classify/training",
    "services/generate/domain",
    "services/generate/knowledge",
    "services/generate/seed",
    "shared/encoder",
)


def prepared() -> Path:
    """A folder with the models of the seed in it, to be the home of a `System`.

    It outlives the run. Who works on this checkout with models of their own finds them untouched.
    """
    folder = cache_folder() / "systems" / _digest()
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder, print):
        artifacts.ensure(str(folder / "models"), folder / "cache", print)
    return folder


def _digest() -> str:
    digest = hashlib.sha256()
    for place in MADE_FROM:
        for file in sorted((ROOT / place).rglob("*")):
            if file.is_file() and file.suffix != ".pyc":
                digest.update(file.relative_to(ROOT).as_posix().encode())
                digest.update(file.read_bytes())
    return digest.hexdigest()[:12]
