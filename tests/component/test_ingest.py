"""Ingest's handler over the real database: every example twice, races and crashes included."""

import json
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from prometheus_client import REGISTRY

from services.ingest.attachments.addresses import AllowedHosts
from services.ingest.attachments.http import HttpAttachments, Limits
from services.ingest.domain.reading import Rules
from services.ingest.handlers import IngestHandler, Stores
from services.ingest.keys import Keys, fresh
from services.ingest.main import rules_of
from services.ingest.mongo import MongoMessages, MongoReports
from services.ingest.ports import Accepted
from services.ingest.settings import Settings
from shared import topics
from shared.envelope import Event, Position, encode, new_event
from shared.errors import InvalidEvent, TemporaryError
from shared.events import (
    FeedbackRated,
    InteractionRecorded,
    Payload,
    ResponseReviewed,
    Ticket,
    TicketAccepted,
    TicketReceived,
    TicketReopened,
    TicketResolved,
)
from shared.mongo import Mongo
from shared.outcome import Outcome
from shared.sealing import KeyRing

NOON = datetime(2026, 11, 23, 12, 0, 0, 123456, tzinfo=UTC)
SECRETS = fresh()
REMEMBER = timedelta(days=90)
WINDOW = timedelta(minutes=10)
LEI = {"customer_id": "C-77", "name": "李雷", "email": "lei@example.com", "phone": "13812345678"}


class Killed(BaseException):
    """The process ends here: nothing after it is carried out, nothing catches it."""


class Clock:
    """Later at every look, so that anything made twice would differ."""

    def __init__(self) -> None:
        self.time = NOON

    def __call__(self) -> datetime:
        self.time += timedelta(seconds=1, microseconds=7)
        return self.time


@pytest.fixture(scope="module")
def rules() -> Rules:
    return rules_of(Settings())


@pytest.fixture
async def mongo(mongo_url: str) -> AsyncIterator[Mongo]:
    mongo = Mongo(mongo_url, f"ingest_{uuid.uuid4().hex}")
    await MongoMessages(mongo, REMEMBER, WINDOW).create_indexes()
    await MongoReports(mongo, REMEMBER).create_indexes()
    yield mongo
    await mongo.database.client.drop_database(mongo.database.name)
    await mongo.close()


@pytest.fixture
def handler(mongo: Mongo, rules: Rules) -> IngestHandler:
    return process(MongoMessages(mongo, REMEMBER, WINDOW), mongo, rules)


def process(
    messages: MongoMessages, mongo: Mongo, rules: Rules, now: Callable[[], datetime] | None = None
) -> IngestHandler:
    """One process of the worker."""
    keys = Keys.of(Settings(**{name.lower(): value for name, value in SECRETS.items()}))  # type: ignore[arg-type]
    files = HttpAttachments(AllowedHosts(("127.0.0.1",), plain_http=True, private=True), Limits())
    stores = Stores(messages, MongoReports(mongo, REMEMBER), files)
    return IngestHandler(stores, keys, rules, now=now or Clock())


def read_at(data: Payload, offset: int, event_id: str | None = None) -> Event[Any]:
    """The event as the loop reads it: its time is that of the reading."""
    cause = event_id or f"ingest/0/{offset}"
    event = new_event(data, cause=cause, source="/desk", now=NOON + timedelta(hours=offset))
    position = Position("ingest", 0, offset)
    return Event(event.id, event.source, event.time, event.traceparent, data, position)


def message(offset: int, ticket: str = "T-1", body: str | None = None, **more: Any) -> Event[Any]:
    given = {
        "ticket_id": ticket,
        "message_id": f"m{offset}",
        "body": f"where is parcel {offset}" if body is None else body,
        "customer": LEI,
        **more,
    }
    return read_at(TicketReceived.model_validate(given), offset)


async def contents(mongo: Mongo) -> dict[str, list[Any]]:
    """Every document of every collection."""
    names = await mongo.database.list_collection_names()
    return {name: await mongo.database[name].find().sort("_id").to_list(None) for name in names}


