"""The whole set of personal data through the five workers, with traces on, and what became of it.

Every text goes in three times: as a ticket, as the comment of a rating, and as a message that
cannot be read. What is demanded:

- Logs, metrics, spans, keys, headers and the reasons of dead letters carry no text, so no value of
  the set may stand there, whether it is found in texts or not.
- Texts behind ingest: of the repository's own set nothing may be left. Of the public sets nothing
  of a kind that is told by its form may be left; of names and addresses, which are told by what
  stands around them, no more than is known to be missed (`make eval-pii`: two names in three and
  19 addresses in 20 are found).
- What ingest sealed is nowhere behind it, but in the reply that generate opened it for: the name
  in the greeting. Some names of the public sets stand twice in a text and are found once.
"""

import asyncio
import re
import urllib.request
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import pytest
from aiokafka import ConsumerRecord

from deploy.system import WORKERS, System, WorkerProcess
from shared.events import FeedbackRated
from shared.sealing import KeyRing
from tests.bench import pii
from tests.e2e import pii_set
from tests.e2e.home import prepared
from tests.e2e.mongo import dump
from tests.e2e.test_personal_data import around, flattened, found_in
from tests.e2e.tickets import report, ticket
from tests.e2e.wire import Message, Wire, data
from tests.integration.collector import Collected, Collector, collecting

BEHIND = ("classify", "personalize", "generate", "feedback", "responses")
BY_FORM = ("EMAIL", "PHONE", "CARD", "ID", "IBAN", "IP", "PASSPORT")
LEAST_FOUND = {"NAME": 0.60, "ADDRESS": 0.90}
"""Of the public sets; measured are 0.66 and 0.94."""
MOST_HALF_FOUND = 0.02
"""Of the names and addresses that are sealed of them: those that one sentence tells and another
does not. Measured are 3 of some 480."""
OPAQUE = ("sealed", "vector")
"""Fields that are no text: random digits stand there."""
TELLING = 9
"""Characters from which on a value cannot stand in a log by chance, as part of an id or a time."""


@dataclass(frozen=True)
class Sent:
    """A row of the set, and the ticket it went in as."""

    ticket_id: str
    row: pii_set.Row
    is_own: bool


def everything() -> list[Sent]:
    own = [Sent(f"own-{n}", row, True) for n, row in enumerate(pii_set.own())]
    return own + [Sent(f"public-{n}", row, False) for n, row in enumerate(pii_set.public())]


def messages(sent: Iterable[Sent]) -> Iterator[Message]:
    for one in sent:
        customer = {} if one.row.name is None else {"customer": {"name": one.row.name}}
        yield ticket(one.ticket_id, one.row.text, message_id="m1", **customer)
        # Who reports does not tell the customer's name: their own name alone is no name there.
        comment = one.row.text if one.row.name is None else "-"
        rating = {"ticket_id": one.ticket_id, "rating": 2, "comment": comment}
        yield report(FeedbackRated, f"rating-{one.ticket_id}", rating)
        yield ticket(f"broken-{one.ticket_id}", {"text": one.row.text})  # type: ignore[arg-type]
        yield Message(orjson.dumps({"ticket_id": "cut", "body": one.row.text})[:-1])


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    with collecting() as started:
        yield started


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory, collector: Collector) -> Iterator[System]:
    traced = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_BSP_SCHEDULE_DELAY": "200"}
    traced |= {"LOG_LEVEL": "DEBUG", "POLICY_INTERVAL_SECONDS": "1"}
    with System(tmp_path_factory.mktemp("set"), prepared(), print, traced) as started:
        yield started


@dataclass(frozen=True)
class After:
    """What stands everywhere when all of it has gone through."""

    sent: Sequence[Sent]
    texts: Mapping[str, Mapping[str, Sequence[str]]]
    """By topic and ticket: every text of its records, decoded."""
    originals: Mapping[str, Mapping[str, str]]
    """By ticket and placeholder: what ingest sealed."""
    replies: Mapping[str, Mapping[str, Any]]
    besides: Mapping[str, str]
    """Whatever else was written, by where."""


