"""The topic cards say what the design says: who writes, who reads, what stands where, how long."""

from datetime import timedelta

import pytest

from shared import topics
from shared.envelope import encode
from shared.events import EVENTS, Payload
from shared.topics import CONTROL, REPORTED, TOPICS, TopicCard
from tests.contract.examples import EXAMPLES

WORKERS = ("ingest", "classify", "personalize", "generate", "feedback")
WORKING = [TOPICS[name] for name in WORKERS]
LETTERS = [card for name, card in TOPICS.items() if name.endswith(".dlq")]


def ends(cards: set[str], side: str, who: str) -> set[str]:
    return {name for name in cards if who in getattr(TOPICS[name], side)}


def test_there_are_the_topics_of_the_design_and_no_others() -> None:
    assert set(TOPICS) == {*WORKERS, "responses", *(f"{worker}.dlq" for worker in WORKERS)}
    assert all(card.name == name for name, card in TOPICS.items())


@pytest.mark.parametrize(
    ("name", "written_by", "read_by", "kept"),
    [
        ("ingest", {"upstream"}, {"ingest"}, timedelta(hours=24)),
        ("classify", {"ingest"}, {"classify"}, timedelta(days=7)),
        ("personalize", {"classify"}, {"personalize"}, timedelta(days=7)),
        ("generate", {"personalize"}, {"generate"}, timedelta(days=7)),
        (
            "feedback",
            {"generate", "ingest", "feedback"},
            {"feedback", "classify", "personalize", "generate"},
            timedelta(days=30),
        ),
        ("responses", {"generate"}, {"upstream"}, timedelta(days=7)),
    ],
)
def test_a_topic_is_as_the_design_says(
    name: str, written_by: set[str], read_by: set[str], kept: timedelta
) -> None:
    card = TOPICS[name]
    assert (set(card.producers), set(card.consumers), card.retention) == (
        written_by,
        read_by,
        kept,
    )
    assert len(card.purpose.split()) > 3
    assert card.key


@pytest.mark.parametrize("card", WORKING, ids=lambda card: card.name)
def test_topic_x_is_the_queue_of_worker_x_which_owns_its_dead_letters(card: TopicCard) -> None:
    assert card.consumers[0] == card.name
    assert card.dead_letters == f"{card.name}.dlq"
    letters = TOPICS[card.dead_letters]
    assert letters.producers == (card.name,)
    assert letters.consumers == ("operators",)
    assert letters.retention == timedelta(days=14)
    assert letters.types == card.types
    assert letters.max_message_bytes > card.max_message_bytes, "with the reason in its headers"


@pytest.mark.parametrize("card", LETTERS, ids=lambda card: card.name)
def test_no_worker_reads_dead_letters(card: TopicCard) -> None:
    assert not set(card.consumers) & set(WORKERS)
    assert card.dead_letters is None


def test_the_outside_has_two_rights_only() -> None:
    assert ends(set(TOPICS), "producers", "upstream") == {"ingest"}
    assert ends(set(TOPICS), "consumers", "upstream") == {"responses"}


def test_what_may_hold_personal_data_is_read_by_ingest_alone() -> None:
    untrusted = [card for card in TOPICS.values() if card.untrusted]
    assert untrusted == [topics.INGEST]
    assert topics.INGEST.consumers == ("ingest",)
    assert topics.INGEST.retention <= timedelta(hours=24)


def test_every_event_stands_on_a_topic_where_its_path_leads() -> None:
    where = {
        event_type: {
            name
            for name, card in TOPICS.items()
            if event_type in card.types and not name.endswith(".dlq")
        }
        for event_type in EVENTS
    }
    ticket = "careloop.ticket"
    expected = {
        f"{ticket}.received.v1": {"ingest"},
        "careloop.erasure.requested.v1": {"ingest"},
        f"{ticket}.accepted.v1": {"classify"},
        f"{ticket}.classified.v1": {"personalize"},
        f"{ticket}.personalized.v1": {"generate"},
        "careloop.response.generated.v1": {"responses", "feedback"},
        **{event.TYPE: {"ingest", "feedback"} for event in REPORTED},
        **{event.TYPE: {"feedback"} for event in CONTROL},
    }
    assert where == expected


def test_nothing_from_outside_can_steer_the_learning() -> None:
    steering: set[type[Payload]] = {*CONTROL}
    assert not steering & set(topics.INGEST.events)


@pytest.mark.parametrize("card", TOPICS.values(), ids=lambda card: card.name)
def test_a_topic_takes_every_example_of_its_events(card: TopicCard) -> None:
    for example in EXAMPLES:
        if example.event_type in card.types:
            _, value, headers = encode(example.event)
            size = len(value) + sum(len(name) + len(text) for name, text in headers)
            assert size < card.max_message_bytes