def written(outcomes: Sequence[Outcome]) -> list[Any]:
    """What would be on the wire."""
    return [
        [(out.topic.name, *encode(out.event)) for out in outcome.publish] for outcome in outcomes
    ]


def ticket(outcome: Outcome) -> Ticket:
    assert outcome.error is None
    (outgoing,) = outcome.publish
    assert outgoing.topic is topics.CLASSIFY
    assert isinstance(outgoing.event.data, TicketAccepted)
    return outgoing.event.data.ticket


def opened(accepted: Ticket) -> dict[str, str]:
    ring = KeyRing.parse(SECRETS["SEALING_KEYS"])
    return ring.open(accepted.sealed or "", accepted.ticket_id)


def duplicates() -> float:
    return REGISTRY.get_sample_value("careloop_duplicates_total") or 0.0


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
    }
    assert (accepted.language, accepted.turn, accepted.flags) == ("zh", 1, ())
    assert (accepted.source, accepted.channel) == ("zendesk", "email")
    assert accepted.metadata == {"to": "[EMAIL_2]"}
    assert accepted.customer_key
    assert accepted.created_at == accepted.received_at


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


async def test_the_same_message_in_another_envelope_is_a_duplicate_counted_once(
    handler: IngestHandler, mongo: Mongo
) -> None:
    await handler.take([message(1)])
    before, stored = duplicates(), await contents(mongo)
    again = read_at(message(1).data, 7)
    for _ in range(2):
        (outcome,) = await handler.take([again])
        assert (outcome.publish, outcome.error) == ((), None)
    assert duplicates() == before + 1
    now_stored = await contents(mongo)
    (duplicate,) = now_stored.pop("duplicates")
    assert duplicate["_id"] == "ingest/0/7"
    assert duplicate["original"] == stored["messages"][0]["_id"]
    stored.pop("duplicates", None)
    assert now_stored == stored


async def test_a_resent_message_with_more_about_its_customer_is_still_a_duplicate(
    handler: IngestHandler,
) -> None:
    await handler.take([message(1, customer={"customer_id": "C-77"})])
    data = message(1, metadata={"retry": "2"}).data
    (outcome,) = await handler.take([read_at(data, 2)])
    assert (outcome.publish, outcome.error) == ((), None)


async def test_another_message_under_the_same_id_is_refused(
    handler: IngestHandler, mongo: Mongo
) -> None:
    neighbour = message(3, "T-3")
    await handler.take([message(1)])
    stored = await contents(mongo)
    for _ in range(2):
        bad, good = await handler.take(
            [read_at(message(1, body="secret words").data, 2), neighbour]
        )
        assert isinstance(bad.error, InvalidEvent)
        assert (bad.error.code, bad.error.field) == ("message_id.conflict", "message_id")
        assert "secret" not in str(bad.error)
        assert good.error is None
    kept = [doc for doc in (await contents(mongo))["messages"] if doc["ticket_id"] == "T-1"]
    assert kept == stored["messages"]


async def test_the_same_content_of_the_same_customer_gets_no_second_response(
    handler: IngestHandler, mongo: Mongo
) -> None:
    say = "my parcel is late"
    (first,) = await handler.take([message(1, "T-1", say)])
    before = duplicates()
    again = message(2, "T-2", say)
    for _ in range(2):
        assert [o.publish for o in await handler.take([again])] == [()]
    assert duplicates() == before + 1
    stored = await contents(mongo)
    (duplicate,) = stored["duplicates"]
    assert duplicate["original"] == stored["messages"][0]["_id"]
    assert [thread["_id"] for thread in stored["threads"]] == ["T-1"]
    others = [
        message(3, "T-3", say, customer={"customer_id": "C-78"}),
        message(4, "T-4", "my parcel is lost"),
        message(5, "T-5", "ok"),
        message(6, "T-5", "ok"),
        message(7, "T-7", say, customer={}),
    ]
    assert all(o.publish for o in await handler.take(others))
    assert written(await handler.take([message(1, "T-1", say)])) == written([first])


