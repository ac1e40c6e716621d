"""What a language model writes is sent if it keeps to its facts; else the composer's words are."""

import pytest

from services.generate.current import Current
from services.generate.llm.brief import Brief, FailureReason, WriterFailed, Written
from shared.mongo import Mongo
from tests.component.generate.kit import handler_over, sent
from tests.unit.generate.kit import REFUND, ticket_event

OWN_WORDS = "It takes 3 working days until a refund is on your card."


class Model:
    """Writes this, or fails with that; notes what it was given."""

    def __init__(self, body: str | FailureReason) -> None:
        self._body = body
        self.briefs: list[Brief] = []

    async def write(self, brief: Brief) -> Written:
        self.briefs.append(brief)
        if isinstance(self._body, FailureReason):
            raise WriterFailed(self._body, tokens_in=7)
        return Written(self._body, ("passage",), 7, 5, 0.1, "a-model")

    def cost(self, outcome: Written | WriterFailed) -> dict[str, float]:
        return {"llm_tokens": float(outcome.tokens_in + outcome.tokens_out)}


async def test_a_body_that_keeps_to_its_facts_is_sent(mongo: Mongo, current: Current) -> None:
    model = Model(OWN_WORDS)
    (response,) = sent(await handler_over(mongo, current, writer=model).respond([ticket_event()]))
    assert (response.decision, response.written_by) == ("answer", "a-model")
    assert OWN_WORDS in response.text and REFUND.text not in response.text
    assert response.text.startswith("Hello,") and response.text.endswith(response.disclosure)
    assert response.cost["llm_tokens"] == 12
    (brief,) = model.briefs
    assert [REFUND.text in fact.text for fact in brief.facts] == [True]


@pytest.mark.parametrize(
    ("body", "noted", "tokens"),
    [
        ("It takes 2 working days until a refund is on your card.", "llm_rejected", 12),
        (FailureReason.TIMEOUT, "llm_failed", 7),
    ],
)
async def test_the_composer_writes_what_a_model_does_not(
    mongo: Mongo, current: Current, body: str | FailureReason, noted: str, tokens: float
) -> None:
    handler = handler_over(mongo, current, writer=Model(body))
    (response,) = sent(await handler.respond([ticket_event()]))
    assert (response.decision, response.written_by) == ("answer", "composer")
    assert REFUND.text in response.text
    assert (response.cost[noted], response.cost["llm_tokens"]) == (1.0, tokens)


async def test_a_model_is_not_asked_to_hand_over(mongo: Mongo, current: Current) -> None:
    model = Model(OWN_WORDS)
    event = ticket_event("I want a human", intent="human_agent")
    (response,) = sent(await handler_over(mongo, current, writer=model).respond([event]))
    assert (response.decision, model.briefs) == ("escalate", [])
