"""What may be in careloop, read from policy.toml beside this file."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

FILE = Path(__file__).with_name("policy.toml")


@dataclass(frozen=True, slots=True)
class Policy:
    """Allowed licences (SPDX ids), how others' words for them are understood, and exceptions.

    `aliases` by lower-case text, `classifiers` by the end of a trove classifier, `read` and
    `development` by a package's canonical name, `advisories` by id; their values of the last two
    are reasons.
    """

    allowed: frozenset[str]
    aliases: Mapping[str, str]
    classifiers: Mapping[str, str]
    read: Mapping[str, str]
    development: Mapping[str, str]
    advisories: Mapping[str, str]

    def excused(self, package: str) -> str | None:
        """Why developers may have the package whatever its licence; None if they may not."""
        reasons = (why for name, why in self.development.items() if fnmatchcase(package, name))
        return next(reasons, None)


def policy(file: Path = FILE) -> Policy:
    """The policy as the file says."""
    content = tomllib.loads(file.read_text("utf-8"))
    allowed = content["allowed"]
    return Policy(
        frozenset(allowed["permissive"]) | frozenset(allowed["while"]),
        content["aliases"],
        content["classifiers"],
        content["read"],
        content["development"],
        content["advisories"],
    )
