"""The operators' commands on a real broker: a file goes in, dead letters are seen and given back.

The commands run as people run them, each in a process of its own. Dead letters come from a probe
worker, or are written as a worker writes them.
"""

import asyncio
import json
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

from aiokafka import ConsumerRecord

from shared import deadletters
from shared.envelope import encode
from shared.errors import InvalidEvent
from tests.integration.samples import accepted
from tests.integration.stage import Stage, event_id, headers

CARD = "4111 1111 1111 1111"


async def command(
    stage: Stage, *words: str, kafka: str | None = None, stdin: bytes = b""
) -> subprocess.CompletedProcess[str]:
    """Run `python -m deploy.<words>` against the broker of the stage."""
    line = [sys.executable, "-m", f"deploy.{words[0]}", *words[1:]]
    line += ["--kafka", kafka or stage.runtime.endpoints.kafka]
    done = await asyncio.to_thread(
        subprocess.run, line, input=stdin, capture_output=True, check=False, timeout=120
    )
    return subprocess.CompletedProcess(
        line, done.returncode, done.stdout.decode(), done.stderr.decode()
    )


def message(record: ConsumerRecord) -> tuple[object, ...]:
    """All that a replay must give back."""
    return record.partition, record.key, record.value, tuple(record.headers)


async def position(stage: Stage, topic: str) -> str:
    """The oldest dead letter of the topic, as the commands name it."""
    return f"{topic}:0:{(await stage.read(topic))[0].offset}"


async def bury(stage: Stage, codes: list[str]) -> None:
    """Write a dead letter of classify's for each code; the message in it is sound."""
    letters = []
    for number, code in enumerate(codes):
        key, value, original = encode(accepted(f"T{number}", 1))
        source = SimpleNamespace(topic="classify", partition=number % 6, offset=number)
        source.headers = original
        error = InvalidEvent(code, "since mended")
        now = datetime.now(UTC)
        added = deadletters.headers_of(source, error, worker="classify", attempts=1, now=now)
        letters.append((key, value, added))
    await stage.publish_raw("classify.dlq", letters)


async def test_a_file_is_published_as_it_is(stage: Stage, tmp_path: Path) -> None:
    tickets = [
        json.dumps({"ticket_id": f"工单-{n % 50}", "body": f"message {n}"}, ensure_ascii=False)
        for n in range(500)
    ]
    lines = [line.encode() for line in tickets]
    lines[7:7] = [b"{broken", b"", b"\xff\xfe"]
    file = tmp_path / "tickets.jsonl"
    file.write_bytes(b"\r\n".join(lines) + b"\r\n")
    done = await command(stage, "publish", str(file))
    assert done.returncode == 0, done.stderr
    assert "sent 502 messages to ingest" in done.stdout
    assert "2 look malformed and went as they are" in done.stdout
    records = await stage.read("ingest")
    assert sorted(r.value for r in records) == sorted(line for line in lines if line)
    for record in records:
        if record.key is not None:
            assert json.loads(record.value)["ticket_id"] == record.key.decode()
    of_one = [r for r in records if r.key == "工单-3".encode()]
    assert len({r.partition for r in of_one}) == 1
    said = [int(json.loads(r.value)["body"].split()[1]) for r in of_one]
    assert said == list(range(3, 500, 50))


async def test_publish_reads_standard_input_and_keeps_to_the_rate(stage: Stage) -> None:
    lines = b"".join(b'{"ticket_id": "T%d", "body": "hi"}\n' % n for n in range(11))
    done = await command(stage, "publish", "-", "--rate", "10", stdin=lines)
    assert done.returncode == 0, done.stderr
    records = await stage.read("ingest")
    assert len(records) == 11
    times = [record.timestamp for record in records]
    assert max(times) - min(times) >= 900


async def test_publish_names_the_line_kafka_does_not_take(stage: Stage, tmp_path: Path) -> None:
    file = tmp_path / "tickets.jsonl"
    big = b'{"ticket_id": "T2", "body": "' + b"x" * (16 * 1024 * 1024) + b'"}'
    file.write_bytes(b'{"ticket_id": "T1"}\n' + big + b'\n{"ticket_id": "T3"}\n')
    done = await command(stage, "publish", str(file))
    assert done.returncode == 1
    assert f"{file}:2: not taken" in done.stderr
    assert "sent 2 messages" in done.stdout
    assert {r.key for r in await stage.read("ingest")} == {b"T1", b"T3"}


