"""What a model answered, read and checked. Pure."""

import re
from dataclasses import dataclass

from pydantic import ValidationError

from services.generate.llm import grounding
from services.generate.llm.brief import Brief, FailureReason, WriterFailed, Written
from services.generate.llm.prompt import Answer

MOST_CHARACTERS = 4_000
"""No reply of a service team is longer than two pages."""

_FENCED = re.compile(r"```(?:json)?\s*\n?(.*?)\n?\s*```", re.DOTALL | re.IGNORECASE)
_THOUGHT = re.compile(r"\s*<think>.*?</think>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Completion:
    """A model's own words, and what they took. `is_cut`: it reached its limit of tokens."""

    text: str
    tokens_in: int
    tokens_out: int
    seconds: float
    model: str
    is_cut: bool = False


def written(brief: Brief, completion: Completion, *, lenient: bool = False) -> Written:
    """The body in a completion, if it may be sent. Raises WriterFailed with its tokens.

    `lenient` looks for the JSON among other words, for models that cannot be held to a form; what
    is in it is checked all the same.
    """
    tokens_in, tokens_out = completion.tokens_in, completion.tokens_out
    try:
        if completion.is_cut:
            raise WriterFailed(FailureReason.TOO_LONG)
        answer = checked(_read(completion.text, lenient), brief)
    except WriterFailed as failed:
        raise failed.costing(tokens_in, tokens_out) from None
    return Written(
        answer.body, answer.used, tokens_in, tokens_out, completion.seconds, completion.model
    )


def checked(answer: Answer, brief: Brief) -> Answer:
    """The answer without invisible characters, each fact cited once. Raises WriterFailed."""
    body = grounding.visible(answer.body)
    if not body:
        raise WriterFailed(FailureReason.EMPTY)
    if len(body) > MOST_CHARACTERS:
        raise WriterFailed(FailureReason.TOO_LONG)
    used = tuple(dict.fromkeys(answer.used))
    facts = {fact.id: fact for fact in brief.facts}
    if any(cited not in facts for cited in used):
        raise WriterFailed(FailureReason.UNKNOWN_FACT)
    if facts and not used:
        raise WriterFailed(FailureReason.CITES_NOTHING)
    if reason := grounding.problem(body, (facts[cited] for cited in used), brief):
        raise WriterFailed(reason)
    return Answer(body=body, used=used)


def _read(text: str, lenient: bool) -> Answer:
    """The answer in the text. Raises WriterFailed: EMPTY, NOT_JSON or OFF_SCHEMA."""
    text = _THOUGHT.sub("", text, count=1).strip()
    if not text:
        raise WriterFailed(FailureReason.EMPTY)
    if fenced := _FENCED.fullmatch(text):
        text = fenced[1]
    elif lenient and "{" in text:
        text = text[text.index("{") : text.rfind("}") + 1]
    try:
        return Answer.model_validate_json(text)
    except ValidationError as error:
        is_json = all(problem["type"] != "json_invalid" for problem in error.errors())
        reason = FailureReason.OFF_SCHEMA if is_json else FailureReason.NOT_JSON
        raise WriterFailed(reason) from None
