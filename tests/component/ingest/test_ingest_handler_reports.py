"""What the outside reports goes on without personal data."""

import json
from datetime import datetime, timedelta

from services.ingest.handlers import IngestHandler
from shared import topics
from shared.envelope import Event
from shared.errors import InvalidEvent
from shared.events import (
    FeedbackRated,
    InteractionRecorded,
    ResponseReviewed,
    TicketResolved,
)
from shared.mongo import Mongo
from shared.sealing import KeyRing
from tests.component.ingest.kit import (
    NOON,
    REMEMBER,
    SECRETS,
    contents,
    message,
    read_at,
    ticket,
    written,
)


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


async def test_what_an_agent_wrote_goes_on_sealed(handler: IngestHandler) -> None:
    written_by_agent = "Dear lei@example.com, call 13812345678 or mail lei@example.com."
    review = ResponseReviewed(
        ticket_id="T-1",
        response_id="r",
        verdict="edited",
        final_text=written_by_agent,
        sealed="forged",
    )
    approval = ResponseReviewed(
        ticket_id="T-1", response_id="r", verdict="approved", sealed="forged"
    )
    edited, approved = [
        outcome.publish[0].event.data
        for outcome in await handler.take([read_at(review, 1), read_at(approval, 2)])
    ]
    assert isinstance(edited, ResponseReviewed)
    assert isinstance(approved, ResponseReviewed)
    assert edited.final_text == "Dear [EMAIL_1], call [PHONE_1] or mail [EMAIL_1]."
    originals = KeyRing.parse(SECRETS["SEALING_KEYS"]).open(edited.sealed or "", "T-1")
    assert originals == {"[EMAIL_1]": "lei@example.com", "[PHONE_1]": "13812345678"}
    assert approved.sealed is None


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
