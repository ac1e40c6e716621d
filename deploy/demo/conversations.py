"""Conversations of the demo: what customers, agents and the company's other systems say, in turn,
and what comes back."""

import asyncio
import json
import textwrap
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
from rich.console import Console
from rich.markup import escape

from deploy.demo.upstream import Upstream
from shared import ids
from shared.events import InteractionRecorded, ResponseReviewed

SCRIPT = Path(__file__).with_name("conversations.json")
PATIENCE_SECONDS = 20.0
SETTLING_SECONDS = 2.0
"""After interactions, which nobody answers."""
_AUTOMATIC = {"answer": "green", "ask": "green", "act": "green"}


class Conversations:
    """Plays a script, one conversation after the other, each turn when the one before was
    answered."""

    def __init__(self, upstream: Upstream, console: Console, now: datetime) -> None:
        self._upstream = upstream
        self._console = console
        self._now = now

    async def play(self, script: Path = SCRIPT) -> list[dict[str, Any]]:
        """The responses, in the order of the script."""
        conversations = json.loads(await asyncio.to_thread(script.read_text, "utf-8"))
        responses = []
        for conversation in conversations:
            self._console.print(f"\n[bold]{escape(conversation['title'])}[/bold]")
            last: dict[str, Any] | None = None
            for step in conversation["steps"]:
                response = await self._take(step, last)
                if response is not None:
                    responses.append(response)
                    last = response
        return responses

    async def _take(
        self, step: dict[str, Any], last: dict[str, Any] | None
    ) -> dict[str, Any] | None:
        if "used" in step:
            await self._upstream.send(list(self._usage(step["used"])))
            await asyncio.sleep(SETTLING_SECONDS)
            self._say("meter", f"reports what {step['used']['customer_id']} used, day by day")
            return None
        if "review" in step:
            if last is None:
                return None
            self._say(f"agent {step['agent_id']}", step["review"])
            sent = _review(last, step["review"], step["agent_id"])
        else:
            self._say("customer", step["say"]["body"])
            sent = orjson.dumps({"created_at": self._now.isoformat(), **step["say"]})
        response = await self._reply_to(sent)
        if response is None:
            self._console.print("  [red]nothing came back[/red]")
        else:
            self._show(response)
        return response

    async def _reply_to(self, line: bytes) -> dict[str, Any] | None:
        known = set(self._upstream.outcome.responses)
        await self._upstream.send([line])

        def new() -> list[dict[str, Any]]:
            found = self._upstream.outcome.responses.items()
            return [response for key, response in found if key not in known]

        await self._upstream.wait(lambda: bool(new()), PATIENCE_SECONDS)
        return next(iter(new()), None)

    def _usage(self, told: dict[str, Any]) -> Iterator[bytes]:
        """A record a day, the last one yesterday's; the period ends ten days from now."""
        start = self._now - timedelta(days=told["days"])
        end = self._now + timedelta(days=10)
        for day in range(told["days"]):
            data = {
                "kind": "used",
                "customer_id": told["customer_id"],
                "item_id": told["plan"],
                "value": told["per_day"],
                "allowance": told["allowance"],
                "period_start": start.isoformat(),
                "period_end": end.isoformat(),
                "occurred_at": (start + timedelta(days=day)).isoformat(),
            }
            yield _event(InteractionRecorded.TYPE, data, f"used {told['customer_id']} {day}")

    def _say(self, who: str, text: str) -> None:
        self._console.print(f"  [cyan]{escape(who)}:[/cyan] {escape(text)}", highlight=False)

    def _show(self, response: dict[str, Any]) -> None:
        colour = _AUTOMATIC.get(response["decision"], "yellow")
        why = ", ".join(response["reasons"])
        told = "\n".join(_told(response))
        self._console.print(
            f"  [{colour}]{response['decision']}[/{colour}] ({why})", highlight=False
        )
        self._console.print(textwrap.indent(escape(told), "    "), highlight=False, soft_wrap=True)


def _told(response: dict[str, Any]) -> Iterator[str]:
    """The reply without its courtesies' blank lines, and what a person gets."""
    text = response["text"]
    yield text.replace("\n\n", "\n") if text else "(nothing is sent: the ticket is a person's)"
    action = response.get("action")
    if action:
        yield f"  action: {action['name']} {action['status']}"
    for citation in response.get("citations", ()):
        yield f"  source: {citation['document']}: {citation['section']}"
    for offer in response.get("recommendations", ()):
        yield f"  offered: {offer['title']} ({offer['reason']}: {offer.get('because', '')})"
    handoff = response.get("handoff")
    if handoff:
        yield f"  for {handoff['queue']}:"
        yield from (f"    {line}" for line in handoff["summary"].splitlines())


def _review(response: dict[str, Any], verdict: str, agent_id: str) -> bytes:
    data = {
        "ticket_id": response["ticket_id"],
        "response_id": response["response_id"],
        "verdict": verdict,
        "agent_id": agent_id,
    }
    return _event(ResponseReviewed.TYPE, data, f"review {response['response_id']}")


def _event(kind: str, data: dict[str, Any], cause: str) -> bytes:
    event = {
        "specversion": "1.0",
        "type": kind,
        "id": ids.derived("demo", cause),
        "source": "demo",
        "data": data,
    }
    return orjson.dumps(event)


def now() -> datetime:
    """To the second: what is shown is read by people."""
    return datetime.now(UTC).replace(microsecond=0)
