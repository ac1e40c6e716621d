"""Tickets full of personal data, and every place it must not get to.

It may stand on `ingest` and in its dead letters, where upstreams put it, sealed, and the name in
the greeting of the reply.
"""

import urllib.request
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote, unquote

import pytest
from aiokafka import ConsumerRecord

from deploy.system import WORKERS, System
from shared.events import FeedbackRated, InteractionRecorded, TicketReopened
from shared.topics import TOPICS
from tests.e2e.mongo import dump
from tests.e2e.tickets import EN, ZH, report, ticket
from tests.e2e.wire import Message, Wire, data

NAMES = ("Wilhelmina Ashcombe", "欧阳静茹")
REST = (
    "customer-of-ours-90817",
    "agent-of-ours-55512",
    "w.ashcombe@mail.example.com",
    "jingru.ouyang@mail.example.cn",
    "second.address@home.example.net",
    "billing-contact@firm.example.org",
    "+44 7911 123456",
    "13912345678",
    "(212) 555-0147",
    "010-62345678",
    "5555 5555 5555 4444",
    "6222021001116245702",
)
RESPONSES = "responses"
OURS = [name for name in TOPICS if name not in ("ingest", "ingest.dlq", RESPONSES)]


def people() -> Iterator[Message]:
    yield ticket(
        "personal-en",
        f"{EN}\nMy e-mail is {REST[2]}, or {REST[4]}. Call {REST[6]} or {REST[8]}.\n"
        f"The card was {REST[10]}.\n\nRegards,\n{NAMES[0]}",
        message_id="m1",
        subject=f"{NAMES[0]} <{REST[2]}> {REST[8]}",
        source=f"mail of {REST[2]}",
        channel=REST[8],
        customer={
            "customer_id": REST[0],
            "name": NAMES[0],
            "email": REST[2],
            "phone": REST[6],
        },
        metadata={"cc": REST[5], REST[4]: "yes", "callback": REST[8]},
        attachments=[
            {"url": f"https://files.example.com/scan.png?for={REST[2]}"},
            {"url": f"https://files.example.com/{quote(NAMES[0])}/{quote(REST[4], safe='')}"},
        ],
    )
    yield ticket(
        "personal-zh",
        f"{ZH} 我叫{NAMES[1]}，手机{REST[7]}，座机 {REST[9]}，邮箱{REST[3]}，银行卡{REST[11]}。",
        message_id="m1",
        customer={"customer_id": REST[0], "name": NAMES[1], "email": REST[3], "phone": REST[7]},
    )
    # Nobody's customer, and nothing we can read: these too go through logs and dead letters.
    yield ticket("personal-stranger", f"Write to {REST[2]}", customer={"email": REST[2]})
    yield ticket("personal-broken", {"text": REST[2]}, customer={"name": NAMES[0]})  # type: ignore[arg-type]
    yield Message(f'{{"ticket_id": "personal-cut", "body": "{REST[2]} {REST[10]}'.encode())


def reports(response_id: str) -> Iterator[Message]:
    """What is told about them afterwards, as private."""
    about = {"ticket_id": "personal-en", "customer_id": REST[0], "agent_id": REST[1]}
    said = f"I told {REST[2]} and {REST[7]}, card {REST[10]}"
    rated = {**about, "response_id": response_id, "rating": 4, "comment": said}
    yield report(FeedbackRated, "personal-1", rated)
    yield report(TicketReopened, "personal-2", {**about, "reason": said})
    viewed = {"customer_id": REST[0], "kind": "viewed", "item_id": "lamp"}
    yield report(InteractionRecorded, "personal-3", viewed)


@pytest.fixture
async def told(wire: Wire) -> dict[str, Any]:
    """All of it has gone through; returns the English reply."""
    await wire.publish(people())
    (reply,) = await wire.replies("personal-en")
    response = data(reply)
    await wire.publish(reports(str(response["response_id"])))
    await wire.settled()
    return response


async def test_it_leaves_no_trace_behind_ingest(
    told: dict[str, Any], system: System, wire: Wire
) -> None:
    for topic in OURS:
        records = await wire.read(topic)
        assert found_in(everything(records), *NAMES, *REST) == [], topic
    for topic in ("ingest.dlq", RESPONSES):
        records = await wire.read(topic)
        assert found_in(around(records), *NAMES, *REST) == [], topic
    for name, documents in dump(system.runtime.endpoints.mongo).items():
        assert found_in(map(str, documents.values()), *NAMES, *REST) == [], name


def test_no_worker_logs_or_counts_it(told: dict[str, Any], system: System) -> None:
    for name in WORKERS:
        worker = system.workers[name]
        log = worker.log.read_text()
        assert "ready" in log
        assert found_in([log], *NAMES, *REST) == [], name
        with urllib.request.urlopen(f"{worker.url}/metrics", timeout=5) as answer:
            assert found_in([answer.read().decode()], *NAMES, *REST) == [], name


async def test_the_reply_has_the_name_in_its_greeting_and_nothing_else(
    told: dict[str, Any], wire: Wire
) -> None:
    replies = await wire.read(RESPONSES)
    assert found_in(everything(replies), *REST) == []
    for ticket_id, name in (("personal-en", NAMES[0]), ("personal-zh", NAMES[1])):
        (reply,) = [data(one) for one in replies if one.key == ticket_id.encode()]
        greeting, _, rest = str(reply["text"]).partition("\n")
        assert name in greeting
        others = {field: value for field, value in reply.items() if field != "text"}
        assert found_in([rest, str(others)], *NAMES) == []


async def test_its_reports_arrived_all_the_same(told: dict[str, Any], wire: Wire) -> None:
    feedback = [data(one) for one in await wire.read("feedback") if one.key == b"personal-en"]
    comments = {str(one["comment"]) for one in feedback if "comment" in one}
    assert comments == {"I told [EMAIL] and [PHONE], card [CARD]"}
    assert any(one.get("reason") == comments.copy().pop() for one in feedback)


def everything(records: Iterable[ConsumerRecord]) -> Iterator[str]:
    for record in records:
        yield (record.value or b"").decode()
    yield from around(records)


def around(records: Iterable[ConsumerRecord]) -> Iterator[str]:
    """Keys and headers."""
    for record in records:
        yield (record.key or b"").decode(errors="replace")
        yield from (f"{name}: {value.decode()}" for name, value in record.headers)


def found_in(texts: Iterable[str], *personal: str) -> list[tuple[str, str]]:
    """Which personal data stands in the texts, however it is written, and around what."""
    found = []
    for text in texts:
        flat = flattened(text)
        for one in personal:
            at = flat.find(flattened(one))
            if at >= 0:
                found.append((one, flat[max(0, at - 80) : at + 80]))
    return found


def flattened(text: str) -> str:
    """Not escaped, in one case, and without what breaks up telephone and card numbers."""
    return "".join(char for char in unquote(text).casefold() if char not in " -()+")
