"""Rights from the topic cards: who is given what, and what is never taken away."""

import dataclasses
from pathlib import Path

import pytest

from deploy.acl.__main__ import lines
from deploy.acl.passwords import given, variable
from deploy.acl.plan import Grant, NameRefused, Users, difference, wanted
from shared import rights
from shared.topics import TOPICS

DESK = Users(("zendesk",))
WORKERS = ("ingest", "classify", "personalize", "generate", "feedback")


def of(user: str, users: Users = DESK) -> set[tuple[str, str, str, bool]]:
    found = [grant for grant in wanted(users) if grant.user == user]
    return {(one.operation, one.resource, one.name, one.prefixed) for one in found}


def test_classify_has_these_rights_and_no_others() -> None:
    assert of("careloop-classify") == {
        ("Read", "topic", "classify", False),
        ("Read", "topic", "feedback", False),
        ("Write", "topic", "personalize", False),
        ("Write", "topic", "classify.dlq", False),
        ("Read", "group", "classify", False),
    }


def test_generate_alone_replies() -> None:
    writers = {
        grant.user
        for grant in wanted(DESK)
        if grant.name == "responses" and grant.operation == "Write"
    }
    assert writers == {"careloop-generate"}


def test_an_upstream_has_one_door_one_exit_and_groups_of_its_own() -> None:
    assert of("zendesk") == {
        ("Write", "topic", "ingest", False),
        ("Read", "topic", "responses", False),
        ("Read", "group", "zendesk-", True),
    }
    assert of("zendesk", Users()) == set()
    two = Users(("zendesk", "chatwoot"))
    assert len(of("chatwoot", two)) == len(of("zendesk", two)) == 3


def test_operators_read_dead_letters_and_neither_tickets_nor_replies() -> None:
    topics = {
        name
        for does, kind, name, _ in of("careloop-operators")
        if (does, kind) == ("Read", "topic")
    }
    assert topics == {f"{worker}.dlq" for worker in WORKERS} | {"feedback"}


def test_nobody_but_the_operators_can_change_a_topic_and_nobody_can_delete_one() -> None:
    for grant in wanted(DESK):
        assert grant.operation not in {"Delete", "All", "ClusterAction"}
        assert grant.resource != "cluster" and grant.name != "*"
        assert not grant.deny and grant.host == "*"
        if grant.operation not in {"Read", "Write"}:
            assert grant.user == "careloop-operators"


def test_a_card_that_changes_changes_the_rights(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are drawn from the cards, not written beside them."""
    card = dataclasses.replace(TOPICS["responses"], consumers=("upstream", "classify"))
    monkeypatch.setattr(rights, "TOPICS", {**TOPICS, "responses": card})
    assert ("Read", "topic", "responses", False) in of("careloop-classify")


def test_what_is_missing_and_what_is_too_much() -> None:
    grants = wanted(DESK)
    too_much = [
        Grant("zendesk", "topic", "feedback", "Read"),
        Grant("careloop-ingest", "topic", "ingest", "Read", deny=True),
        Grant("careloop-ingest", "topic", "ingest", "Read", host="10.0.0.1"),
    ]
    others = [Grant("backup", "topic", "responses", "Read"), Grant("ops", "cluster", "c", "Alter")]
    found = difference(grants, [*grants[1:], *too_much, *others], DESK)
    assert found.missing == grants[:1]
    assert set(found.surplus) == set(too_much), "and nobody else's"
    assert difference(grants, grants, DESK) == difference(grants, reversed(grants), DESK)


def test_a_former_upstream_has_no_rights_left() -> None:
    before, after = wanted(DESK), Users(former=("zendesk",))
    found = difference(wanted(after), before, after)
    assert {grant.user for grant in found.surplus} == {"zendesk"} and not found.missing
    forgotten = difference(wanted(Users()), before, Users())
    assert not forgotten.surplus, "an upstream that was not named keeps what it has"


@pytest.mark.parametrize(
    "name", ["", "ingest", "operators", "careloop-ingest", "careloop-new", "dlq"]
)
def test_an_upstream_cannot_be_called_like_something_of_ours(name: str) -> None:
    for users in ({"upstreams": (name,)}, {"former": (name,)}):
        with pytest.raises(NameRefused):
            Users(**users)


def test_the_lines_say_what_would_be_done() -> None:
    found = difference(
        wanted(DESK), [*wanted(DESK)[1:], Grant("zendesk", "group", "x", "Read", deny=True)], DESK
    )
    assert lines(found, prune=False) == [
        "+ careloop-ingest: Read topic ingest",
        "! zendesk: Read group x denied (not from the cards; --prune takes it away)",
        "1 rights missing, 1 too many",
    ]
    assert lines(found, prune=True)[1] == "- zendesk: Read group x denied"
    same = difference(wanted(DESK), wanted(DESK), DESK)
    assert lines(same, prune=False) == ["all rights are as the cards say"]


def test_passwords_stand_in_variables_or_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert variable("careloop-ingest") == "INGEST_KAFKA_PASSWORD"
    assert variable("desk-2.eu") == "DESK_2_EU_KAFKA_PASSWORD"
    names = [variable(user) for user in ("careloop-ingest", "careloop-classify", "zendesk")]
    (tmp_path / names[0]).write_text("of the file\n")
    (tmp_path / names[1]).write_text("of the file\n")
    monkeypatch.setenv("SECRETS_DIR", str(tmp_path))
    monkeypatch.setenv(names[1], "of the variable")
    assert given(names) == {names[0]: "of the file", names[1]: "of the variable"}
