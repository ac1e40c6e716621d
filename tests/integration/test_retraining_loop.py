"""The loop that learns: people correct, the classifier is trained again, judged, and promoted."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from services.classify import train
from shared.envelope import Event, decode, new_event
from shared.events import (
    Asked,
    LabelCorrected,
    ModelPromoted,
    Payload,
    ResponseGenerated,
    TicketClassified,
)
from shared.modelstore import ModelStore
from tests.integration.samples import NOW, accepted
from tests.integration.stage import Stage, headers

KNOWN = {
    "refund": ["money back for {}", "refund {} now", "I want the price of {} returned"],
    "delivery": ["where is {}", "when does {} arrive", "has {} been sent"],
    "invoice": ["send an invoice for {}", "receipt for {} please", "a bill for {} is missing"],
}
THINGS = ["my kettle", "the lamp", "the blue chair", "that radio", "the printer", "our oven"]
NEW_WISH = ["gift card {} is not accepted", "the balance of gift card {}", "gift card {} expired"]
CARDS = ["from Anna", "of my aunt", "won today", "in dollars", "by mail", "on paper", "in red"]
ASKED = "the gift card of my uncle is not accepted"


def base(folder: Path) -> Path:
    path = folder / "base.jsonl"
    rows = [
        {"text": form.format(thing), "intent": intent, "sentiment": mood, "priority": level}
        for intent, forms in KNOWN.items()
        for form, mood, level in zip(
            forms, ("neutral", "negative", "neutral"), ("normal", "high", "low"), strict=True
        )
        for thing in THINGS
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def misread(number: int, text: str, model: str) -> list[Event[Payload]]:
    """A message taken for a delivery, and the agent who says what it was."""
    ticket, at = f"G-{number}", NOW + timedelta(minutes=number)
    response = ResponseGenerated(
        ticket_id=ticket,
        response_id=f"response {number}",
        message_id="m1",
        decision="escalate",
        text="",
        language="en",
        confidence=0.2,
        intent="delivery",
        sentiment="neutral",
        priority="normal",
        model_version=f"classifier@{model}",
        policy_version="v0",
        disclosure="AI",
        customer_key=f"customer {number}",
        asked=Asked(text=text, received_at=at),
        created_at=at,
    )
    corrected = LabelCorrected(
        ticket_id=ticket,
        message_id="m1",
        intent="gift_card",
        agent_key=f"agent {number % 7}",
        occurred_at=at + timedelta(minutes=5),
    )
    return [
        new_event(one, cause=f"{type(one).__name__} {number}", source="/careloop/test", now=at)
        for one in (response, corrected)
    ]


async def test_what_agents_correct_is_learned_promoted_and_served(
    stage: Stage, tmp_path: Path, store_with_encoder: Callable[[Path], ModelStore]
) -> None:
    data, store, cache = base(tmp_path), tmp_path / "models", tmp_path / "cache"
    store_with_encoder(store)
    arguments = ["--data", str(data), "--taxonomy", "from-data", "--threads", "1"]
    arguments += ["--store", str(store), "--cache", str(cache)]
    first, _ = train.train(train.parse(arguments))
    environment = {"MODEL_STORE": str(store), "MODEL_CACHE": str(cache)}
    classify = stage.start("services.classify", **environment)
    feedback = stage.start("services.feedback")
    texts = [form.format(card) for form in NEW_WISH for card in CARDS]
    told = [event for n, text in enumerate(texts) for event in misread(n, text, first)]
    await stage.publish("feedback", told)
    for process in (classify, feedback):
        await process.says("ready")
    await stage.publish("classify", [accepted("before", 1, ASKED)])

    said = await asyncio.to_thread(_retrain, stage, store, cache, data)

    assert "is promoted" in said, said
    (promoted,) = [
        decode(record, now=NOW).data
        for record in await stage.read("feedback")
        if headers(record).get("ce_type") == ModelPromoted.TYPE
    ]
    assert isinstance(promoted, ModelPromoted)
    assert promoted.previous == first
    await classify.says(f'"classifier@{promoted.version}"')
    await stage.publish("classify", [accepted("after", 1, ASKED)])
    read = {}
    for record in await stage.read_until("personalize", 2):
        message = decode(record, now=NOW).data
        assert isinstance(message, TicketClassified)
        read[message.ticket.ticket_id] = message.understanding
    assert read["before"].intent in KNOWN
    assert (read["after"].intent, read["after"].model_version) == (
        "gift_card",
        f"classifier@{promoted.version}",
    )


def _retrain(stage: Stage, store: Path, cache: Path, data: Path) -> str:
    """As an operator would, until what was corrected has arrived."""
    command = [sys.executable, "-m", "deploy.retraining", "--rows", "21"]
    command += ["--mongo-url", stage.runtime.endpoints.mongo]
    command += ["--kafka", stage.runtime.endpoints.kafka, "--store", str(store)]
    command += ["--cache", str(cache), "--folder", str(stage.folder / "retraining")]
    command += ["--data", str(data), "--taxonomy", "from-data"]
    said = ""
    for _ in range(20):
        done = subprocess.run(command, capture_output=True, text=True, env=os.environ, check=False)
        said = done.stdout + done.stderr
        if "no reason" not in said and "nothing to learn" not in said:
            break
    return said