async def test_the_same_content_twice_in_one_wave_goes_on_once(handler: IngestHandler) -> None:
    first, second = await handler.take([message(n, "T-1", "twice the same") for n in (1, 2)])
    assert first.publish
    assert (second.publish, second.error) == ((), None)


async def test_after_the_window_the_same_content_is_a_new_message(
    mongo: Mongo, rules: Rules
) -> None:
    messages = MongoMessages(mongo, REMEMBER, WINDOW)
    later = NOON + WINDOW + timedelta(seconds=1)
    early, late = (
        process(messages, mongo, rules, now=lambda time=time: time)  # type: ignore[misc]
        for time in (NOON, later)
    )
    say = "my parcel is late"
    await early.take([message(1, "T-1", say)])
    duplicate = message(2, "T-2", say)
    assert (await early.take([duplicate]))[0].publish == ()
    assert (await late.take([duplicate]))[0].publish == (), "read again, it stays a duplicate"
    assert ticket((await late.take([message(3, "T-3", say)]))[0]).turn == 1
    assert (await late.take([message(4, "T-4", say)]))[0].publish == ()


async def test_one_of_two_processes_wins_the_same_content(
    handler: IngestHandler, mongo: Mongo, rules: Rules
) -> None:
    say = "my parcel is late"

    class Overtaken(MongoMessages):
        async def find(self, keys: Sequence[str], ticket_ids: Sequence[str]) -> Any:
            found = await super().find(keys, ticket_ids)
            await handler.take([message(2, "T-2", say)])
            return found

    slow = process(Overtaken(mongo, REMEMBER, WINDOW), mongo, rules)
    assert (await slow.take([message(1, "T-1", say)]))[0].publish == ()


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


async def test_process_killed_between_its_writes_loses_and_repeats_nothing(
    handler: IngestHandler, mongo: Mongo, rules: Rules
) -> None:
    class Dying(MongoMessages):
        async def add(self, accepted: Sequence[Accepted]) -> set[str]:
            raise Killed

    first, second = message(1), message(2, body="mail x@y.cn")
    await handler.take([first])
    with pytest.raises(Killed):
        await process(Dying(mongo, REMEMBER, WINDOW), mongo, rules).take([second])
    (outcome,) = await handler.take([second])
    accepted = ticket(outcome)
    assert (accepted.turn, accepted.text) == (2, "mail [EMAIL_2]")
    stored = await contents(mongo)
    assert written(await handler.take([second])) == written([outcome])
    assert await contents(mongo) == stored
    assert ticket((await handler.take([message(3)]))[0]).turn == 3


async def test_two_processes_on_one_ticket_give_every_message_its_own_turn(
    handler: IngestHandler, mongo: Mongo, rules: Rules
) -> None:
    """The other process takes the turn between this one's reading and its writing."""
    other = process(MongoMessages(mongo, REMEMBER, WINDOW), mongo, rules)

    class Overtaken(MongoMessages):
        overtaken_by: Event[Any] | None

        async def change_threads(self, changes: Any, now: datetime) -> set[str]:
            if self.overtaken_by is not None:
                event, self.overtaken_by = self.overtaken_by, None
                await other.take([event])
            return await super().change_threads(changes, now)

    messages = Overtaken(mongo, REMEMBER, WINDOW)
    slow = process(messages, mongo, rules)
    for mine, theirs in ((1, 2), (3, 4)):
        messages.overtaken_by = message(theirs, body=f"{theirs} a@b.co")
        raced, undisturbed = await slow.take(
            [message(mine, body=f"{mine} c@d.co"), message(mine + 10, f"T-{mine}0")]
        )
        assert isinstance(raced.error, TemporaryError)
        assert ticket(undisturbed).turn == 1
        (retried,) = await slow.take([message(mine, body=f"{mine} c@d.co")])
        assert ticket(retried).turn == theirs
        again = message(theirs, body=f"{theirs} a@b.co")
        assert ticket((await other.take([again]))[0]).turn == mine
    (last,) = await handler.take([message(5, body="a@b.co c@d.co")])
    assert ticket(last).text == "[EMAIL_2] [EMAIL_3]"


