"""A real Prometheus scrapes the five workers while tickets run and things break.

Every query of every panel and every recorded figure has data; alerts fire and reach who is called.
The language model answers, then fails; workers get what they cannot take; the database is killed,
and at the end a worker.
"""

import asyncio
import json
import time
import urllib.request
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from aiokafka import AIOKafkaProducer

from deploy.monitoring.dashboards import boards
from deploy.monitoring.files import RULES
from deploy.runtime import RuntimeUnavailable
from deploy.runtime.ports import free_ports, is_free
from deploy.runtime.prometheus import Monitor, alertmanager, find_or_fetch, prometheus, scraping
from deploy.system import WORKERS, System
from deploy.system.monitoring import watched
from shared.events import FeedbackRated, LabelCorrected, ResponseReviewed, TicketResolved
from tests.component.generate.llm.server import ModelServer, status
from tests.e2e.home import prepared
from tests.e2e.tickets import EN, ZH, report, ticket
from tests.e2e.wire import Message, Wire, data
from tests.integration.watched import (
    Answers,
    OnCall,
    language_model,
    routing,
    shortened_rules,
    until,
)

pytestmark = pytest.mark.slow

UNANSWERABLE = "Which mushrooms can I pick in the forest behind my house in October?"
PERSON = "The refund for order 20261108-2003 has not arrived. I want to speak to a real person now."
ORDER = "Where is my order 20261119-2001?"
ANN = {"customer_id": "C-1002", "name": "Ann Lee", "identity": "claimed"}
PICTURE = {"url": "https://elsewhere.example/x.png", "media_type": "image/png"}
MAY_BE_EMPTY = {
    "careloop_spans_total": "no collector is named here",
    "careloop_personalize_model_info": "a model has to be trained on a company's own data first",
}
"""Metrics whose queries may have no data here, and why."""


class Live(NamedTuple):
    system: System
    ask: Answers
    on_call: OnCall
    wire: Wire
    model: ModelServer


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    try:
        programs = find_or_fetch(print)
    except RuntimeUnavailable as error:
        pytest.skip(str(error))
    folder = tmp_path_factory.mktemp("monitoring")
    with language_model() as model, OnCall() as on_call:
        told = {
            "POLICY_INTERVAL_SECONDS": "1",
            "LOOK_SECONDS": "1",
            "LLM_BACKEND": "openai",
            "LLM_BASE_URL": model.url,
            "LLM_MODEL": "test",
            "LLM_ATTEMPTS": "2",
            "LLM_CIRCUIT_FAILURES": "3",
            "LLM_CIRCUIT_SECONDS": "600",
            "LLM_PRICE_IN": "1",
        }
        with (
            System(folder / "system", prepared(), print, told) as system,
            alertmanager(programs.alertmanager, routing(on_call), folder) as manager,
        ):
            targets = {name: [f"127.0.0.1:{system.workers[name].port}"] for name in WORKERS}
            (folder / "rules").mkdir()
            rules = shortened_rules(folder / "rules")
            configuration = scraping(targets, rules, interval="1s", alertmanager=manager.address)
            with prometheus(programs.prometheus, configuration, folder) as server:
                wire = Wire(system.runtime.endpoints.kafka)
                lived = Live(system, Answers(server), on_call, wire, model)
                until(lambda: len(lived.ask.query("up == 1")) == len(WORKERS), "scraped")
                asyncio.run(one_day(lived))
                yield lived


def tickets(wave: str) -> list[Message]:
    """Something of each kind; ids end with the name of the wave."""
    again = ticket(f"again-{wave}", f"{EN} ({wave})", message_id="m1")
    return [
        ticket(f"answer-{wave}", f"{EN} {wave}", customer=ANN),
        ticket(f"zh-{wave}", f"{ZH} {wave}"),
        ticket(f"unanswerable-{wave}", f"{UNANSWERABLE} {wave}"),
        ticket(f"act-{wave}", ORDER, customer=ANN | {"customer_id": f"C-{wave}"}),
        ticket(f"picture-{wave}", f"{EN} See {wave}.", attachments=[PICTURE]),
        again,
        again,
        Message(b"{not json", wave.encode()),
    ]