async def test_publish_says_what_is_wrong(stage: Stage, tmp_path: Path) -> None:
    missing = await command(stage, "publish", str(tmp_path / "none.jsonl"))
    assert (missing.returncode, missing.stdout) == (1, "")
    assert f"cannot read {tmp_path / 'none.jsonl'}: No such file" in missing.stderr
    away, topic = await asyncio.gather(
        command(stage, "publish", "-", kafka="127.0.0.1:1"),
        command(stage, "publish", "-", "--topic", "ingset"),
    )
    assert away.returncode == topic.returncode == 1
    assert "no Kafka answers at 127.0.0.1:1" in away.stderr
    assert "topic ingset" in topic.stderr and "make topics" in topic.stderr
    assert "Traceback" not in missing.stderr + away.stderr + topic.stderr


async def test_dead_letters_of_a_worker_are_listed_shown_and_given_back(stage: Stage) -> None:
    worker = stage.start()
    await worker.says("ready")
    events = [accepted(f"T{n}", 1, "invalid" if n % 3 == 0 else "hi") for n in range(30)]
    await stage.publish("classify", events)
    await stage.read_until("classify.dlq", 10)
    await stage.read_until("personalize", 20)
    assert worker.terminate() == 0
    dead = {event_id(record) for record in await stage.read("classify.dlq")}
    first = {event_id(r): message(r) for r in await stage.read("classify")}

    listed = await command(stage, "dlq", "list")
    assert listed.stdout.count("test.invalid") == 10
    assert "ticket.text" in listed.stdout and "ingest.dlq" not in listed.stdout
    one = await command(stage, "dlq", "show", await position(stage, "classify.dlq"))
    assert '"text": "invalid"' in one.stdout and "dlq-source-offset" in one.stdout
    nowhere = await command(stage, "dlq", "show", "classify.dlq:0:999999")
    assert nowhere.returncode == 1 and "no dead letter" in nowhere.stderr

    planned = await command(stage, "dlq", "replay", "--dry-run")
    assert "10 would be replayed; nothing was done" in planned.stdout
    assert len(await stage.read("classify")) == 30
    replayed = await command(stage, "dlq", "replay")
    assert "replayed 10 to classify" in replayed.stdout, replayed.stderr
    second = await command(stage, "dlq", "replay")
    assert "nothing to replay" in second.stdout
    again = await stage.read("classify")
    assert len(again) == 40
    times = Counter(event_id(r) for r in again)
    twice = [r for r in again if times[event_id(r)] == 2]
    assert {event_id(r) for r in twice} == dead
    assert all(message(r) == first[event_id(r)] for r in twice)
    assert not [name for r in again for name in headers(r) if name.startswith("dlq-")]


async def test_a_mended_worker_takes_what_is_replayed_and_once_is_enough(stage: Stage) -> None:
    await bury(stage, ["bug.ValueError"] * 40)
    await command(stage, "dlq", "replay", "--limit", "15")
    await command(stage, "dlq", "replay")
    worker = stage.start()
    records = await stage.read_until("personalize", 40)
    assert [r.key for r in records if r.key == b"T39"] == [b"T39"]
    await command(stage, "dlq", "replay", "--again")
    assert len(await stage.read("classify")) == 80
    assert worker.terminate() == 0
    assert len({event_id(r) for r in await stage.read("personalize")}) == 40


async def test_filters_leave_the_others_for_later(stage: Stage) -> None:
    await bury(stage, ["bug.KeyError", "field.missing", "bug.TypeError", "field.invalid"] * 5)
    bugs = await command(stage, "dlq", "replay", "--code", "bug.*", "--topic", "classify")
    assert "replayed 10 to classify" in bugs.stdout, bugs.stderr
    assert {int((r.key or b"")[1:]) % 2 for r in await stage.read("classify")} == {0}
    listed = await command(stage, "dlq", "list", "--code", "bug.*")
    assert listed.stdout.count(" replayed ") == 10
    more = await command(stage, "dlq", "list", "--limit", "3")
    assert "the newest 3 of 20" in more.stdout and more.stdout.count(" replayed ") == 1
    old = await command(stage, "dlq", "replay", "--since", "2999-01-01")
    assert "nothing to replay" in old.stdout
    rest = await command(stage, "dlq", "replay")
    assert "replayed 10 to classify" in rest.stdout
    assert len({r.key for r in await stage.read("classify")}) == 20
    assert len(await stage.read("classify")) == 20