async def test_the_same_message_in_two_processes_at_once_goes_on_once(
    handler: IngestHandler, mongo: Mongo, rules: Rules
) -> None:
    twin = read_at(message(1).data, 9)

    class Overtaken(MongoMessages):
        async def add(self, accepted: Sequence[Accepted]) -> set[str]:
            await handler.take([twin])
            return await super().add(accepted)

    (raced,) = await process(Overtaken(mongo, REMEMBER, WINDOW), mongo, rules).take([message(1)])
    assert isinstance(raced.error, TemporaryError)
    (retried,) = await handler.take([message(1)])
    assert (retried.publish, retried.error) == ((), None)
    (twins,) = await handler.take([twin])
    assert ticket(twins).turn == 1
    assert ticket((await handler.take([message(2)]))[0]).turn == 2


async def test_reports_go_on_with_keys_for_people_and_a_time(handler: IngestHandler) -> None:
    accepted = ticket((await handler.take([message(1)]))[0])
    rated = FeedbackRated(
        ticket_id="T-1",
        rating=5,
        customer_id="C-77",
        agent_id="A-1",
        customer_key="forged",
        agent_key="forged",
        occurred_at=NOON,
        comment="Thanks! a@b.co",
    )
    told, untold = await handler.take(
        [read_at(rated, 2), read_at(TicketResolved(ticket_id="T-1", agent_key="forged"), 3)]
    )
    (outgoing,) = told.publish
    report = outgoing.event.data
    assert outgoing.topic is topics.FEEDBACK
    assert isinstance(report, FeedbackRated)
    assert report.customer_key == accepted.customer_key
    assert report.agent_key not in (None, "forged", report.customer_key)
    assert (report.customer_id, report.agent_id) == (None, None)
    assert (report.occurred_at, report.comment) == (NOON, "Thanks! [EMAIL]")
    resolved = untold.publish[0].event.data
    assert isinstance(resolved, TicketResolved)
    assert (resolved.customer_key, resolved.agent_key) == (None, None)
    assert resolved.occurred_at is not None


async def test_an_undated_report_keeps_its_time_when_it_is_read_again_later(
    handler: IngestHandler, mongo: Mongo
) -> None:
    ahead = TicketResolved(ticket_id="T-1", occurred_at=NOON + timedelta(days=400))
    for number, data in enumerate([TicketResolved(ticket_id="T-1"), ahead]):
        first = read_at(data, 1, f"e{number}")
        later = Event(first.id, first.source, first.time + REMEMBER, first.traceparent, data)
        published = written(await handler.take([first]))
        stored = await contents(mongo)
        assert written(await handler.take([later])) == published
        assert await contents(mongo) == stored
        report = json.loads(published[0][0][2])
        assert datetime.fromisoformat(report["occurred_at"]) < NOON + timedelta(days=1)


async def test_an_interaction_of_nobody_is_refused(handler: IngestHandler) -> None:
    nobody = InteractionRecorded(kind="viewed", customer_key="forged", item_id="i1")
    somebody = InteractionRecorded(kind="viewed", customer_id="C-77", item_id="i1")
    bad, good = await handler.take([read_at(nobody, 1), read_at(somebody, 2)])
    assert isinstance(bad.error, InvalidEvent)
    assert (bad.error.code, bad.error.field) == ("field.missing", "customer_id")
    assert good.publish[0].event.key == good.publish[0].event.data.customer_key  # type: ignore[attr-defined]


async def test_what_is_remembered_expires(handler: IngestHandler, mongo: Mongo) -> None:
    await handler.take([message(1), read_at(TicketResolved(ticket_id="T-1"), 2)])
    await handler.take([read_at(message(1).data, 3)])
    for name, documents in (await contents(mongo)).items():
        indexes = await mongo.database[name].index_information()
        assert indexes["expires_at_1"]["expireAfterSeconds"] == 0
        assert all(document["expires_at"].astimezone(UTC) > NOON for document in documents)
