"""What goes on of a message, and what is stored."""

from datetime import UTC
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from services.ingest.handlers import IngestHandler
from shared.envelope import Event
from shared.events import (
    Consent,
    FeedbackRated,
    InteractionRecorded,
    Preferences,
    ResponseReviewed,
    TicketReopened,
    TicketResolved,
)
from shared.mongo import Mongo
from shared.sealing import KeyRing
from tests.component.ingest.kit import (
    NOON,
    SECRETS,
    contents,
    message,
    opened,
    read_at,
    ticket,
    written,
)


async def test_a_message_goes_on_clean_and_sealed(handler: IngestHandler) -> None:
    body = "<p>我是李雷，订单 20231105 还没到！</p><p>电话13812345678，x@y.cn</p>"
    event = message(1, body=body, source="zendesk", channel="email", metadata={"to": "x@y.cn"})
    (outcome,) = await handler.take([event])
    accepted = ticket(outcome)
    assert accepted.text == "我是[NAME_1],订单 20231105 还没到!\n\n电话[PHONE_1],[EMAIL_2]"
    assert opened(accepted) == {
        "[NAME_1]": "李雷",
        "[EMAIL_1]": "lei@example.com",
        "[PHONE_1]": "13812345678",
        "[EMAIL_2]": "x@y.cn",
        "CUSTOMER_ID": "C-77",
    }
    assert (accepted.language, accepted.turn, accepted.flags) == ("zh", 1, ())
    assert (accepted.source, accepted.channel) == ("zendesk", "email")
    assert accepted.metadata == {"to": "[EMAIL_2]"}
    assert accepted.customer_key
    assert accepted.created_at == accepted.received_at


async def test_who_the_customer_is_goes_on_as_the_desk_says(handler: IngestHandler) -> None:
    told = {
        "customer_id": "C-77",
        "identity": "verified",
        "consent": {"recommendations": True, "personalization": None},
        "preferences": {"tone": "friendly"},
        "attributes": {"Contract": "Two year", "tenure": 26, "contact": "lei@example.com"},
    }
    by_id, by_address, nobody = [
        ticket((await handler.take([message(number, f"T-{number}", customer=customer)]))[0])
        for number, customer in enumerate([told, {"email": "lei@example.com"}, None], start=1)
    ]
    assert [by_id.identity, by_address.identity, nobody.identity] == [
        "verified",
        "claimed",
        "unknown",
    ]
    assert by_id.consent == Consent(recommendations=True)
    assert by_id.preferences == Preferences(tone="friendly")
    assert by_id.attributes == {"Contract": "Two year", "tenure": "26", "contact": "[EMAIL_1]"}
    assert opened(by_id)["CUSTOMER_ID"] == "C-77"
    assert "CUSTOMER_ID" not in opened(by_address)
    assert nobody.sealed is None


async def test_redelivery_publishes_the_same_and_changes_nothing(
    handler: IngestHandler, mongo: Mongo
) -> None:
    wave = [
        message(1, "T-1", "我的电话13812345678"),
        message(2, "T-2", "mail a@b.co", message_id=None, created_at=NOON),
        message(3, "T-3", "", attachments=[{"url": "https://x.example/a.png"}]),
        read_at(TicketResolved(ticket_id="T-1", agent_id="A-1"), 4),
        read_at(FeedbackRated(ticket_id="T-1", customer_id="C-77", rating=2, comment="a@b.co"), 5),
        read_at(InteractionRecorded(kind="viewed", customer_id="C-77", item_id="i1"), 6),
    ]
    first = written(await handler.take(wave))
    stored = await contents(mongo)
    assert written(await handler.take(wave)) == first
    assert await contents(mongo) == stored
    assert all(first)


async def test_nothing_stored_or_published_holds_personal_data(
    handler: IngestHandler, mongo: Mongo
) -> None:
    outcomes = await handler.take(
        [
            message(1, body="李雷 13812345678 lei@example.com 4111111111111111 C-77"),
            read_at(
                FeedbackRated(ticket_id="T-1", customer_id="C-77", rating=1, comment="13812345678"),
                2,
            ),
            read_at(
                ResponseReviewed(
                    ticket_id="T-1",
                    response_id="r",
                    verdict="edited",
                    agent_id="A-9",
                    final_text="Dear lei@example.com",
                ),
                3,
            ),
            read_at(TicketReopened(ticket_id="T-1", reason="call 138 1234 5678"), 4),
        ]
    )
    everything = repr(await contents(mongo)) + repr(written(outcomes))
    for secret in ("李雷", "1234567", "1234 5678", "lei@example", "41111111", "A-9"):
        assert secret not in everything
    assert '"C-77"' not in everything