async def test_what_is_dropped_is_recorded_and_given_back_by_nobody(
    stage: Stage, tmp_path: Path
) -> None:
    await bury(stage, ["bug.KeyError", "field.missing"] * 5)
    record = tmp_path / "records" / "dropped.jsonl"
    drop = ["dlq", "drop", "--why", "written by a broken upstream", "--record", str(record)]
    unsaid = await command(stage, "dlq", "drop")
    assert unsaid.returncode == 2 and "--why" in unsaid.stderr
    planned = await command(stage, *drop, "--dry-run", "--code", "field.*")
    assert "5 would be dropped; nothing was done" in planned.stdout and not record.exists()
    one = await command(stage, *drop, "--key", "T1")
    assert f"dropped 1 of classify.dlq; recorded in {record}" in one.stdout, one.stderr
    rest = await command(stage, *drop, "--code", "field.*", "--limit", "9")
    assert "dropped 4 of classify.dlq" in rest.stdout, rest.stderr
    again = await command(stage, *drop, "--code", "field.*")
    assert "nothing to drop" in again.stdout
    lines = [json.loads(line) for line in record.read_text().splitlines()]
    letters = await stage.read("classify.dlq")
    dropped = [x for x in letters if headers(x)["dlq-code"] == "field.missing"]
    assert [line["letter"] for line in lines] == [f"classify.dlq:0:{x.offset}" for x in dropped]
    assert [line["event_id"] for line in lines] == [event_id(x) for x in dropped]
    assert {line["why"] for line in lines} == {"written by a broken upstream"}

    replayed = await command(stage, "dlq", "replay")
    assert "replayed 5 to classify" in replayed.stdout, replayed.stderr
    listed = await command(stage, "dlq", "list")
    assert listed.stdout.count(" dropped ") == listed.stdout.count(" replayed ") == 5
    assert {int((r.key or b"")[1:]) % 2 for r in await stage.read("classify")} == {0}
    after_all = await command(stage, "dlq", "replay", "--again", "--code", "field.*")
    assert "replayed 5 to classify" in after_all.stdout, after_all.stderr


async def test_replay_keeps_order_within_a_partition(stage: Stage) -> None:
    await bury(stage, ["bug.KeyError"] * 60)
    first = await command(stage, "dlq", "replay", "--limit", "40")
    assert "replayed 40 to classify" in first.stdout, first.stderr
    await command(stage, "dlq", "replay")
    for partition in range(6):
        keys = [r.key for r in await stage.read("classify") if r.partition == partition]
        assert keys == [b"T%d" % number for number in range(partition, 60, 6)]


async def test_without_a_record_nothing_is_dropped(stage: Stage, tmp_path: Path) -> None:
    await bury(stage, ["bug.KeyError"])
    (tmp_path / "file").write_text("in the way")
    nowhere = ["--record", str(tmp_path / "file" / "dropped.jsonl")]
    refused = await command(stage, "dlq", "drop", "--why", "tried", *nowhere)
    assert refused.returncode == 1 and "cannot record in" in refused.stderr
    assert "replayed 1 to classify" in (await command(stage, "dlq", "replay")).stdout


async def test_personal_data_at_the_door_is_masked(stage: Stage) -> None:
    source = SimpleNamespace(topic="ingest", partition=0, offset=0, headers=[])
    error = InvalidEvent("field.missing", "Field required", "ticket_id")
    added = deadletters.headers_of(
        source, error, worker="ingest", attempts=1, now=datetime.now(UTC)
    )
    await stage.publish_raw("ingest.dlq", [(None, f'{{"body": "{CARD}"}}'.encode(), added)])
    where = await position(stage, "ingest.dlq")
    listed = await command(stage, "dlq", "list")
    masked = await command(stage, "dlq", "show", where)
    assert CARD not in listed.stdout + masked.stdout
    assert "field.missing" in listed.stdout and "hidden" in masked.stdout
    revealed = await command(stage, "dlq", "show", where, "--reveal")
    assert CARD in revealed.stdout


async def test_a_letter_nobody_can_place_is_named_and_does_not_hold_up_the_others(
    stage: Stage,
) -> None:
    await stage.publish_raw("classify.dlq", [(b"k", b"somebody else wrote this", [])])
    await bury(stage, ["bug.KeyError"])
    stranger = await position(stage, "classify.dlq")
    done = await command(stage, "dlq", "replay")
    assert done.returncode == 1
    assert f"{stranger}: not replayed: its headers name no topic" in done.stderr
    assert "replayed 1 to classify" in done.stdout
