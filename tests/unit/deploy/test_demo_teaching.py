"""The demo's new wish: what agents teach and what is asked afterwards have nothing in common."""

import csv
from datetime import UTC, datetime

import orjson

from deploy.demo.teaching import correction, read, tickets
from services.classify.train import SEED_FILES
from shared.envelope import decode
from shared.events import LabelCorrected, TicketReceived

NOW = datetime(2026, 11, 27, tzinfo=UTC)


class Record:
    """What decoding needs of a Kafka record."""

    key, topic, partition, offset = b"k", "ingest", 0, 0

    def __init__(self, value: bytes) -> None:
        self.value = value
        self.headers: list[tuple[str, bytes]] = []


def test_nothing_asked_was_taught_or_is_in_the_seed() -> None:
    wish = read()
    seed = {row["text"] for file in SEED_FILES for row in csv.DictReader(file.open("r"))}
    labels = {row["intent"] for file in SEED_FILES for row in csv.DictReader(file.open("r"))}
    assert len({*wish.taught, *wish.asked}) == len(wish.taught) + len(wish.asked)
    assert not seed & {*wish.taught, *wish.asked}
    assert wish.intent not in labels


def test_tickets_and_corrections_are_what_the_contract_takes() -> None:
    sent = tickets(["one", "two"], "taught")
    told = [decode(Record(line), now=NOW, bare=TicketReceived).data for line in sent]
    taken = [data for data in told if isinstance(data, TicketReceived)]
    assert [data.body for data in taken] == ["one", "two"]
    assert len({data.customer.customer_id for data in taken}) == 2
    response = {"response_id": "r", "ticket_id": orjson.loads(sent[0])["ticket_id"]}
    event = decode(Record(correction(response | {"message_id": "m1"}, "trade_in")), now=NOW)
    assert isinstance(event.data, LabelCorrected)
    assert (event.data.intent, event.data.message_id) == ("trade_in", "m1")
    assert event.data.agent_id
