"""Old reads new, new reads old: unknown fields are ignored, missing ones have defaults."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from deploy import schemas
from shared.envelope import decode
from shared.errors import InvalidEvent
from shared.events import (
    ErasureRequested,
    FeedbackRated,
    InteractionRecorded,
    Payload,
    TicketReceived,
)
from tests.contract.examples import EXAMPLES, NOW, Example, binary, structured

ONE_OF: dict[type[Payload], tuple[str, ...]] = {
    TicketReceived: ("body", "subject", "attachments"),
    FeedbackRated: ("rating", "thumbs"),
    InteractionRecorded: ("customer_id", "customer_key"),
    ErasureRequested: ("customer_id", "email"),
}
"""Fields of which at least one must be there, though each is optional."""


@pytest.mark.parametrize("binding", [binary, structured])
@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_old_reads_new(example: Example, binding: Any) -> None:
    newer = with_more(example.data, schemas.golden(example.event_type))
    assert newer != example.data
    read = decode(binding(example.event_type, newer, futureattribute="x"), now=NOW)
    assert read.data == example.payload


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_new_reads_old(example: Example) -> None:
    schema = schemas.golden(example.event_type)
    older = only_required(example.data, schema)
    one = next((name for name in ONE_OF.get(example.model, ()) if name in example.data), None)
    if one is not None:
        older[one] = example.data[one]
    read = decode(binary(example.event_type, older), now=NOW).data
    for name, field in type(read).model_fields.items():
        if name not in older:
            assert getattr(read, name) == field.get_default(call_default_factory=True)
    for name in older:
        assert getattr(read, name) is not None


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_no_optional_field_is_needed_for_another(example: Example) -> None:
    schema = schemas.golden(example.event_type)
    for place in optional_places(example.data, schema):
        older = copy.deepcopy(example.data)
        node: Any = older
        for step in place[:-1]:
            node = node[step]
        del node[place[-1]]
        group = ONE_OF.get(example.model, ())
        if place[0] in group and not older.keys() & set(group):
            continue
        assert decode(binary(example.event_type, older), now=NOW).type == example.event_type


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_every_required_field_is_missed_by_its_name(example: Example) -> None:
    for name in schemas.golden(example.event_type).get("required", ()):
        older = {key: value for key, value in example.data.items() if key != name}
        with pytest.raises(InvalidEvent) as refused:
            decode(binary(example.event_type, older), now=NOW)
        assert (refused.value.code, refused.value.field) == ("field.missing", name)


@pytest.mark.parametrize("version", ["v2", "v99", "v1beta", "v0"])
def test_another_version_is_refused_as_such(version: str) -> None:
    event_type = TicketReceived.TYPE.replace("v1", version)
    for binding in (binary, structured):
        with pytest.raises(InvalidEvent) as refused:
            decode(binding(event_type, {"ticket_id": "T", "body": "x"}), now=NOW)
        assert (refused.value.code, refused.value.field) == ("type.unsupported_version", "type")


def with_more(data: Any, schema: schemas.Schema) -> Any:
    """The data with a field that nobody knows in every object; maps stay as they are."""
    maps = {path.removesuffix("{}") for path in schemas.fields(schema) if path.endswith("{}")}

    def more(value: Any, path: str) -> Any:
        if isinstance(value, dict):
            entry = path in maps
            inner = {
                name: more(one, f"{path}{{}}" if entry else f"{path}.{name}".lstrip("."))
                for name, one in value.items()
            }
            return inner if entry else {**inner, "added_later": {"deep": [1, None, "x"]}}
        return [more(one, f"{path}[]") for one in value] if isinstance(value, list) else value

    return more(data, "")


def only_required(data: Any, schema: schemas.Schema) -> Any:
    """The data without what is optional, at the top and below."""
    wanted = schemas.fields(schema)

    def without(value: Any, path: str) -> Any:
        if not isinstance(value, dict):
            return value
        return {
            name: without(one, below)
            for name, one in value.items()
            if (below := f"{path}.{name}".lstrip(".")) in wanted and wanted[below].required
        }

    return without(data, "")


def optional_places(data: Any, schema: schemas.Schema) -> Iterator[tuple[Any, ...]]:
    """Where in the data something optional stands."""
    wanted = schemas.fields(schema)

    def places(value: Any, path: str, place: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
        if isinstance(value, dict):
            for name, one in value.items():
                below = f"{path}.{name}".lstrip(".")
                if below in wanted and not wanted[below].required:
                    yield (*place, name)
                yield from places(one, below, (*place, name))
        if isinstance(value, list):
            for number, one in enumerate(value):
                yield from places(one, f"{path}[]", (*place, number))

    return places(data, "", ())
