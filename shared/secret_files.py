"""Settings read from files as Docker and Kubernetes mount secrets, one file a setting.

SECRETS_DIR names the folder; a file has the name of the variable it stands for, in any case, such
as KAFKA_PASSWORD. White space around the content is left out. A variable that is set wins over its
file; one that is set to nothing, as Compose does with `${NAME:-}`, does not.
"""

import os
from pathlib import Path
from typing import Any

from pydantic_settings import BaseSettings, SecretsSettingsSource

VARIABLE = "SECRETS_DIR"


class SecretFiles(SecretsSettingsSource):
    """What the files of SECRETS_DIR say of the fields of a settings class."""

    def __init__(self, settings_cls: type[BaseSettings]) -> None:
        """Ends the program, as a wrong option would, when SECRETS_DIR names no folder."""
        super().__init__(settings_cls, secrets_dir=secrets_dir())

    def __call__(self) -> dict[str, Any]:
        said = {name.lower() for name, value in os.environ.items() if value}
        prefix = self.env_prefix.lower()
        return {
            name: value
            for name, value in super().__call__().items()
            if f"{prefix}{name}".lower() not in said
        }


def secrets_dir() -> Path | None:
    """The folder that SECRETS_DIR names, or None. Raises SystemExit when it cannot be read."""
    named = os.environ.get(VARIABLE)
    if not named:
        return None
    folder = Path(named).expanduser()
    if not folder.is_dir():
        raise SystemExit(
            f"{VARIABLE} is {named}, and there is no such folder: mount the secrets there, or "
            f"unset {VARIABLE} and set the variables themselves"
        )
    if not os.access(folder, os.R_OK | os.X_OK):
        raise SystemExit(f"{VARIABLE} is {named}, which this user may not read")
    return folder