async def test_a_body_that_was_cut_is_kept_whole_and_sealed(
    handler: IngestHandler, mongo: Mongo
) -> None:
    body = "late parcel, call 13812345678 " * 4_000
    accepted = ticket((await handler.take([message(1, body=body)]))[0])
    assert accepted.flags == ("body_truncated",)
    stored = await contents(mongo)
    assert "13812345678" not in repr(stored)
    ring = KeyRing.parse(SECRETS["SEALING_KEYS"])
    assert ring.open(stored["messages"][0]["whole"], "T-1") == {"body": body}
    short = message(2, body="short")
    await handler.take([short])
    assert (await contents(mongo))["messages"][1]["whole"] is None


async def test_what_attachments_say_goes_on(handler: IngestHandler, mongo: Mongo) -> None:
    async def note(_: web.Request) -> web.Response:
        return web.Response(text="call 13812345678 about order 20231105")

    app = web.Application()
    app.add_routes([web.get("/note.txt", note)])
    async with TestServer(app) as server:
        files = [
            {"url": str(server.make_url("/note.txt")), "media_type": "text/plain"},
            {"url": str(server.make_url("/photo.png")), "media_type": "image/png"},
            {"url": "https://elsewhere.example/a.txt"},
        ]
        event = message(1, body="", attachments=files)
        (outcome,) = await handler.take([event])
    accepted = ticket(outcome)
    statuses = [file.status for file in accepted.attachments]
    assert statuses == ["read", "type_not_read", "host_not_allowed"]
    assert accepted.attachments[0].text == "call [PHONE_1] about order 20231105"
    assert accepted.text == "call [PHONE_1] about order 20231105"
    assert accepted.flags == ("attachments_not_read", "text_from_attachments")
    assert "13812345678" not in repr(await contents(mongo))
    assert written(await handler.take([event])) == written([outcome]), "the server is gone by now"


async def test_the_last_turns_travel_along(handler: IngestHandler) -> None:
    bodies = [f"step {number}, mail a{number}@b.co" for number in range(6)]
    events = [message(number, body=body) for number, body in enumerate(bodies)]
    first = [ticket((await handler.take([event]))[0]) for event in events]
    assert first[0].history == ()
    assert [past.turn for past in first[5].history] == [2, 3, 4, 5]
    assert first[5].history[-1].text == first[4].text == "step 4, mail [EMAIL_6]"


async def test_a_message_without_id_is_known_by_its_content(handler: IngestHandler) -> None:
    def bare(offset: int, body: str) -> Event[Any]:
        return message(offset, body=body, message_id=None, created_at=NOON)

    (first,) = await handler.take([bare(1, "hello")])
    (resent,) = await handler.take([bare(2, "hello")])
    (other,) = await handler.take([bare(3, "hello?")])
    assert resent.publish == ()
    assert ticket(other).message_id != ticket(first).message_id
    assert (ticket(first).turn, ticket(other).turn) == (1, 2)


async def test_follow_ups_keep_their_turn_and_placeholders(handler: IngestHandler) -> None:
    bodies = ["我的电话13987654321", "ok", "打13987654321或13611112222", "好的"]
    events = [message(number, body=body) for number, body in enumerate(bodies)]
    first = [ticket((await handler.take([event]))[0]) for event in events]
    assert [accepted.turn for accepted in first] == [1, 2, 3, 4]
    assert [accepted.language for accepted in first] == ["zh"] * 4
    assert first[0].text == "我的电话[PHONE_2]"
    assert first[2].text == "打[PHONE_2]或[PHONE_3]"
    assert opened(first[2])["[PHONE_2]"] == "13987654321"
    assert [ticket((await handler.take([event]))[0]) for event in reversed(events)] == first[::-1]


async def test_what_is_remembered_expires(handler: IngestHandler, mongo: Mongo) -> None:
    await handler.take([message(1), read_at(TicketResolved(ticket_id="T-1"), 2)])
    await handler.take([read_at(message(1).data, 3)])
    for name, documents in (await contents(mongo)).items():
        indexes = await mongo.database[name].index_information()
        assert indexes["expires_at_1"]["expireAfterSeconds"] == 0
        assert all(document["expires_at"].astimezone(UTC) > NOON for document in documents)
