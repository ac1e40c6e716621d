"""`python -m services.feedback.insights` on messages read by the real encoder."""

import asyncio
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from deploy import topics as topic_admin
from services.feedback.domain.insight.findings import Findings, find
from services.feedback.domain.insight.message import Message
from services.feedback.insights.__main__ import main
from services.feedback.insights.clustering import by_average_linkage
from services.feedback.insights.jsonl import FileMessages, lines_of
from services.feedback.rebuild import from_the_beginning
from shared.encoder.encoder import Encoder
from shared.envelope import Event, decode, peek_type
from shared.events import InsightReported
from shared.rows import DataError
from tests.unit.feedback.insight_messages import END, messages, of_theme


@pytest.fixture(scope="module")
def told(encoder: Encoder) -> tuple[Message, ...]:
    return messages(encoder.encode)


@pytest.fixture(scope="module")
def findings(told: tuple[Message, ...]) -> Findings:
    return find(told, end=END, days=7, cluster=by_average_linkage)


@pytest.fixture(scope="module")
def file(told: tuple[Message, ...], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("messages") / "messages.jsonl"
    path.write_text("\n".join(lines_of(told)) + "\n", encoding="utf-8")
    return path


def test_the_planted_trouble_is_found_and_named_by_its_words(
    told: tuple[Message, ...], findings: Findings
) -> None:
    planted = {message.key for message in of_theme(told, "locker")}
    about = [t for t in findings.troubles if planted & {m.key for m in t.messages}]
    assert {m.key for t in about for m in t.messages} == planted, "whole, and with nothing else"
    assert len(about) <= 2, "in both languages together, or one each"
    names = {tag: name for t in about for tag, name in t.group.names.items()}
    assert {"locker", "code"} & set(names["en"].words)
    assert "locker" in names["en"].sentence.lower()
    assert {"取件", "快递"} & set(names["zh"].words)
    assert re.search("取件码|快递柜", names["zh"].sentence)


def test_the_planted_question_and_wish_are_found(findings: Findings) -> None:
    (gap,) = findings.gaps
    assert {m.ticket_id.split("-")[0] for m in gap.messages} == {"gift"}
    assert gap.customers == 12
    (wish,) = findings.new_intents
    assert {m.ticket_id.split("-")[0] for m in wish.messages} == {"job"}
    assert wish.customers >= 10


@pytest.mark.parametrize(("language", "word"), [("en", "Refund"), ("zh", "退款")])
def test_the_command_writes_a_page(
    file: Path, tmp_path: Path, language: str, word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "new" / "page.html"
    arguments = ["--out", str(out), "--language", language, "--days", "7"]
    arguments += ["--messages", str(file), "--until", "2026-11-23T00:00:00+00:00"]
    assert main(arguments) == 0
    content = out.read_text(encoding="utf-8")
    assert f'<html lang="{language}">' in content
    assert f"“{word}”" in content
    assert re.search("locker|快递柜", content)
    assert "1 unanswered questions" in capsys.readouterr().out


def test_what_was_found_is_announced_and_said_again_it_is_nothing_new(
    file: Path, tmp_path: Path, kafka_url: str
) -> None:
    topic_admin.apply(kafka_url)
    arguments = ["--out", str(tmp_path / "page.html"), "--language", "en", "--days", "7"]
    arguments += ["--messages", str(file), "--until", "2026-11-23T00:00:00+00:00"]
    others = len(asyncio.run(_reported(kafka_url)))
    for _ in range(2):
        assert main([*arguments, "--announce", "--kafka", kafka_url]) == 0
    events = asyncio.run(_reported(kafka_url))[others:]
    assert {"unhappy_customers", "unanswered_question", "new_intent"} <= {
        event.data.kind for event in events
    }
    assert len(events) == 2 * len({event.id for event in events})


async def _reported(kafka: str) -> list[Event[Any]]:
    return [
        decode(record, now=datetime.now(UTC))
        async for records in from_the_beginning(kafka)
        for record in records
        if peek_type(record.headers) == InsightReported.TYPE
    ]


def test_one_reading_gives_a_page_in_each_language(file: Path, tmp_path: Path) -> None:
    assert main(["--folder", str(tmp_path), "--messages", str(file)]) == 0
    pages = {path.name: path.read_text("utf-8") for path in tmp_path.iterdir()}
    assert pages.keys() == {"report-zh.html", "report-en.html"}, "and nothing half-written"
    assert "“Refund”" in pages["report-en.html"] and "“退款”" in pages["report-zh.html"]
    newest = FileMessages(file).newest
    assert all(f"{newest:%Y-%m-%d %H:%M}" in page for page in pages.values())


@pytest.mark.parametrize(
    "arguments",
    [
        ["--out", "page.html", "--folder", "pages"],
        ["--folder", "pages", "--every", "--until", "2026-11-23"],
        ["--folder", "pages", "--every", "--messages", "messages.jsonl"],
        ["--folder", "pages", "--every", "-3"],
    ],
)
def test_what_does_not_go_together_is_refused(arguments: list[str]) -> None:
    with pytest.raises(SystemExit):
        main(arguments)


def test_a_file_ends_with_its_last_message(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "page.html"
    assert main(["--out", str(out), "--language", "en", "--messages", str(file)]) == 0
    newest = FileMessages(file).newest
    assert f"to {newest:%Y-%m-%d %H:%M} (UTC)" in out.read_text(encoding="utf-8")


async def test_a_file_gives_back_what_was_written(file: Path, told: tuple[Message, ...]) -> None:
    found = [message async for message in FileMessages(file).messages(told[0].at)]
    expected = {m.key: m for m in told if m.at >= told[0].at}
    assert {m.key for m in found} == set(expected)
    for message in found:
        original = expected[message.key]
        assert message.text == original.text
        assert message.words == original.words
        assert message.cited == original.cited
        assert message.agent_reply == original.agent_reply
        assert message.vector is not None
        assert original.vector is not None
        assert float(message.vector @ original.vector) > 0.9999


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"at": "2026-11-23T10:00:00"}, "m.jsonl:2: at: "),
        ({"verdict": "great"}, "m.jsonl:2: verdict: "),
        ({"vector": [0, 0]}, "m.jsonl:2: vector: "),
        ({"vector": "no base64"}, "m.jsonl:2: vector: "),
        ({"vector": [1.0, 0.0]}, "m.jsonl:2: vector: a vector of 2 values, not 384"),
        ({"answerable": 2}, "m.jsonl:2: answerable: "),
    ],
)
def test_a_line_that_is_no_message_is_refused_with_its_place(
    told: tuple[Message, ...],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    change: dict[str, object],
    why: str,
) -> None:
    first, second = lines_of(told[:2])
    path, out = tmp_path / "m.jsonl", tmp_path / "page.html"
    path.write_text(f"{first}\n{json.dumps(json.loads(second) | change)}\n", encoding="utf-8")
    assert main(["--out", str(out), "--messages", str(path)]) == 2
    said = capsys.readouterr().err
    assert why in said
    assert told[1].text not in said, "texts are not told"
    assert not out.exists()


def test_what_is_no_file_of_messages_is_refused(tmp_path: Path) -> None:
    for name, content in (("a.csv", "text\n"), ("b.jsonl", "\n"), ("c.jsonl", "{")):
        path = tmp_path / name
        path.write_text(content, encoding="utf-8")
        with pytest.raises(DataError):
            FileMessages(path)
