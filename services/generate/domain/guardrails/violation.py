"""What can be wrong with a text."""

from dataclasses import dataclass
from enum import StrEnum


class Code(StrEnum):
    """Why a text must not be sent: a stable code."""

    UNGROUNDED_NUMBER = "ungrounded_number"
    UNGROUNDED_DATE = "ungrounded_date"
    UNGROUNDED_AMOUNT = "ungrounded_amount"
    UNGROUNDED_LINK = "ungrounded_link"
    UNGROUNDED_NAME = "ungrounded_name"
    PERSONAL_DATA = "personal_data"
    FORBIDDEN_PROMISE = "forbidden_promise"
    FALSE_IDENTITY = "false_identity"
    ASKS_FOR_SECRET = "asks_for_secret"
    ABUSE = "abuse"
    PROMPT_LEAK = "prompt_leak"
    WRONG_LANGUAGE = "wrong_language"
    TOO_LONG = "too_long"
    EMPTY = "empty"
    MARKUP = "markup"
    HIDDEN_CHARACTERS = "hidden_characters"


@dataclass(frozen=True, slots=True)
class Violation:
    """Characters `start` to `end` of the text, which are `token`, break a rule.

    The token may be personal data: log the code, not the token.
    """

    code: Code
    start: int
    end: int
    token: str


LONGEST_TOKEN = 80


def at(code: Code, text: str, start: int, end: int) -> Violation:
    """The violation at these characters; of a long one the token is its beginning."""
    return Violation(code, start, end, text[start : min(end, start + LONGEST_TOKEN)])
