"""What the customer is told of an action: the catalogue's sentences, filled in."""

import re
from collections.abc import Mapping, Sequence
from typing import Literal

from services.generate.domain.actions.catalogue import Action
from services.generate.domain.actions.filling import PLACEHOLDER, Filled
from services.generate.domain.actions.orders import ERROR, NOT_SENT, OUTCOME
from services.generate.domain.actions.templates import filled

Outcome = Literal["done", "refused", "failed", "asking", "awaiting_approval", "needs_verification"]
_LAST_DIGITS_ONLY = frozenset({"ACCOUNT", "CARD", "IBAN"})
_SHOWN = 4
_BETWEEN = {"zh": ""}


def render(
    action: Action,
    language: str,
    outcome: Outcome,
    arguments: Mapping[str, str],
    result: Mapping[str, str] | None = None,
) -> str:
    """The sentences for an outcome other than `asking`, in the customer's language or in English.

    `result` are the fields of a `done`, `refused` or `failed` one. Personal data stays
    placeholders: see `revealed`.
    """
    language, result = action.language(language), result or {}
    wording = action.wording[language]
    if outcome == "done":
        return filled(wording.done, _values(action, language, arguments, result))
    if outcome == "refused":
        return filled(wording.refusals.get(result.get(ERROR, ""), wording.refused), arguments)
    if outcome == "failed":
        surely = result.get(OUTCOME) == NOT_SENT
        return filled(wording.not_sent if surely else wording.unsure, arguments)
    template = wording.awaiting_approval if outcome == "awaiting_approval" else wording.verify
    return filled(template, arguments)


def question(action: Action, language: str, told: Filled) -> str:
    """The question for everything that is missing or ambiguous."""
    language = action.language(language)
    wording = action.wording[language]
    questions = [action.argument(name).ask[language] for name in told.missing]
    questions += [
        _which(wording.which, action.argument(name).label[language], candidates, language)
        for name, candidates in told.ambiguous.items()
    ]
    return _BETWEEN.get(language, " ").join([filled(wording.asking, told.arguments), *questions])


def revealed(text: str, originals: Mapping[str, str]) -> str:
    """The sentences ready to send: originals in place of placeholders, of accounts and cards their
    last four characters, for mail is read by others, too."""
    return PLACEHOLDER.sub(lambda match: _shown(match, originals), text)


def _which(template: str, label: str, candidates: Sequence[str], language: str) -> str:
    listed = ("、" if language == "zh" else ", ").join(candidates)
    return filled(template, {"label": label, "candidates": listed})


def _values(
    action: Action, language: str, arguments: Mapping[str, str], result: Mapping[str, str]
) -> dict[str, str]:
    """Every value by its name; a result is newer than an argument of the same name."""
    plain = {**arguments, **result}
    worded = {}
    for field, codes in action.words.items():
        sentences = codes.get(result.get(field, ""))
        if sentences is not None:
            worded[field] = filled(sentences[language], plain)
    return {**plain, **worded}


def _shown(match: re.Match[str], originals: Mapping[str, str]) -> str:
    original = originals.get(match[0])
    if original is None:
        return match[0]
    if match[1] not in _LAST_DIGITS_ONLY:
        return original
    return f"…{''.join(filter(str.isalnum, original))[-_SHOWN:]}"
