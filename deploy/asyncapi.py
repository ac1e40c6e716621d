"""The AsyncAPI 3.0 document of the contract, drawn from the topic cards and the event models."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from pydantic.json_schema import models_json_schema

from shared.events import EVENTS, Payload
from shared.topics import TOPICS, TopicCard

REF = "#/components/schemas/{model}"


def document() -> dict[str, Any]:
    """Every topic a channel, every event a message, every reader and writer an operation."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "careloop",
            "version": "1.0.0",
            "description": "Five workers that turn tickets into replies, and learn from feedback. "
            "Events are CloudEvents 1.0 in binary mode.",
        },
        "defaultContentType": "application/json",
        "channels": {name: _channel(card) for name, card in TOPICS.items()},
        "operations": dict(_operations()),
        "components": {
            "messages": {_name(event): _message(event) for event in EVENTS.values()},
            "schemas": _schemas(),
        },
    }


def _name(event: type[Payload]) -> str:
    return event.__name__


def _channel(card: TopicCard) -> dict[str, Any]:
    return {
        "address": card.name,
        "description": f"{card.purpose} Key: {card.key}.",
        "messages": {
            _name(event): {"$ref": f"#/components/messages/{_name(event)}"} for event in card.events
        },
        "bindings": {
            "kafka": {
                "partitions": card.partitions,
                "topicConfiguration": {
                    "retention.ms": int(card.retention.total_seconds() * 1000),
                    "max.message.bytes": card.max_message_bytes,
                },
                "bindingVersion": "0.5.0",
            }
        },
    }


def _message(event: type[Payload]) -> dict[str, Any]:
    return {
        "name": event.TYPE,
        "summary": (event.__doc__ or "").strip().split("\n")[0],
        "headers": {
            "type": "object",
            "required": ["ce_specversion", "ce_id", "ce_type", "ce_source"],
            "properties": {
                "ce_specversion": {"const": "1.0"},
                "ce_id": {"type": "string"},
                "ce_type": {"const": event.TYPE},
                "ce_source": {"type": "string"},
                "ce_time": {"type": "string", "format": "date-time"},
                "traceparent": {"type": "string"},
            },
        },
        "payload": {"$ref": REF.format(model=_name(event))},
    }


def _operations() -> list[tuple[str, dict[str, Any]]]:
    found = []
    for card in TOPICS.values():
        channel = {"$ref": f"#/channels/{card.name}"}
        found += [
            (f"{who}.sends.{card.name}", {"action": "send", "channel": channel})
            for who in card.producers
        ]
        found += [
            (f"{who}.receives.{card.name}", {"action": "receive", "channel": channel})
            for who in card.consumers
        ]
    return found


def _schemas() -> dict[str, Any]:
    models = [(event, "validation") for event in EVENTS.values()]
    _, schema = models_json_schema(models, ref_template=REF)  # type: ignore[arg-type]
    definitions: dict[str, Any] = schema["$defs"]
    return definitions


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.asyncapi", description=__doc__)
    parser.add_argument("--out", type=Path, help="a file (default: standard output)")
    arguments = parser.parse_args()
    text = json.dumps(document(), indent=2, ensure_ascii=False) + "\n"
    if arguments.out:
        arguments.out.parent.mkdir(parents=True, exist_ok=True)
        arguments.out.write_text(text, encoding="utf-8")
        print(f"{arguments.out}: {len(TOPICS)} channels, {len(EVENTS)} messages")
    else:
        print(text, end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
