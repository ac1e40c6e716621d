"""Run tickets through the five workers on this machine and show what comes back.

Kafka, the database and the workers are started for it and stopped after it. Without INPUT the
project's own messages go in, Chinese and English, two malformed ones among them.
"""

import argparse
import asyncio
import shutil
import statistics
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from deploy.demo import conversations, loop, tables, teaching
from deploy.demo.upstream import Upstream
from deploy.runtime import RuntimeUnavailable
from deploy.system import System, WorkerFailed
from deploy.system.ending import orderly_on_sigterm

DEFAULT = Path(__file__).with_name("tickets.jsonl")
PATIENCE_SECONDS = 60.0
WIDTH = 186


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.demo", description=__doc__)
    parser.add_argument("--input", type=Path, default=DEFAULT, help="tickets, one JSON a line")
    parser.add_argument("--output", type=Path, help="the responses, one JSON a line")
    parser.add_argument("--home", type=Path, default=Path(".careloop"), help="where all is kept")
    parser.add_argument(
        "--quick", action="store_true", help="without training the classifier on a new wish"
    )
    arguments = parser.parse_args()
    orderly_on_sigterm()
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    try:
        lines = [line for line in arguments.input.read_bytes().splitlines() if line.strip()]
    except OSError as error:
        console.print(f"cannot read {arguments.input}: {error.strerror}")
        return 2
    data = arguments.home / "demo"
    shutil.rmtree(data, ignore_errors=True)
    began = time.monotonic()

    def say(line: str) -> None:
        console.print(f"[dim]{time.monotonic() - began:5.1f} s[/dim]  {line}", highlight=False)

    try:
        with System(data, arguments.home, say, {"POLICY_INTERVAL_SECONDS": "1"}) as system:
            own = arguments.input == DEFAULT
            acts = Acts(talks=own, teaches=own and not arguments.quick)
            complete = asyncio.run(_play(system, lines, arguments.output, console, acts))
            say("draining and stopping")
    except (RuntimeUnavailable, WorkerFailed, RuntimeError) as error:
        console.print(str(error), style="red", highlight=False, markup=False)
        return 1
    console.print(
        f"\nLogs: {data}/logs/. Next: [bold]make run[/bold] keeps it up, README.md > Use."
    )
    return 0 if complete else 1


@dataclass(frozen=True)
class Acts:
    """What is played after the messages: conversations, and a training on a new wish."""

    talks: bool
    teaches: bool


async def _play(
    system: System, lines: list[bytes], output: Path | None, console: Console, acts: Acts
) -> bool:
    async with Upstream(system.runtime.endpoints.kafka) as upstream:
        outcome = upstream.outcome
        with Progress(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), console=console
        ) as progress:
            bar = progress.add_task("messages settled", total=len(lines))

            def settled() -> int:
                count = len(outcome.responses) + len(outcome.dead_letters) + _duplicates(system)
                progress.update(bar, completed=count)
                return count

            await upstream.send(lines)
            await upstream.wait(lambda: settled() >= len(lines), PATIENCE_SECONDS)
        responses = outcome.responses_as_sent()
        seconds = outcome.last_response - outcome.first_sent
        duplicates = _duplicates(system)
        if output:
            await asyncio.to_thread(_write, output, responses)
        console.print(tables.replies(responses))
        console.print(tables.reasons(responses))
        if outcome.dead_letters:
            console.print(tables.dead_letters(outcome.dead_letters))
        closing = _closing(lines, responses, len(outcome.dead_letters), duplicates)
        speed = _speed(list(outcome.latencies.values()), len(responses), seconds)
        if acts.talks:
            await conversations.Conversations(upstream, console, conversations.now()).play()
        await _close_the_loop(upstream, lines, responses, console)
        if acts.teaches:
            await _teach(upstream, system, console)
        console.print(closing, highlight=False)
        console.print(speed, highlight=False)
        return len(responses) + len(outcome.dead_letters) + duplicates >= len(lines)


def _write(output: Path, responses: list[dict[str, Any]]) -> None:
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_bytes(b"".join(orjson.dumps(response) + b"\n" for response in responses))


def _duplicates(system: System) -> int:
    return int(system.workers["ingest"].metric("careloop_duplicates_total"))


def _closing(
    lines: list[bytes], responses: list[dict[str, Any]], dead: int, duplicates: int
) -> str:
    out = len(responses) + dead + duplicates
    verdict = "[green]in = out[/green]" if out == len(lines) else "[red]in != out[/red]"
    decided = Counter(response["decision"] for response in responses)
    automatic = len(responses) - decided["draft"] - decided["escalate"]
    return (
        f"\n{len(lines)} messages in = {len(responses)} responses ({automatic} automatic,"
        f" {decided['draft']} drafted, {decided['escalate']} handed over) + {dead} dead letters"
        f" + {duplicates} duplicates: {verdict}"
    )


def _speed(latencies: list[float], count: int, seconds: float) -> str:
    if len(latencies) < 2:
        return ""
    cuts = statistics.quantiles(latencies, n=20, method="inclusive")
    return (
        f"{count / max(seconds, 1e-9):.0f} tickets/s; publish to reply with all sent at once:"
        f" p50 {cuts[9] * 1000:.0f} ms, p95 {cuts[18] * 1000:.0f} ms"
    )


async def _close_the_loop(
    upstream: Upstream, lines: list[bytes], responses: list[dict[str, Any]], console: Console
) -> None:
    """Ratings go in, a changed policy comes out, and the same question meets it."""
    intent = loop.most_answered(responses)
    if intent is None:
        console.print("\nToo few automatic answers to any one wish to learn from ratings.")
        return
    console.print(f"\nNow the customers rate: answers about [bold]{intent}[/bold] 1, others 5.")
    policy = await loop.judge(upstream, intent)
    if policy is None:
        console.print("[red]no new policy came of it[/red]")
        return
    console.print(tables.policy(None, policy))
    before = next(r for r in responses if r["decision"] == "answer" and r["intent"] == intent)
    original = next(line for line in lines if _is_ticket(line, before["ticket_id"]))
    after = await loop.ask_again(upstream, original, before)
    if after is not None:
        console.print(
            f"The same message once more: was {before['decision']} under policy"
            f" {before['policy_version']}, now {after['decision']} under"
            f" {after['policy_version']} ({', '.join(after['reasons'])})."
        )


async def _teach(upstream: Upstream, system: System, console: Console) -> None:
    """Messages of a new kind, agents who say what they are, and a classifier that learned it."""
    wish = teaching.read()
    console.print(
        f"\nA new kind of wish: {len(wish.taught)} customers write about [bold]{wish.intent}"
        f"[/bold], which the classifier does not know. Agents say what it is, and the daily"
        " training runs now (a minute or two)."
    )
    lesson = await teaching.teach(upstream, system)
    console.print(lesson.said, highlight=False, markup=False)
    console.print(tables.lesson(lesson))
    served = f"classifier@{lesson.version}" if lesson.version else "the same classifier"
    console.print(
        f"Read right: {lesson.right(lesson.before)} of {len(wish.asked)} before,"
        f" {lesson.right(lesson.after)} by {served}."
    )


def _is_ticket(line: bytes, ticket_id: str) -> bool:
    try:
        ticket = orjson.loads(line)
    except orjson.JSONDecodeError:
        return False
    return isinstance(ticket, dict) and ticket.get("ticket_id") == ticket_id


if __name__ == "__main__":
    sys.exit(main())
