"""Reads the catalogue's file. Whatever can be known to be wrong is said here, and not to a
customer."""

import re
import tomllib
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, get_args

from services.generate.domain.actions import templates
from services.generate.domain.actions.catalogue import (
    APPROVALS,
    FALLBACK,
    FORMS,
    IDENTITIES,
    Action,
    Argument,
    Catalogue,
    CatalogueError,
    Limit,
    Wording,
)
from services.generate.domain.actions.table import Table
from shared.events import Entity

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_KIND = re.compile(r"[A-Z]{2,12}")
_ENTITIES = get_args(Entity.model_fields["type"].annotation)
_OWN = ("done", "awaiting_approval")
_SHARED = ("refused", "not_sent", "unsure", "asking", "which", "verify")
MOST_RESULT_FIELDS = 16


def parse(text: str) -> Catalogue:
    """The catalogue of a TOML file's text. Raises CatalogueError."""
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CatalogueError(f"not TOML: {error}") from error
    top = Table(content, "the catalogue")
    sentences = {name: table.rest() for name, table in top.tables("wording").items()}
    if FALLBACK not in sentences:
        top.wrong("wording", f"must have a table wording.{FALLBACK}")
    actions = [_action(name, one, sentences) for name, one in top.tables("actions").items()]
    withdrawn = top.patterns("withdrawn")
    top.done()
    return Catalogue(tuple(actions), withdrawn)


def _action(name: str, table: Table, shared: Mapping[str, Mapping[str, Any]]) -> Action:
    if not _NAME.fullmatch(name):
        table.wrong("", "must be named in lower case letters, digits and underscores")
    arguments = tuple(
        _argument(one, told, tuple(shared)) for one, told in table.tables("arguments").items()
    )
    result = table.names("result", required=False)
    if len(result) > MOST_RESULT_FIELDS:
        table.wrong("result", f"may name {MOST_RESULT_FIELDS} fields at most")
    values = {argument.name for argument in arguments} | set(result)
    words = _words(table, result, values, tuple(shared))
    approval = table.one_of("approval", APPROVALS, "never")
    limit = _limit(table, arguments)
    if (approval == "above_limit") != (limit is not None):
        table.wrong("approval", 'is "above_limit" if, and only if, there is a table limit')
    reads_only = table.flag("reads_only", False)
    if reads_only and approval != "never":
        table.wrong("approval", "is for actions that change something: leave it out")
    action = Action(
        name=name,
        intents=table.names("intents"),
        cues=table.patterns("cues"),
        unless=table.patterns("unless", required=False),
        identity=table.one_of("identity", IDENTITIES),
        approval=approval,
        limit=limit,
        reads_only=reads_only,
        arguments=arguments,
        result=result,
        words=words,
        wording=_wording(table, shared, {argument.name for argument in arguments}, values),
    )
    table.done()
    return action


def _argument(name: str, table: Table, languages: tuple[str, ...]) -> Argument:
    if not _NAME.fullmatch(name):
        table.wrong("", "must be named in lower case letters, digits and underscores")
    entities = table.names("entities", required=False)
    for entity in entities:
        if entity not in _ENTITIES:
            table.wrong("entities", f"{entity!r} is none of {', '.join(_ENTITIES)}")
    kinds = table.names("placeholders", required=False)
    if not all(map(_KIND.fullmatch, kinds)):
        table.wrong("placeholders", "are kinds such as ACCOUNT, without brackets and numbers")
    argument = Argument(
        name=name,
        label=table.by_language("label", languages),
        ask=table.by_language("ask", languages),
        form=table.one_of("form", FORMS, "text"),
        entities=entities,
        placeholders=kinds,
        pattern=table.pattern("pattern", group="value"),
        answer=table.pattern("answer", group="value"),
        required=table.flag("required", True),
        default=table.text("default", required=False),
    )
    if not (entities or kinds or argument.pattern or argument.answer):
        table.wrong("", "is filled from nothing: give entities, placeholders, pattern or answer")
    if argument.required and argument.default is not None:
        table.wrong("default", "is for an argument with required = false")
    table.done()
    return argument


def _limit(table: Table, arguments: tuple[Argument, ...]) -> Limit | None:
    told = table.table("limit")
    if told is None:
        return None
    name = told.text("argument") or ""
    if not any(one.name == name and one.form == "money" and one.required for one in arguments):
        told.wrong("argument", 'must name a required argument of form = "money"')
    most: dict[str, Decimal] = {}
    for currency, written in told.rest().items():
        try:
            most[currency] = Decimal(str(written))
        except InvalidOperation:
            told.wrong(currency, 'must be an amount such as "2000.00"')
        # A TOML float has been rounded to binary already.
        if isinstance(written, float) or not most[currency].is_finite() or most[currency] < 0:
            told.wrong(currency, 'must be an amount in quotes such as "2000.00"')
        if not _CURRENCY.fullmatch(currency):
            told.wrong(currency, "must be an ISO 4217 code such as CNY")
    if not most:
        told.wrong("", 'must say how much in each currency, such as CNY = "2000"')
    return Limit(name, most)


def _words(
    table: Table, result: tuple[str, ...], values: set[str], languages: tuple[str, ...]
) -> dict[str, dict[str, Mapping[str, str]]]:
    """The wording of coded result fields; it may show other values, but no worded ones."""
    told = table.tables("words")
    words: dict[str, dict[str, Mapping[str, str]]] = {}
    for field, codes in told.items():
        if field not in result:
            codes.wrong("", "words a field that is not in result")
        words[field] = {code: codes.by_language(code, languages) for code in codes.entries()}
        for code, sentences in words[field].items():
            for sentence in sentences.values():
                _check(codes, code, sentence, values - set(told))
    return words


def _wording(
    table: Table, shared: Mapping[str, Mapping[str, Any]], known: set[str], values: set[str]
) -> dict[str, Wording]:
    told = table.tables("wording")
    wording = {}
    for language, common in shared.items():
        if language not in told:
            table.wrong("wording", f"has nothing in {language!r}: add wording.{language}.done")
        own = told.pop(language)
        refusals = own.texts("refusals")
        given = {**common, **own.rest()}
        for name in (*_OWN, *_SHARED):
            if name == "awaiting_approval" and table.given("approval") in (None, "never"):
                given.setdefault(name, "")
            if not isinstance(given.get(name), str):
                own.wrong(name, "must be a sentence, here or in the catalogue's own wording")
            # Before anything has come back there are arguments only.
            also = {"label", "candidates"} if name == "which" else set()
            _check(own, name, given[name], (values if name == "done" else known) | also)
        for code, sentence in refusals.items():
            _check(own, f"refusals.{code}", sentence, known)
        if unknown := given.keys() - {*_OWN, *_SHARED}:
            own.wrong(min(unknown), f"is no sentence; there are {', '.join((*_OWN, *_SHARED))}")
        wording[language] = Wording(**given, refusals=refusals)
    for language, extra in told.items():
        extra.wrong("", f"the catalogue has no wording.{language} of its own: add it")
    return wording


def _check(table: Table, name: str, sentence: str, values: set[str]) -> None:
    try:
        unknown = templates.places(sentence) - values
    except ValueError as error:
        table.wrong(name, f"has {error}")
    if unknown:
        there = ", ".join(sorted(values)) or "nothing"
        table.wrong(name, f"shows {{{min(unknown)}}}, but what it may show is: {there}")
