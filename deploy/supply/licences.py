"""What licence a package has, and whether it may be in careloop. Nothing is read or written here.

Licences are SPDX expressions (ISO/IEC 5962, annex D): ids joined by AND, OR and WITH.
"""

from dataclasses import dataclass

from license_expression import (  # type: ignore[import-untyped]
    ExpressionError,
    get_spdx_licensing,
)

from deploy.supply.policy import Policy

SPDX = get_spdx_licensing()


@dataclass(frozen=True, slots=True)
class Said:
    """What a package's metadata says of its licence: the fields License-Expression (PEP 639) and
    License (free text), and the ends of its trove classifiers."""

    expression: str | None
    text: str | None
    classifiers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """May the package be here? `why` when it may in spite of its licence, or may not."""

    allowed: bool
    why: str = ""


def licence_of(package: str, said: Said, policy: Policy) -> str | None:
    """The SPDX expression, or None where nothing says it exactly.

    What was read from the licence file counts before the package's own word, an expression before
    free text, and free text before classifiers, which must all mean the same.
    """
    if package in policy.read:
        return policy.read[package]
    for words in (said.expression, said.text):
        understood = words and _understood(words, policy)
        if understood:
            return understood
    meant = {policy.classifiers.get(line) for line in said.classifiers}
    return meant.pop() if len(meant) == 1 else None


def _understood(words: str, policy: Policy) -> str | None:
    """The words as SPDX expression, if they are one or stand for one."""
    words = policy.aliases.get(words.strip().lower(), words.strip())
    try:
        parsed = SPDX.parse(words, validate=True)
    except ExpressionError:
        # LicenseRef-... is an id that its maker defines: SPDX allows it, and no list knows it.
        return words if words.startswith("LicenseRef-") else None
    return str(parsed) if parsed is not None else None


def permitted(expression: str, policy: Policy) -> bool:
    """Whether the policy allows it: all parts of an AND, one of an OR, and WITH as one."""
    return bool(_permitted(SPDX.parse(expression), policy))


def _permitted(node: object, policy: Policy) -> bool:
    parts = (_permitted(part, policy) for part in getattr(node, "args", ()))
    if isinstance(node, SPDX.AND):
        return all(parts)
    if isinstance(node, SPDX.OR):
        return any(parts)
    return str(node) in policy.allowed


def judge(package: str, licence: str | None, policy: Policy, *, shipped: bool) -> Verdict:
    """Whether the package may be here; `shipped`: whether it is in an image."""
    if licence is not None and permitted(licence, policy):
        return Verdict(True)
    reason = policy.excused(package)
    if reason is not None and not shipped:
        return Verdict(True, reason)
    if reason is not None:
        return Verdict(False, "only for development, and it is in an image")
    if licence is None:
        return Verdict(False, "its metadata says no licence exactly: read its licence file")
    return Verdict(False, "its licence is not allowed")
