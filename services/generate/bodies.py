"""What language models write: the middle of a letter whose facts are given."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Literal, Protocol

from services.generate.case import Case
from services.generate.domain import composer
from services.generate.domain.actions.orders import Result
from services.generate.domain.composer import Letter
from services.generate.domain.entries import primary
from services.generate.llm import prompt
from services.generate.llm.brief import Brief, Fact, WriterFailed, Written
from services.generate.writing import Body
from shared import log

logger = log.get(__name__)
_WRITTEN = frozenset({"answer", "act", "draft"})
_LANGUAGES: Mapping[str, Literal["zh", "en"]] = {"zh": "zh", "en": "en"}


class GuardedWriter(Protocol):
    """A language model within its limits, that knows what it costs."""

    async def write(self, brief: Brief) -> Written:
        """Raises WriterFailed."""

    def cost(self, outcome: Written | WriterFailed) -> dict[str, float]:
        """The entries of a response's `cost`."""


class Bodies:
    """Has the replies of a wave written, all at once; without a writer the composer writes all."""

    def __init__(self, writer: GuardedWriter | None) -> None:
        self._writer = writer

    async def of(self, cases: Sequence[Case], results: Mapping[int, Result]) -> dict[int, Body]:
        """By the case's place, for those that a model was asked about. Never raises for what a
        model or its server does: a body without text leaves the words to the composer."""
        if self._writer is None:
            return {}
        briefs = {place: brief_of(case, results.get(place)) for place, case in enumerate(cases)}
        asked = {place: brief for place, brief in briefs.items() if brief is not None}
        written = await asyncio.gather(
            *(
                self._written(self._writer, brief, cases[place].event.data.ticket.ticket_id)
                for place, brief in asked.items()
            )
        )
        return dict(zip(asked, written, strict=True))

    async def _written(self, writer: GuardedWriter, brief: Brief, ticket_id: str) -> Body:
        try:
            found = await writer.write(brief)
        except WriterFailed as failed:
            logger.info("the composer writes instead", why=failed.reason.value, ticket_id=ticket_id)
            return Body(None, "composer", {**writer.cost(failed), "llm_failed": 1.0})
        return Body(found.body, found.model, writer.cost(found), prompt.told(brief))


def brief_of(case: Case, result: Result | None) -> Brief | None:
    """What a model is to write; None where there is nothing to say in one's own words.

    Questions and news of an action that was not carried out go out word by word: there a friendly
    variation may change what was promised.
    """
    verdict, message = case.verdict, case.message
    language = _LANGUAGES.get(primary(message.language))
    is_done = result is not None and result.status == "done"
    if verdict.decision not in _WRITTEN or language is None or (result and not is_done):
        return None
    if verdict.entry is None and not is_done:
        return None
    draft = composer.body(message, verdict, Letter(False, done=result))
    facts = [Fact("action", draft)] if is_done else []
    if verdict.entry is not None:
        facts.append(Fact("passage", f"{verdict.entry.heading}\n{verdict.entry.text}"))
    manner = message.background.manner
    return Brief(
        language=language,
        customer_text=message.text,
        facts=tuple(facts),
        draft=draft,
        tone=manner.tone,
        brief=manner.brief,
        empathy_first=manner.empathy_first,
    )
