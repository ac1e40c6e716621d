"""Golden schemas: no unintended change, and within v1 none that breaks a reader."""

import copy
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import Field

from deploy import schemas
from shared import events
from shared.events import EVENTS, Payload, TicketReceived
from tests.contract.examples import EXAMPLES, Example

REPORTS_KEYS = {"customer_key", "agent_key"}


def test_the_contract_is_as_its_golden_schemas() -> None:
    assert schemas.differences() == {}, schemas.HOW_TO_MEND
    assert schemas.main(["check"]) == 0


def test_nothing_breaks_older_or_newer_readers() -> None:
    assert schemas.broken() == {}


@pytest.mark.parametrize("event_type", EVENTS)
def test_a_type_names_subject_what_happened_and_version(event_type: str) -> None:
    assert re.fullmatch(r"careloop\.[a-z]+\.[a-z]+ed\.v1", event_type)
    Draft202012Validator.check_schema(schemas.golden(event_type))


def test_a_field_without_the_schema_is_noticed_and_the_mend_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    schemas.write(tmp_path)
    more = changed(TicketReceived, urgency=(str | None, None))
    monkeypatch.setitem(EVENTS, TicketReceived.TYPE, more)
    assert schemas.main(["check", "--folder", str(tmp_path)]) == 1
    said = capsys.readouterr().err
    assert f"{TicketReceived.TYPE}.json: urgency: added, optional" in said
    assert "python -m deploy.schemas write" in said
    assert schemas.main(["write", "--folder", str(tmp_path)]) == 0
    assert schemas.main(["check", "--folder", str(tmp_path)]) == 0


def test_what_breaks_readers_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    schemas.write(tmp_path)
    before = schemas.file_of(TicketReceived.TYPE, tmp_path).read_text("utf-8")
    monkeypatch.setitem(EVENTS, TicketReceived.TYPE, changed(TicketReceived, urgency=(str, ...)))
    assert schemas.main(["write", "--folder", str(tmp_path)]) == 1
    assert "urgency: new and required" in capsys.readouterr().err
    assert schemas.file_of(TicketReceived.TYPE, tmp_path).read_text("utf-8") == before


def test_schemas_that_are_missing_or_left_over_are_noticed(tmp_path: Path) -> None:
    schemas.write(tmp_path)
    schemas.file_of(TicketReceived.TYPE, tmp_path).rename(tmp_path / "careloop.old.event.v1.json")
    assert set(schemas.differences(tmp_path)) == {
        f"{TicketReceived.TYPE}.json",
        "careloop.old.event.v1.json",
    }


def test_other_words_for_people_are_a_difference_that_breaks_nothing(tmp_path: Path) -> None:
    schemas.write(tmp_path)
    path = schemas.file_of(TicketReceived.TYPE, tmp_path)
    path.write_text(path.read_text("utf-8").replace("The public input", "What comes in"), "utf-8")
    assert schemas.differences(tmp_path) == {path.name: ["only words for people differ"]}
    assert schemas.broken(tmp_path) == {}


BREAKING: dict[str, tuple[tuple[Any, ...], str]] = {
    "removed": (("properties", "sentiment"), "sentiment: removed"),
    "narrowed enum": (("properties", "decision", "enum", 0), "decision: accepts other values"),
    "narrowed length": (
        ("$defs", "Citation", "properties", "quote", "maxLength"),
        "citations[].quote: accepts other values",
    ),
    "narrowed type": (("properties", "text", "type"), "text: accepts other values"),
    "null refused": (("properties", "handoff", "anyOf", 1), "handoff: accepts other values"),
    "now required": (("required", 0), "text: was optional, is required"),
    "inside a map": (
        ("properties", "timings", "additionalProperties", "maximum"),
        "timings{}: accepts other values",
    ),
}


@pytest.mark.parametrize("name", BREAKING)
def test_a_breaking_change_is_told(name: str) -> None:
    path, expected = BREAKING[name]
    old = schemas.golden("careloop.response.generated.v1")
    new = copy.deepcopy(old)
    node: Any = new
    for step in path[:-1]:
        node = node[step]
    if name == "now required":
        old["required"].remove("text")
    elif path[-1] == "type":
        node["type"] = "integer"
    elif isinstance(node, dict) and path[-1] not in node:
        node[path[-1]] = 10
    else:
        del node[path[-1]]
    assert any(problem.startswith(expected) for problem in schemas.breaks(old, new))


def test_a_new_optional_object_may_have_parts_it_needs() -> None:
    more = changed(TicketReceived, place=(events.Citation | None, None))
    old = schemas.golden(TicketReceived.TYPE)
    assert schemas.breaks(old, schemas.schema_of(more)) == []


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_an_example_is_valid(example: Example) -> None:
    Draft202012Validator(schemas.golden(example.event_type)).validate(example.data)
    told = example.payload.model_dump(mode="json", exclude_unset=True)
    assert shape(told) == shape(example.data), "no field is unknown"


@pytest.mark.parametrize("event_type", EVENTS)
def test_every_event_has_an_example_in_both_languages(event_type: str) -> None:
    names = {example.name for example in EXAMPLES if example.event_type == event_type}
    assert {"en", "zh"} <= names


@pytest.mark.parametrize("event_type", EVENTS)
def test_every_optional_field_is_used_in_some_example(event_type: str) -> None:
    used: set[str] = set()
    for example in EXAMPLES:
        if example.event_type == event_type:
            used |= paths(example.data, schemas.golden(event_type))
    assert schemas.fields(schemas.golden(event_type)).keys() - used == set()


def test_a_report_names_people_by_ids_outside_and_by_keys_inside() -> None:
    reports = [one for one in EXAMPLES if issubclass(one.model, events.Reported)]
    for example in reports:
        told = example.data.keys()
        if example.passed_on:
            assert not told & {"customer_id", "agent_id"}
        else:
            assert not told & REPORTS_KEYS


def changed(event: type[Payload], **more: tuple[Any, Any]) -> type[Payload]:
    """The event with one more field, under the same type and name."""
    body: dict[str, Any] = {
        "__annotations__": {name: kind for name, (kind, _) in more.items()},
        "__module__": event.__module__,
        "__doc__": event.__doc__,
        **{name: Field(default) for name, (_, default) in more.items()},
    }
    return type(event.__name__, (event,), body)


def shape(data: Any) -> Any:
    """The data without its values."""
    if isinstance(data, dict):
        return {name: shape(value) for name, value in data.items()}
    return [shape(value) for value in data] if isinstance(data, list) else None


def paths(data: Any, schema: schemas.Schema) -> set[str]:
    """The paths of the fields that the data uses, as `schemas.fields` names them."""
    wanted = schemas.fields(schema)
    found: set[str] = set()

    def walk(value: Any, path: str) -> None:
        if path in wanted:
            found.add(path)
        if isinstance(value, dict):
            for name, inner in value.items():
                below = f"{path}.{name}" if path else name
                walk(inner, below if below in wanted else f"{path}{{}}")
        if isinstance(value, list):
            for inner in value:
                walk(inner, f"{path}[]")

    walk(data, "")
    return found
