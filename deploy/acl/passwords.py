"""The passwords of users, from the environment or from files in SECRETS_DIR."""

import os
from collections.abc import Iterable

from deploy.acl.plan import PREFIX
from shared.secret_files import secrets_dir


def variable(user: str) -> str:
    """Where the password of a user stands: careloop-ingest's in INGEST_KAFKA_PASSWORD."""
    return user.removeprefix(PREFIX).upper().replace("-", "_").replace(".", "_") + "_KAFKA_PASSWORD"


def given(names: Iterable[str]) -> dict[str, str]:
    """The variables of these names that are set, or have a file, and what they say."""
    folder = secrets_dir()
    found = {}
    for name in names:
        said = os.environ.get(name, "")
        if not said and folder is not None and (folder / name).is_file():
            said = (folder / name).read_text("utf-8").strip()
        if said:
            found[name] = said
    return found
