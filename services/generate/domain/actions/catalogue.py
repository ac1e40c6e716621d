"""The catalogue: every action careloop may carry out, as the company wrote it down."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, get_args

from services.generate.domain.entries import primary

Identity = Literal["unknown", "claimed", "verified"]
"""As in the contract, the surer the later."""
Approval = Literal["never", "above_limit", "always"]
Form = Literal["text", "code", "money", "months"]
"""How a value is written: as it stands; letters and digits only, upper case; `500.00 CNY`; a
whole number of months."""

IDENTITIES: tuple[Identity, ...] = get_args(Identity)
APPROVALS: tuple[Approval, ...] = get_args(Approval)
FORMS: tuple[Form, ...] = get_args(Form)
FALLBACK = "en"
"""The language of a sentence where there is none in the customer's."""

LONGEST_READ = 2_000
"""Characters of a message that are searched for a wish: it stands at the beginning, or nowhere."""


class CatalogueError(Exception):
    """A catalogue that cannot be used: what is wrong, where, and how to mend it."""


@dataclass(frozen=True, slots=True)
class Argument:
    """Something the action needs to be told, and where in a message it is looked for, in this
    order: `pattern` (its group `value`), `entities` of these types, `placeholders` of these kinds,
    and, in the answer to a question for it, `answer` (group `value`).

    `label` is its name and `ask` the question for it, by language. `default` is for one that is
    not required.
    """

    name: str
    label: Mapping[str, str]
    ask: Mapping[str, str]
    form: Form = "text"
    entities: tuple[str, ...] = ()
    placeholders: tuple[str, ...] = ()
    pattern: re.Pattern[str] | None = None
    answer: re.Pattern[str] | None = None
    required: bool = True
    default: str | None = None


@dataclass(frozen=True, slots=True)
class Limit:
    """Up to how much, the limit included, the action is carried out without asking a person.

    `argument` holds the amount; `most` is the limit by currency. A currency not named is unknown
    here: nothing in it is ever carried out.
    """

    argument: str
    most: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class Wording:
    """One language's sentences, with places such as `{order}` for arguments and result fields.

    `done` and `awaiting_approval` are the action's own; `refused` is for a reason that `refusals`
    has no sentence for; `not_sent` and `unsure` are for a failure after which surely nothing, or
    possibly something, has happened; `asking` opens a question, `which` asks for the right one of
    `{candidates}` of an argument's `{label}`; `verify` asks to log in.
    """

    done: str
    awaiting_approval: str
    refused: str
    not_sent: str
    unsure: str
    asking: str
    which: str
    verify: str
    refusals: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Action:
    """One thing careloop may do.

    It is wished for by a message of one of its `intents` in which one of `cues` and none of
    `unless` is found. `identity` is the least it takes to have it done. `result` are the fields
    that the company's system answers with, `words` the wording of coded ones: by field, by code, by
    language. `reads_only`: it changes nothing.
    """

    name: str
    intents: tuple[str, ...]
    cues: tuple[re.Pattern[str], ...]
    unless: tuple[re.Pattern[str], ...]
    identity: Identity
    approval: Approval
    limit: Limit | None
    reads_only: bool
    arguments: tuple[Argument, ...]
    result: tuple[str, ...]
    words: Mapping[str, Mapping[str, Mapping[str, str]]]
    wording: Mapping[str, Wording]

    def argument(self, name: str) -> Argument:
        """Raises KeyError when it has none of that name."""
        for argument in self.arguments:
            if argument.name == name:
                return argument
        raise KeyError(name)

    def language(self, language: str) -> str:
        """The language it is spoken of in to a customer of this one."""
        return primary(language) if primary(language) in self.wording else FALLBACK

    def is_asked_for(self, text: str) -> bool:
        """Whether the words of a message ask for it, rather than about it."""
        text = text[:LONGEST_READ]
        return any(cue.search(text) for cue in self.cues) and not self.is_spoken_against(text)

    def is_spoken_against(self, text: str) -> bool:
        """Whether the message has words that say that something else is meant."""
        return any(pattern.search(text[:LONGEST_READ]) for pattern in self.unless)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All actions, the one to be tried first first. One of `withdrawn` is found in an answer that
    takes the wish back."""

    actions: tuple[Action, ...] = ()
    withdrawn: tuple[re.Pattern[str], ...] = ()

    def for_intent(self, intent: str) -> tuple[Action, ...]:
        """The actions that messages of this intent may ask for."""
        return tuple(action for action in self.actions if intent in action.intents)

    def is_withdrawn(self, text: str) -> bool:
        """Whether the words of an answer take the wish back."""
        return any(pattern.search(text[:LONGEST_READ]) for pattern in self.withdrawn)

    def named(self, name: str) -> Action | None:
        """None for one that was taken out since."""
        return next((action for action in self.actions if action.name == name), None)
