"""What a language model is asked to write, and what comes back. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, Protocol, Self


@dataclass(frozen=True, slots=True)
class Fact:
    """A passage of the knowledge base or the result of an action, under an id to cite it by."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Brief:
    """The body between greeting and closing: both of these are fixed phrases, never written here.

    `facts` are all that may be stated; `draft` is what the composer would write, `customer_text`
    what is answered, without personal data. `brief` asks for few words, `empathy_first` for a word
    on the customer's trouble before anything else.
    """

    language: Literal["zh", "en"]
    customer_text: str
    facts: tuple[Fact, ...]
    draft: str
    tone: Literal["formal", "friendly"] = "formal"
    brief: bool = False
    empathy_first: bool = False


@dataclass(frozen=True, slots=True)
class Written:
    """A body that passed every check, the ids of the facts it used, and what it took."""

    body: str
    used: tuple[str, ...]
    tokens_in: int
    tokens_out: int
    seconds: float
    model: str


class FailureReason(StrEnum):
    """Why there is no body. The values are stable: they are labels of a metric."""

    TIMEOUT = "timeout"
    RATE_LIMITED = "rate_limited"
    SERVER_ERROR = "server_error"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    """The server says no: a wrong key, model or request."""
    DECLINED = "declined"
    """The model says no, or a content filter does."""
    NOT_JSON = "not_json"
    OFF_SCHEMA = "off_schema"
    EMPTY = "empty"
    TOO_LONG = "too_long"
    """The body is, or the model was cut off at its limit, or the prompt does not fit."""
    CITES_NOTHING = "cites_nothing"
    UNKNOWN_FACT = "unknown_fact"
    """A fact is cited that was not given."""
    UNFOUNDED = "unfounded"
    """A number, amount, address or placeholder stands in none of the cited facts."""
    ECHOES_CUSTOMER = "echoes_customer"
    """The customer's words come back as the company's: what an injected instruction looks like."""
    WRONG_LANGUAGE = "wrong_language"
    CIRCUIT_OPEN = "circuit_open"
    BUDGET_SPENT = "budget_spent"
    BUSY = "busy"
    INTERNAL = "internal"
    """Something unforeseen: the log says where."""


class WriterFailed(Exception):
    """No body. The tokens were used nonetheless; `retry_after` are seconds the server asks to wait.

    Its text is the reason alone: what a model or server said may quote a message or a key.
    """

    def __init__(
        self,
        reason: FailureReason,
        *,
        tokens_in: int = 0,
        tokens_out: int = 0,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.tokens_in = tokens_in
        self.tokens_out = tokens_out
        self.retry_after = retry_after

    def costing(self, tokens_in: int, tokens_out: int) -> Self:
        """The same failure of an answer that took so many tokens."""
        return type(self)(
            self.reason, tokens_in=tokens_in, tokens_out=tokens_out, retry_after=self.retry_after
        )


class Writer(Protocol):
    """A language model, wherever it runs."""

    async def write(self, brief: Brief) -> Written:
        """The body of one reply. Raises WriterFailed, and nothing else."""
