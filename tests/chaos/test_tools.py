"""The tools of the fault tests: what counts as a difference, what is sent, what the table says."""

from datetime import UTC, datetime
from typing import Any

import orjson

from tests.chaos.compare import differences
from tests.chaos.hostile import KINDS, payloads
from tests.chaos.runner import FAULTS
from tests.chaos.stream import messages
from tests.chaos.table import Row, markdown


def held(collection: str = "generate.responses", **fields: Any) -> dict[str, Any]:
    return {collection: {"r1": {"_id": "r1", "decision": "answer", **fields}}}


def test_other_times_seals_and_places_are_no_difference() -> None:
    at, later = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)
    one = held(time=at, said="2026-01-01T10:00:00Z", seals=["a"], place="ingest/1/7")
    other = held(time=later, said="2027-01-01T10:00:00+00:00", seals=["b"], place="ingest/1/99")
    assert differences(one, other) == []


def test_another_decision_is_one_also_inside_stored_json() -> None:
    assert differences(held(), held(decision="escalate")) == [
        "generate.responses.r1.decision: answer is not escalate"
    ]
    one, other = (held(data=f'{{"text": "{text}", "timings": {{}}}}') for text in ("a", "b"))
    assert differences(one, other) == ["generate.responses.r1.data.text: a is not b"]


def test_a_document_too_many_and_one_too_few_are_told() -> None:
    assert len(differences(held(), {})) == len(differences({}, held())) == 1
    assert differences({"ingest.reports": {}}, {}) == []


def test_numbers_of_a_model_are_close_and_counts_are_equal() -> None:
    assert differences(held(confidence=0.5001), held(confidence=0.5009)) == []
    assert differences(held(confidence=0.50), held(confidence=0.51)) != []
    assert differences(held(turns=3), held(turns=4)) != []


def test_what_is_judged_by_times_counts_unless_times_were_others() -> None:
    one, other = held(verdict="good"), held(verdict="unknown")
    assert len(differences(one, other)) == 1
    assert differences(one, other, timed=True) == []


def test_a_seed_gives_the_same_payloads_again_and_another_gives_others() -> None:
    first = payloads(300, seed=1, files=["http://127.0.0.1:1/pdf"])
    assert first == payloads(300, seed=1, files=["http://127.0.0.1:1/pdf"])
    assert first != payloads(300, seed=2, files=["http://127.0.0.1:1/pdf"])
    assert max(len(one.value or b"") for one in first) > 10_000_000
    assert any(one.value is None for one in first)
    assert any(b"127.0.0.1:1/pdf" in (one.value or b"") for one in first)


def test_every_kind_of_payload_is_drawn() -> None:
    assert len(KINDS) == len({kind.__name__ for kind in KINDS}) > 15
    drawn = payloads(1_000, seed=1)
    assert len({one.value for one in drawn}) > 900


def test_a_stream_keeps_the_order_of_turns_and_one_in_so_many_is_broken() -> None:
    stream = messages(100, each=1, broken=20, seed=3)
    told = []
    for message in stream:
        try:
            told.append(orjson.loads(message.value or b""))
        except orjson.JSONDecodeError:
            continue
    assert len(stream) - len(told) == 5
    assert len({one["customer"]["customer_id"] for one in told}) == len(
        {one["ticket_id"] for one in told}
    )
    for ticket in {one["ticket_id"] for one in told}:
        turns = [one["message_id"] for one in told if one["ticket_id"] == ticket]
        assert turns == sorted(turns)


def test_faults_have_names_of_their_own_and_some_are_for_ci() -> None:
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)
    assert 3 <= sum(fault.brief for fault in FAULTS) < len(FAULTS)


def test_the_page_counts_what_held() -> None:
    rows = [
        Row("a", "dies", "2 in, 2 terminal", 1.4, "held"),
        Row("b", "x|y", "no\nt", 2, "FAILED"),
    ]
    page = markdown(rows, 7, "python -m tests.chaos")
    assert "seed 7: 1 of 2 held" in page
    assert "| a | dies | 2 in, 2 terminal | 1 | held |" in page
    assert "| b | x\\|y | no t | 2 | FAILED |" in page
