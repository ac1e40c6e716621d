"""Arguments of an action, from what a message says and what the ticket said before."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from services.generate.domain.actions.catalogue import LONGEST_READ, Action, Argument, Form
from services.generate.domain.actions.money import Money
from shared.events import Entity

LONGEST_VALUE = 64
MOST_CANDIDATES = 5
PLACEHOLDER = re.compile(r"\[([A-Z]{2,12})_[0-9]{1,9}\]")
_PERIOD = re.compile(r"P([0-9]{1,4})([MY])")


@dataclass(frozen=True, slots=True)
class Known:
    """What earlier messages of the ticket told, and what the customer was asked for last."""

    arguments: Mapping[str, str] = field(default_factory=dict)
    asked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Filled:
    """The arguments so far. `missing` are required and not known; of `ambiguous` ones several
    values were said, and none is taken. `answered`: the message said something it was asked for.
    """

    arguments: Mapping[str, str]
    missing: tuple[str, ...] = ()
    ambiguous: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    answered: bool = False

    @property
    def is_complete(self) -> bool:
        return not self.missing and not self.ambiguous

    @property
    def to_ask(self) -> tuple[str, ...]:
        """The arguments the customer is to be asked for."""
        return (*self.missing, *self.ambiguous)


def fill(
    action: Action, text: str, entities: Sequence[Entity], known: Known | None = None
) -> Filled:
    """What the action can be told now; offsets of entities count characters of `text`.

    A known value stays what it is unless it was asked for. Where an action changes something and
    the message says another value for it, unasked, neither is taken: the customer may have
    corrected it, and money is not moved on a guess.
    """
    known = known or Known()
    text = text[:LONGEST_READ]
    arguments: dict[str, str] = {}
    ambiguous: dict[str, tuple[str, ...]] = {}
    answered = False
    for argument in action.arguments:
        asked = argument.name in known.asked
        said = _said(argument, text, entities, asked=asked)
        before = known.arguments.get(argument.name)
        answered = answered or (asked and bool(said))
        if before is not None and not asked:
            if action.reads_only or not said or before in said:
                arguments[argument.name] = before
            else:
                ambiguous[argument.name] = (before, *said)[:MOST_CANDIDATES]
        elif len(said) == 1:
            arguments[argument.name] = said[0]
        elif said:
            ambiguous[argument.name] = said
        elif argument.default is not None:
            arguments[argument.name] = argument.default
    missing = tuple(
        argument.name
        for argument in action.arguments
        if argument.required and argument.name not in arguments and argument.name not in ambiguous
    )
    return Filled(arguments, missing, ambiguous, answered)


def _said(
    argument: Argument, text: str, entities: Sequence[Entity], *, asked: bool
) -> tuple[str, ...]:
    """The different values the message has for it, of the first source that has any."""
    for source in _sources(argument, text, entities, asked):
        values = dict.fromkeys(
            value for value in source if value is not None and len(value) <= LONGEST_VALUE
        )
        if values:
            return tuple(values)[:MOST_CANDIDATES]
    return ()


def _sources(
    argument: Argument, text: str, entities: Sequence[Entity], asked: bool
) -> Iterator[Iterator[str | None]]:
    if argument.pattern is not None:
        yield (_written(match["value"], argument.form) for match in argument.pattern.finditer(text))
    for kind in argument.entities:
        yield (_of_entity(entity, argument.form) for entity in entities if entity.type == kind)
    for kind in argument.placeholders:
        yield (match[0] for match in PLACEHOLDER.finditer(text) if match[1] == kind)
    if asked and argument.answer is not None:
        # A date in the answer is no order number.
        taken = [(one.start, one.end) for one in entities if one.type not in argument.entities]
        yield (
            _written(match["value"], argument.form)
            for match in argument.answer.finditer(text)
            if not any(match.start("value") < end and start < match.end() for start, end in taken)
        )


def _of_entity(entity: Entity, form: Form) -> str | None:
    written = f"{entity.value} {entity.unit}" if form == "money" else entity.value
    return _written(written, form)


def _written(value: str, form: Form) -> str | None:
    """The value in its form, or None if it has none in it. A placeholder stays one."""
    if PLACEHOLDER.fullmatch(value):
        return value
    if form == "money":
        money = Money.parse(value)
        return None if money is None else str(money)
    if form == "months":
        period = _PERIOD.fullmatch(value)
        return None if period is None else str(int(period[1]) * {"M": 1, "Y": 12}[period[2]])
    if form == "code":
        return re.sub(r"[^A-Z0-9]", "", value.upper()) or None
    return " ".join(value.split()) or None