@pytest.fixture(scope="module")
def after(system: System, collector: Collector) -> After:
    return asyncio.run(_gone_through(system, collector))


async def _gone_through(system: System, collector: Collector) -> After:
    wire, sent = Wire(system.runtime.endpoints.kafka), everything()
    await wire.publish(messages(sent))
    await wire.settled(seconds=400)
    records = {topic: await wire.read(topic) for topic in BEHIND}
    letters = await wire.read("ingest.dlq")
    assert len(letters) == 2 * len(sent), "both that cannot be read"
    # A ticket is worked on five times, a rating three times, and what cannot be read once.
    collector.until(lambda spans: len({span.span_id for span in spans}) >= 10 * len(sent))
    ring = KeyRing.parse(system.environment["SEALING_KEYS"])
    accepted = [data(one)["ticket"] for one in records["classify"]]
    besides = {f"around {topic}": "\n".join(around(found)) for topic, found in records.items()}
    besides["around ingest.dlq"] = "\n".join(around(letters))
    besides["spans"] = "\n".join(map(told_by, collector.spans))
    for name in WORKERS:
        besides[f"log of {name}"] = system.workers[name].log.read_text()
        besides[f"metrics of {name}"] = metrics_of(system.workers[name])
    return After(
        sent,
        {topic: by_ticket(found) for topic, found in records.items()},
        {
            one["ticket_id"]: ring.open(one["sealed"], one["ticket_id"])
            for one in accepted
            if "sealed" in one
        },
        {data(one)["ticket_id"]: data(one) for one in records["responses"]},
        besides,
    )


def test_all_of_it_went_through(after: After) -> None:
    tickets = {one.ticket_id for one in after.sent}
    assert set(after.replies) == tickets
    for topic in ("classify", "personalize", "generate", "feedback"):
        assert set(after.texts[topic]) == tickets
    for name in WORKERS:
        assert "ready" in after.besides[f"log of {name}"]
        assert "careloop_received_total" in after.besides[f"metrics of {name}"]


def test_nothing_that_carries_no_text_has_any_of_it(after: After) -> None:
    """Also what the finder misses: it has no business there at all."""
    values = {value for one in after.sent for _, value in one.row.values if is_telling(value)}
    assert len(values) > 80, "most of the set can be looked for"
    for where, text in after.besides.items():
        assert found_in([text], *values) == [], where


def test_of_our_own_set_nothing_is_left_behind_ingest(after: After) -> None:
    left = [found for one in after.sent if one.is_own for found in left_of(one, after)]
    assert left == []


def test_of_the_public_sets_no_more_is_left_than_is_known_to_be_missed(after: After) -> None:
    public = [one for one in after.sent if not one.is_own]
    if not public:
        pytest.skip(f"{pii.DATA} is not there")
    labelled = Counter(kind for one in public for kind, _ in one.row.values)
    left = [found for one in public for found in left_of(one, after, topics=("classify",))]
    assert [found for found in left if found[1] in BY_FORM] == []
    missed = Counter(kind for _, kind, _ in left)
    for kind, least in LEAST_FOUND.items():
        assert 1 - missed[kind] / labelled[kind] >= least, kind


def test_what_was_sealed_is_nowhere_else(after: After) -> None:
    """In its own ticket's records however short it is, in all others where it is telling."""
    assert len(after.originals) > 100
    left, excused, names = [], set(), 0
    for ticket_id, originals in after.originals.items():
        for placeholder, value in originals.items():
            is_known_to_be_missed = ticket_id.startswith("public") and by_surroundings(placeholder)
            names += is_known_to_be_missed
            places = own_places(ticket_id, value, after)
            if places and is_known_to_be_missed:
                excused.add((ticket_id, placeholder))
            else:
                left += [(ticket_id, placeholder, *place) for place in places]
    assert left == []
    assert len(excused) <= MOST_HALF_FOUND * names