async def one_day(live: Live) -> None:
    """All that is needed for every figure to have a value."""
    wire = live.wire
    await wire.publish(tickets("first"))
    await wire.publish([ticket("person", PERSON, customer=ANN, message_id="m1")])
    await wire.replies("answer-first", "zh-first", "unanswerable-first", "act-first", "person")
    await wire.publish([ticket("person", EN, customer=ANN, message_id="m2")])
    found = await wire.replies("answer-first", "zh-first", "act-first")
    answers: list[dict[str, Any]] = [data(one) for one in found]
    _, draft = [data(one) for one in await wire.replies("person", each=2)]
    assert draft["decision"] == "draft"
    about = {"ticket_id": "person", "response_id": draft["response_id"]}
    said = [report(ResponseReviewed, "review", about | {"verdict": "approved"})]
    for one in answers:
        who = {"ticket_id": one["ticket_id"]}
        rating = who | {"response_id": one["response_id"], "rating": 5}
        said += [
            report(FeedbackRated, f"rated-{one['ticket_id']}", rating),
            report(TicketResolved, f"done-{one['ticket_id']}", who | {"resolved_by": "customer"}),
        ]
    said.append(report(LabelCorrected, "label", {"ticket_id": "zh-first", "intent": "refund"}))
    await wire.publish(said)
    await wire.settled()
    live.model.behave(status(500))
    await wire.publish(tickets("model-away"))
    await wire.settled()
    await poison(live.system.runtime.endpoints.kafka)


async def poison(kafka: str) -> None:
    """What nobody understands, on the topics that only workers write."""
    async with AIOKafkaProducer(bootstrap_servers=kafka) as producer:
        for topic in ("classify", "personalize", "generate", "feedback"):
            for number in range(8):
                await producer.send_and_wait(topic, b"{not json", f"poison-{number}".encode())


def test_a_database_that_is_away_calls_somebody_once_and_messages_get_old(live: Live) -> None:
    """That the worker lacks its database says all that the age of its messages would."""
    database = live.system.runtime.mongo
    database.kill()
    try:
        asyncio.run(live.wire.publish(tickets("database-away")))
        until(lambda: live.ask.firing("CareloopBacklogOld", job="ingest"), "firing")
        until(lambda: live.on_call.told("CareloopWorkerNotReady", job="ingest"), "told")
    finally:
        database.start()
    call = live.on_call.told("CareloopWorkerNotReady", job="ingest")
    assert call is not None and call.receiver == "page"
    assert call.annotations["runbook_url"] == "deploy/runbook.md#careloopworkernotready"
    assert call.annotations["description"].startswith("Processes of ingest run, but none is ready")
    replies = ("answer-database-away", "zh-database-away")
    assert len(asyncio.run(live.wire.replies(*replies))) == 2
    until(lambda: live.on_call.told("CareloopWorkerNotReady", "resolved", job="ingest"), "resolved")
    assert live.ask.query('careloop_database_errors_total{job="ingest", command="unreachable"} > 0')
    assert live.ask.query('careloop_retried_total{job="ingest", error="TemporaryError"} > 0')


def test_what_workers_cannot_take_calls_somebody_and_what_comes_from_outside_does_not(
    live: Live,
) -> None:
    for worker in ("classify", "personalize", "generate", "feedback"):
        until(
            lambda name=worker: live.on_call.told("CareloopDeadLettersMany", job=name),  # type: ignore[misc]
            worker,
        )
    call = live.on_call.told("CareloopDeadLettersMany", job="generate")
    assert call is not None and call.receiver == "page"
    assert "8 dead letters of topic generate" in call.annotations["description"]
    assert live.on_call.told("CareloopDeadLettersMany", job="ingest") is None
    # The weaker alert says nothing beside the stronger.
    assert live.ask.firing("CareloopDeadLetters", job="generate")
    assert live.on_call.told("CareloopDeadLetters", job="generate") is None


