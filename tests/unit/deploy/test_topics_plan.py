"""The plan for the topics: what differs, what is mended, what has to be asked for, what is left."""

from dataclasses import replace
from datetime import timedelta

import pytest

from deploy.topology.display import lines, summary
from deploy.topology.plan import (
    Addition,
    Change,
    Consent,
    Creation,
    Plan,
    Standing,
    allowed,
    plan,
)
from deploy.topology.settings import loses_messages, settings_of
from shared.topics import CLASSIFY, INGEST, TOPICS, TopicCard

CARDS = (INGEST, CLASSIFY)
DAY = 24 * 60 * 60 * 1000


def as_it_should_be(card: TopicCard, copies: int = 1) -> Standing:
    return Standing(card.name, card.partitions, copies, settings_of(card, copies))


def drifted(card: TopicCard, **settings: str) -> Standing:
    """The topic with other settings; names as Kafka's, with _ for the dot."""
    right = as_it_should_be(card)
    other = {name.replace("_", "."): value for name, value in settings.items()}
    return replace(right, settings={**right.settings, **other})


def said(planned: Plan, consent: Consent | None = None) -> str:
    return "\n".join(lines(planned, consent or Consent()))


def test_nothing_is_to_do_where_the_topics_are_as_their_cards_say() -> None:
    planned = plan(CARDS, map(as_it_should_be, CARDS), 1)
    assert not planned.differs
    assert said(planned) == ""
    assert summary(planned, planned) == "nothing to do: the topics are as their cards say"


def test_a_missing_topic_is_created_as_its_card_says() -> None:
    planned = plan(CARDS, [as_it_should_be(CLASSIFY, 3)], 3)
    (creation,) = planned.creations
    assert (creation.topic, creation.partitions, creation.replication) == ("ingest", 6, 3)
    assert creation.settings == {
        "retention.ms": str(DAY),
        "cleanup.policy": "delete",
        "max.message.bytes": str(16 * 1024 * 1024),
        "min.insync.replicas": "2",
    }
    assert said(planned) == "+ ingest: 6 partitions, 3 copies, kept 1 d, messages up to 16 MiB"


def test_without_a_number_of_copies_the_broker_decides_and_nothing_is_said_of_it() -> None:
    planned = plan(CARDS, [as_it_should_be(CLASSIFY, 5)])
    (creation,) = planned.creations
    assert creation.replication is None and "min.insync.replicas" not in creation.settings
    assert planned == replace(planned, changes=(), impossible=())


@pytest.mark.parametrize(("copies", "in_sync"), [(1, "1"), (2, "1"), (3, "2"), (5, "4")])
def test_a_write_counts_once_all_copies_but_one_have_it(copies: int, in_sync: str) -> None:
    assert settings_of(INGEST, copies)["min.insync.replicas"] == in_sync


def test_a_topic_with_too_few_copies_is_never_told_to_wait_for_more_than_it_has() -> None:
    """Two in sync of one copy: nobody could write any more."""
    planned = plan([INGEST], [as_it_should_be(INGEST, 1)], 3)
    assert planned.changes == ()
    (one,) = planned.impossible
    assert one.what == "copies of each partition: 1 in place of 3"
    assert "kafka-reassign-partitions.sh" in said(planned)


def test_what_was_changed_by_hand_is_changed_back() -> None:
    planned = plan(CARDS, [drifted(INGEST, retention_ms="60000"), as_it_should_be(CLASSIFY)], 1)
    assert planned.changes == (Change("ingest", "retention.ms", "60000", str(DAY)),)
    assert allowed(planned, Consent()) == planned
    assert said(planned) == "~ ingest: retention.ms 60 s -> 1 d"
    assert summary(planned, planned) == "1 difference, 1 of which apply mends"


def test_what_others_set_besides_is_none_of_our_business() -> None:
    topic = drifted(INGEST, segment_ms="1")
    assert not plan([INGEST], [topic], 1).differs


@pytest.mark.parametrize(
    ("name", "have", "want", "loses"),
    [
        ("retention.ms", "604800000", "86400000", True),
        ("retention.ms", "-1", "86400000", True),
        ("retention.ms", "86400000", "604800000", False),
        ("cleanup.policy", "compact", "delete", True),
        ("cleanup.policy", "compact,delete", "delete", False),
        ("cleanup.policy", "delete", "delete", False),
        ("max.message.bytes", "2", "1", False),
    ],
)
def test_what_makes_kafka_delete_messages(name: str, have: str, want: str, loses: bool) -> None:
    assert loses_messages(name, have, want) is loses


def test_messages_that_somebody_keeps_longer_are_not_given_up_unasked() -> None:
    """Retention is lengthened by hand in an emergency; the next rollout must not undo it."""
    planned = plan([INGEST], [drifted(INGEST, retention_ms=str(9 * DAY))], 1)
    assert planned.differs
    assert allowed(planned, Consent()).changes == ()
    assert "9 d -> 1 d" in said(planned) and "--shorten-retention" in said(planned)
    consent = Consent(shorten_retention=True)
    assert allowed(planned, consent).changes == planned.changes
    assert said(planned, consent).startswith("~ ingest")


def test_partitions_are_added_only_when_asked_for() -> None:
    planned = plan([INGEST], [replace(as_it_should_be(INGEST), partitions=4)], 1)
    assert planned.additions == (Addition("ingest", 4, 6),)
    assert not allowed(planned, Consent(shorten_retention=True)).differs
    assert "order within a ticket breaks" in said(planned)
    assert "Not done without --add-partitions" in said(planned)
    assert summary(planned, allowed(planned, Consent())).endswith("0 of which apply mends")
    consent = Consent(add_partitions=True)
    assert allowed(planned, consent) == planned
    assert said(planned, consent).startswith("~ ingest: 4 -> 6 partitions")


def test_partitions_are_never_taken_away() -> None:
    planned = plan([INGEST], [replace(as_it_should_be(INGEST), partitions=9)], 1)
    everything = Consent(add_partitions=True, shorten_retention=True)
    assert planned.differs and not allowed(planned, everything).differs
    assert said(planned, everything).startswith("! ingest: 9 partitions in place of 6. Not done")


def test_topics_of_others_are_named_and_make_no_difference() -> None:
    others = [Standing(name, 1, 1, {}) for name in ("orders", "__consumer_offsets")]
    planned = plan(CARDS, [*map(as_it_should_be, CARDS), *others], 1)
    assert not planned.differs
    assert said(planned) == "  not ours, left alone: orders"


def test_of_many_topics_of_others_the_first_are_named() -> None:
    others = [Standing(f"t{number:02}", 1, 1, {}) for number in range(13)]
    planned = plan([], others)
    assert said(planned).endswith("t08, t09 and 3 more")


def test_every_card_can_be_declared() -> None:
    planned = plan(TOPICS.values(), [], 3)
    assert [one.topic for one in planned.creations] == list(TOPICS)
    for one in planned.creations:
        card = TOPICS[one.topic]
        kept = timedelta(milliseconds=int(one.settings["retention.ms"]))
        assert (one.partitions, kept) == (card.partitions, card.retention)
        assert isinstance(one, Creation) and one.settings["cleanup.policy"] == "delete"
