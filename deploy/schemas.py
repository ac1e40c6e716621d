"""The golden JSON schemas of the events: `python -m deploy.schemas write|check`.

Within v1 the contract only grows by optional fields. Anything else breaks a reader that is older or
newer than the writer, and needs a new version of the event.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared.events import EVENTS, Payload

FOLDER = Path(__file__).parent.parent / "shared" / "schemas"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
WORDS_FOR_PEOPLE = {"title", "description", "default", "examples"}
"""What a schema says without accepting more or less for it."""

HOW_TO_MEND = (
    "If the change is meant and only adds optional fields: `python -m deploy.schemas write`, and "
    "commit the files. If not: undo it, or make it a new version of the event."
)

Schema = Mapping[str, Any]


@dataclass(frozen=True)
class Field:
    """What a schema says of one field: whether it must be there, and which values it accepts."""

    required: bool
    accepts: frozenset[str]


def schema_of(event: type[Payload]) -> dict[str, Any]:
    """The JSON schema of the event's data."""
    return {"$schema": DIALECT, **event.model_json_schema()}


def text_of(schema: Schema) -> str:
    """The schema as it stands in its file."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def file_of(event_type: str, folder: Path = FOLDER) -> Path:
    """Where the golden schema of this CloudEvents type stands."""
    return folder / f"{event_type}.json"


def golden(event_type: str, folder: Path = FOLDER) -> dict[str, Any]:
    """The golden schema. Raises OSError when there is none."""
    schema: dict[str, Any] = json.loads(file_of(event_type, folder).read_text("utf-8"))
    return schema


def fields(schema: Schema) -> dict[str, Field]:
    """Every field by its path, such as `ticket.attachments[].url`; `{}` is any key of a map."""
    return dict(_fields(schema, schema.get("$defs", {}), ""))


def breaks(old: Schema, new: Schema) -> list[str]:
    """What makes `new` unreadable for readers of `old`, or the other way round."""
    before, after = fields(old), fields(new)
    found = [f"{path}: removed" for path in before if path not in after]
    for path, field in after.items():
        was = before.get(path)
        parent = path.rpartition(".")[0].removesuffix("[]").removesuffix("{}")
        if was is None:
            # A required part of something new and optional hurts nobody.
            if field.required and (not parent or parent in before):
                found.append(f"{path}: new and required")
        elif field.required and not was.required:
            found.append(f"{path}: was optional, is required")
        elif was.required and not field.required:
            found.append(f"{path}: was required, is optional")
        if was is not None and was.accepts != field.accepts:
            gone, come = sorted(was.accepts - field.accepts), sorted(field.accepts - was.accepts)
            found.append(f"{path}: accepts other values (was {gone}, is {come})")
    return found


def differences(folder: Path = FOLDER) -> dict[str, list[str]]:
    """By file name what differs from the events as they are; empty when nothing does."""
    found: dict[str, list[str]] = {}
    for event_type, event in EVENTS.items():
        path, schema = file_of(event_type, folder), schema_of(event)
        if not path.exists():
            found[path.name] = ["there is no golden schema"]
        elif path.read_text("utf-8") != text_of(schema):
            found[path.name] = _changes(golden(event_type, folder), schema)
    expected = {file_of(event_type).name for event_type in EVENTS}
    for path in sorted(folder.glob("*.json")):
        if path.name not in expected:
            found[path.name] = ["there is no such event any more"]
    return found


def broken(folder: Path = FOLDER) -> dict[str, list[str]]:
    """By event type what breaks older or newer readers; empty when nothing does."""
    compared = {
        event_type: breaks(golden(event_type, folder), schema_of(event))
        for event_type, event in EVENTS.items()
        if file_of(event_type, folder).exists()
    }
    return {event_type: problems for event_type, problems in compared.items() if problems}


def write(folder: Path = FOLDER) -> list[str]:
    """Write the schemas that are new or changed, and return their names. Removes none."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for event_type, event in EVENTS.items():
        path, text = file_of(event_type, folder), text_of(schema_of(event))
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")
            written.append(path.name)
    return written


def _fields(node: Schema, parts: Schema, path: str) -> Iterator[tuple[str, Field]]:
    """The fields below `node`, which stands at `path`."""
    for option in _options(node, parts):
        required = set(option.get("required", ()))
        for name, inner in option.get("properties", {}).items():
            below = f"{path}.{name}" if path else name
            yield below, Field(name in required, frozenset(_accepts(inner, parts)))
            yield from _fields(inner, parts, below)
        for keyword, suffix in (("items", "[]"), ("additionalProperties", "{}")):
            if isinstance(option.get(keyword), dict):
                below = path + suffix
                yield below, Field(False, frozenset(_accepts(option[keyword], parts)))
                yield from _fields(option[keyword], parts, below)


def _options(node: Schema, parts: Schema) -> list[Schema]:
    """The node itself, what it refers to, or its alternatives."""
    if "$ref" in node:
        return _options(parts[node["$ref"].rpartition("/")[2]], parts)
    if "anyOf" in node:
        return [option for one in node["anyOf"] for option in _options(one, parts)]
    return [node]


def _accepts(node: Schema, parts: Schema) -> Iterator[str]:
    """The constraints of one value, each as a word: `type=string`, `enum=low`."""
    structure = {"properties", "required", "items", "additionalProperties", "$defs", "$schema"}
    for option in _options(node, parts):
        for keyword, value in option.items():
            if keyword in WORDS_FOR_PEOPLE | structure:
                continue
            values = value if isinstance(value, list) else [value]
            yield from (f"{keyword}={one}" for one in values)


def _changes(old: Schema, new: Schema) -> list[str]:
    before, after = fields(old), fields(new)
    added = [f"{path}: added, optional" for path in after if path not in before]
    return breaks(old, new) or added or ["only words for people differ"]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.schemas", description=__doc__)
    parser.add_argument("do", choices=("write", "check"))
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the schemas are kept")
    parser.add_argument("--breaking", action="store_true", help="write even what breaks readers")
    options = parser.parse_args(arguments)
    if options.do == "write":
        return _write(options.folder, options.breaking)
    found = differences(options.folder)
    _say(found)
    if found:
        print(HOW_TO_MEND, file=sys.stderr)
        return 1
    print(f"all {len(EVENTS)} schemas are as the golden ones")
    return 0


def _write(folder: Path, even_breaking: bool) -> int:
    problems = broken(folder)
    if problems and not even_breaking:
        _say(problems)
        print("Nothing written: this needs a new version of the event.", file=sys.stderr)
        return 1
    written = write(folder)
    print(f"written: {', '.join(written)}" if written else "nothing has changed")
    return 0


def _say(found: Mapping[str, Sequence[str]]) -> None:
    for name, changes in found.items():
        for change in changes:
            print(f"{name}: {change}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