def test_what_was_sealed_by_its_form_is_in_no_other_tickets_texts_and_no_database(
    after: After, system: System
) -> None:
    telling = {
        value
        for originals in after.originals.values()
        for placeholder, value in originals.items()
        if not by_surroundings(placeholder) and is_telling(value)
    }
    assert len(telling) > 40
    for topic, tickets in after.texts.items():
        texts = [text for some in tickets.values() for text in some]
        assert whole_in(texts, telling) == [], topic
    for name, documents in dump(system.runtime.endpoints.mongo).items():
        texts = [text for one in documents.values() for text in leaves(one)]
        assert whole_in(texts, telling) == [], name


def test_a_greeting_has_the_name_that_was_sealed_and_the_rest_of_the_reply_none(
    after: After,
) -> None:
    greeted = 0
    for ticket_id, reply in after.replies.items():
        name = after.originals.get(ticket_id, {}).get("[NAME_1]")
        greeting = str(reply["text"]).partition("\n")[0]
        greeted += name is not None and name in greeting
        for kind, value in after.originals.get(ticket_id, {}).items():
            assert kind.startswith("[NAME") or not stands_in(value, greeting), ticket_id
    assert greeted > 5, "generate opens seals: the test looks at what it looks for"


def own_places(ticket_id: str, value: str, after: After) -> list[tuple[str, str]]:
    """Where the value stands in the ticket's records, but for the greeting of its reply."""
    found = []
    for topic, tickets in after.texts.items():
        for text in tickets[ticket_id]:
            looked_at = text
            if topic == "responses" and text == after.replies[ticket_id]["text"]:
                looked_at = text.partition("\n")[2]
            if stands_in(value, looked_at):
                found.append((topic, value))
    return found


def left_of(
    one: Sent,
    after: After,
    topics: Sequence[str] = ("classify", "personalize", "generate", "feedback"),
) -> list[tuple[str, str, str]]:
    """Ticket, kind and value of what is labelled and still stands in the ticket's texts."""
    texts = [text for topic in topics for text in after.texts[topic][one.ticket_id]]
    return [
        (one.ticket_id, kind, value)
        for kind, value in one.row.values
        if any(stands_in(value, text) for text in texts)
    ]


def stands_in(value: str, text: str) -> bool:
    """As it is written, and not as a part of another word or number."""
    before = r"(?<![A-Za-z0-9])" if value[0].isascii() and value[0].isalnum() else ""
    behind = r"(?![A-Za-z0-9])" if value[-1].isascii() and value[-1].isalnum() else ""
    return re.search(before + re.escape(value) + behind, text) is not None


def whole_in(texts: Iterable[str], values: Iterable[str]) -> list[str]:
    """Which values stand in the texts, however they are written, and are no part of others: an
    answer may show an account number that ends as somebody's does."""
    written = "\n".join(texts)
    flat = flattened(written)
    return [
        value
        for value in values
        if (value in written and stands_in(value, written))
        or (flattened(value) in flat and stands_in(flattened(value), flat))
    ]


def by_surroundings(placeholder: str) -> bool:
    """Whether its kind is told by what stands around."""
    return placeholder.startswith(("[NAME", "[ADDRESS"))


def is_telling(value: str) -> bool:
    """Whether a value is long enough not to stand somewhere by chance."""
    return len(flattened(value)) >= TELLING


def by_ticket(records: Iterable[ConsumerRecord]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for record in records:
        payload = data(record)
        about = payload.get("ticket", payload)
        if "ticket_id" in about:
            found.setdefault(about["ticket_id"], []).extend(leaves(payload))
    return found


def leaves(value: Any) -> Iterator[str]:
    """Every text in it, names of fields included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            if name not in OPAQUE:
                yield str(name)
                yield from leaves(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from leaves(inner)


def metrics_of(worker: WorkerProcess) -> str:
    with urllib.request.urlopen(f"{worker.url}/metrics", timeout=5) as answer:
        text: str = answer.read().decode()
        return text


def told_by(span: Collected) -> str:
    """All that a span says but when it was: a time has as many digits as a telephone number."""
    lines = span.everything.splitlines()
    return "\n".join(line for line in lines if "time_unix_nano" not in line)
