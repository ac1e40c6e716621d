"""A ticket goes in at `ingest`, its reply comes out at `responses`, and a copy at `feedback`."""

import re
from typing import Any

import pytest

from shared import topics
from tests.e2e.home import ROOT
from tests.e2e.tickets import EN, ZH, ticket
from tests.e2e.wire import Wire, data, headers

KNOWLEDGE = ROOT / "services" / "generate" / "seed" / "knowledge"
PUBLIC = {
    "response_id", "ticket_id", "message_id", "decision", "text", "language", "confidence",
    "intent", "sentiment", "priority", "reasons", "citations", "recommendations", "evidence",
    "model_version", "policy_version", "propensity", "disclosure", "timings", "cost",
}  # fmt: skip
"""What is promised of every response; `handoff` and `action` come where they apply."""
UNANSWERABLE = {
    "en": "Which mushrooms can I pick in the forest behind my house in October?",
    "zh": "请问十月份屋后的树林里能采哪些蘑菇，哪些有毒？",
}
CJK = re.compile("[\u4e00-\u9fff]")


def customer(number: str, name: str) -> dict[str, str]:
    return {
        "customer_id": f"answers-{number}",
        "name": name,
        "email": f"someone.{number}@example.com",
        "phone": "+44 7700 900456",
    }


@pytest.mark.parametrize(
    ("language", "body", "name"), [("en", EN, "Emma Carver"), ("zh", ZH, "韩梅梅")]
)
async def test_a_question_gets_its_cited_answer_in_its_language(
    wire: Wire, language: str, body: str, name: str
) -> None:
    ticket_id = f"answer-{language}"
    who = customer(language, name)
    await wire.publish([ticket(ticket_id, body, customer=who, message_id="m1", channel="chat")])
    (reply,) = await wire.replies(ticket_id)
    response: dict[str, Any] = data(reply)

    assert response.keys() >= PUBLIC
    assert headers(reply)["ce_type"] == "careloop.response.generated.v1"
    assert (response["ticket_id"], response["message_id"]) == (ticket_id, "m1")
    assert (response["decision"], response["language"]) == ("answer", language)
    assert name in response["text"].splitlines()[0]
    assert response["disclosure"] in response["text"]
    assert bool(CJK.search(response["text"].replace(name, ""))) == (language == "zh")
    (citation,) = response["citations"]
    assert citation["quote"] in response["text"]
    assert citation["quote"] in section(citation["document"], citation["section"])
    assert response["timings"]["total"] > 0
    assert response["cost"]["llm_tokens"] == 0


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_what_nobody_can_answer_is_handed_over_with_everything_prepared(
    wire: Wire, language: str
) -> None:
    ticket_id = f"handoff-{language}"
    await wire.publish([ticket(ticket_id, UNANSWERABLE[language])])
    (reply,) = await wire.replies(ticket_id)
    response: dict[str, Any] = data(reply)

    assert response.keys() >= PUBLIC
    assert (response["decision"], response["language"]) == ("escalate", language)
    assert response["reasons"]
    assert response["handoff"]["queue"]
    assert UNANSWERABLE[language][:12] in response["handoff"]["summary"]
    assert response["citations"] == []


async def test_the_copy_on_feedback_is_the_same_response_without_the_person(wire: Wire) -> None:
    who = customer("copy", "Priya Nandan")
    body = f"{EN} Write to {who['email']} or call {who['phone']}. Priya Nandan"
    await wire.publish([ticket("copy", body, customer=who)])
    (reply,) = await wire.replies("copy")
    feedback = await wire.until(
        topics.FEEDBACK.name, lambda found: any(one.key == b"copy" for one in found)
    )
    (copy,) = [record for record in feedback if record.key == b"copy"]

    assert headers(copy)["ce_id"] == headers(reply)["ce_id"]
    assert "Hello Priya Nandan," in str(data(reply)["text"])
    assert "Hello [NAME_1]," in str(data(copy)["text"])
    asked = data(copy)["asked"]
    assert asked["text"].startswith(EN) and "[EMAIL_1]" in asked["text"]
    assert asked["vector"]["version"] and asked["intents"][0]["label"] == data(reply)["intent"]
    assert data(copy) == {**data(reply), "text": data(copy)["text"], "asked": asked}
    for personal in who.values():
        assert personal.encode() not in copy.value


async def test_one_trace_runs_from_the_upstream_through_all_five_workers(wire: Wire) -> None:
    upstream = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    sent = ticket("traced")._replace(headers=(("traceparent", upstream.encode()),))
    await wire.publish([sent, ticket("untraced")])
    await wire.replies("traced", "untraced")
    await wire.settled()
    spans: dict[bytes, list[str]] = {b"traced": [], b"untraced": []}
    for topic in ("classify", "personalize", "generate", "responses", "feedback"):
        for key, found in spans.items():
            (record,) = [one for one in await wire.read(topic) if one.key == key]
            found.append(headers(record)["traceparent"])

    assert {span.split("-")[1] for span in spans[b"traced"]} == {upstream.split("-")[1]}
    assert {span.split("-")[3] for span in spans[b"traced"]} == {"01"}
    # Four events of their own; `responses` and `feedback` have the same one.
    assert len({span.split("-")[2] for span in [upstream, *spans[b"traced"]]}) == 5
    assert len({span.split("-")[1] for span in spans[b"untraced"]}) == 1


def section(document: str, name: str) -> str:
    """What stands below the heading with that anchor, up to the next heading."""
    text = (KNOWLEDGE / document).read_text("utf-8")
    (_, *below) = re.split(rf"^## .*{{#{re.escape(name)}[ }}].*$", text, flags=re.MULTILINE)
    return below[0].partition("\n## ")[0]