def test_a_language_model_that_fails_is_a_ticket(live: Live) -> None:
    until(lambda: live.on_call.told("CareloopLanguageModelAway"), "told")
    call = live.on_call.told("CareloopLanguageModelAway")
    assert call is not None and call.receiver == "ticket"


def test_a_machine_elsewhere_hears_that_somebody_watches(live: Live) -> None:
    until(lambda: live.on_call.told("CareloopWatching"), "told")
    call = live.on_call.told("CareloopWatching")
    assert call is not None and call.receiver == "heartbeat"


def queries() -> dict[str, str]:
    """Every query of every panel that must have data, and where it stands."""
    return {
        target["expr"].replace("$__rate_interval", "1m"): f"{uid}: {panel['title']}"
        for uid, board in boards().items()
        for panel in board.json()["panels"]
        for target in panel.get("targets", ())
        if not any(metric in target["expr"] for metric in MAY_BE_EMPTY)
    }


def test_every_query_of_every_dashboard_has_data(live: Live) -> None:
    missing, deadline, wave = queries(), time.monotonic() + 120, 0
    assert len(missing) > 150
    while missing and time.monotonic() < deadline:
        wave += 1
        asyncio.run(live.wire.publish(tickets(f"wave-{wave}")))
        time.sleep(3)
        missing = {expr: where for expr, where in missing.items() if not live.ask.query(expr)}
    empty = sorted(f"{where}: {expr}" for expr, where in missing.items())
    assert empty == [], "\n".join(empty)


def test_every_recorded_figure_has_data(live: Live) -> None:
    recorded = {rule["name"] for rule in live.ask.rules() if rule["type"] == "recording"}
    assert len(recorded) == sum(path.read_text().count("record:") for path in RULES.glob("*.yml"))
    assert {name for name in recorded if not live.ask.query(name)} == set()


def test_every_rule_is_evaluated_without_an_error(live: Live) -> None:
    assert [rule for rule in live.ask.rules() if rule["health"] != "ok"] == []


def test_every_metric_says_what_it_means(live: Live) -> None:
    """Prometheus knows what a metric means: it was declared with a sentence."""
    told: dict[str, Any] = live.ask.metadata()
    ours = {name: said for name, said in told.items() if name.startswith("careloop_")}
    assert len(ours) > 40
    assert all(one["help"] for said in ours.values() for one in said), json.dumps(ours)


def test_make_run_has_a_prometheus_beside_the_system(live: Live) -> None:
    said: list[str] = []
    (port,) = free_ports(1)
    with watched(live.system, port, said.append):
        answers = Answers(Monitor("", (), live.system.data, port))
        until(lambda: len(answers.query("up == 1")) == len(WORKERS), "scraped", 60)
        known = {rule["name"] for rule in answers.rules()}
        assert {"CareloopWorkerDown", "careloop:lag:sum"} <= known
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10) as page:
            assert b"Alerts" in page.read()
    assert f"http://127.0.0.1:{port}" in said[0]
    assert is_free(port)


def test_a_worker_that_dies_calls_somebody_once(live: Live) -> None:
    """Its process is away as well, and that is not told beside it."""
    dead = live.system.workers["personalize"]
    dead.kill()
    try:
        until(lambda: live.ask.firing("CareloopWorkerDown", job="personalize"), "firing")
        until(lambda: live.ask.firing("CareloopProcessDown", job="personalize"), "firing")
        until(lambda: live.on_call.told("CareloopWorkerDown", job="personalize"), "told")
        time.sleep(5)
        assert live.on_call.told("CareloopProcessDown", job="personalize") is None
        call = live.on_call.told("CareloopWorkerDown")
        assert call is not None and call.receiver == "page"
        assert call.annotations["runbook_url"] == "deploy/runbook.md#careloopworkerdown"
    finally:
        dead.start()
        dead.wait_until_ready()
    until(lambda: live.on_call.told("CareloopWorkerDown", "resolved", job="personalize"), "over")
