"""The AsyncAPI document says all that the topic cards and events say, and hangs together."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from deploy import asyncapi, schemas
from shared.events import EVENTS
from shared.topics import TOPICS
from tests.contract.examples import EXAMPLES, Example

REFERENCE = {
    "type": "object",
    "required": ["$ref"],
    "properties": {"$ref": {"type": "string", "pattern": "^#/"}},
    "additionalProperties": False,
}
# What AsyncAPI 3.0 says of the parts that are used here.
STRUCTURE = {
    "type": "object",
    "required": ["asyncapi", "info"],
    "properties": {
        "asyncapi": {"const": "3.0.0"},
        "info": {
            "type": "object",
            "required": ["title", "version"],
            "properties": {"title": {"type": "string"}, "version": {"type": "string"}},
        },
        "defaultContentType": {"type": "string"},
        "channels": {
            "additionalProperties": {
                "type": "object",
                "required": ["address"],
                "properties": {
                    "address": {"type": "string"},
                    "description": {"type": "string"},
                    "messages": {"additionalProperties": REFERENCE},
                    "bindings": {"type": "object"},
                },
                "additionalProperties": False,
            }
        },
        "operations": {
            "additionalProperties": {
                "type": "object",
                "required": ["action", "channel"],
                "properties": {
                    "action": {"enum": ["send", "receive"]},
                    "channel": REFERENCE,
                    "messages": {"type": "array", "items": REFERENCE},
                    "summary": {"type": "string"},
                },
                "additionalProperties": False,
            }
        },
        "components": {
            "type": "object",
            "propertyNames": {"enum": ["messages", "schemas"]},
            "additionalProperties": {"propertyNames": {"pattern": r"^[\w.\-]+$"}},
        },
    },
    "additionalProperties": False,
}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    whole: dict[str, Any] = json.loads(json.dumps(asyncapi.document()))
    return whole


def test_the_document_in_the_repository_is_the_one_of_today(document: dict[str, Any]) -> None:
    written = Path(asyncapi.__file__).with_name("asyncapi.json")
    assert json.loads(written.read_text("utf-8")) == document, "`make asyncapi` writes it anew"


def test_the_document_has_the_structure_of_asyncapi(document: dict[str, Any]) -> None:
    Draft202012Validator(STRUCTURE).validate(document)


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    found = list(references(document))
    assert len(found) > len(EVENTS)
    for reference in found:
        node: Any = document
        for step in reference.removeprefix("#/").split("/"):
            assert step in node, reference
            node = node[step]


def test_every_topic_is_a_channel_with_its_messages(document: dict[str, Any]) -> None:
    assert set(document["channels"]) == set(TOPICS)
    for name, card in TOPICS.items():
        channel = document["channels"][name]
        assert channel["address"] == name
        assert card.purpose in channel["description"]
        assert set(channel["messages"]) == {event.__name__ for event in card.events}
        kafka = channel["bindings"]["kafka"]
        assert kafka["partitions"] == card.partitions
        kept = kafka["topicConfiguration"]["retention.ms"]
        assert kept == card.retention.total_seconds() * 1000


def test_every_event_is_a_message(document: dict[str, Any]) -> None:
    messages = document["components"]["messages"]
    assert {message["name"] for message in messages.values()} == set(EVENTS)
    for message in messages.values():
        assert message["summary"]
        assert message["headers"]["properties"]["ce_type"]["const"] == message["name"]


def test_every_reader_and_writer_is_an_operation(document: dict[str, Any]) -> None:
    told = {
        (name.partition(".")[0], operation["action"], operation["channel"]["$ref"])
        for name, operation in document["operations"].items()
    }
    expected = {
        (who, action, f"#/channels/{card.name}")
        for card in TOPICS.values()
        for action, people in (("send", card.producers), ("receive", card.consumers))
        for who in people
    }
    assert told == expected
    assert len(document["operations"]) == len(expected)


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_every_example_is_valid_by_the_document(document: dict[str, Any], example: Example) -> None:
    name = example.model.__name__
    reference = document["components"]["messages"][name]["payload"]["$ref"]
    Draft202012Validator({**document, "$ref": reference}).validate(example.data)
    assert schemas.fields(document["components"]["schemas"][name] | with_parts(document)) == (
        schemas.fields(schemas.golden(example.event_type))
    )


def test_the_command_writes_it_to_a_file(
    document: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "docs" / "asyncapi.json"
    monkeypatch.setattr("sys.argv", ["asyncapi", "--out", str(path)])
    assert asyncapi.main() == 0
    assert json.loads(path.read_text("utf-8")) == document


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def with_parts(document: dict[str, Any]) -> dict[str, Any]:
    """The shared schemas where `schemas.fields` looks for them."""
    return {"$defs": document["components"]["schemas"]}
