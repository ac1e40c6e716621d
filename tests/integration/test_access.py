"""Access on a real broker with TLS, SCRAM users and an authoriser, and a database with users.

Topics, rights and users are made by the commands an SRE gives. Then the five workers run under
their users, each with its own database; and every user tries every topic and group with real
clients: what the topic cards say is let, everything else refused.
"""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import compress
from pathlib import Path

import orjson
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from deploy.acl.plan import WORKERS, user_of
from deploy.system import System
from shared import kafka, topics
from shared.settings import KafkaSettings
from shared.topics import TOPICS
from tests.e2e.home import prepared
from tests.integration.attempts import can_join, can_read, can_write
from tests.integration.certificates import Authority
from tests.integration.guarded import ADMINISTRATOR, UPSTREAM, Guarded, password_of, variables

pytestmark = pytest.mark.slow

NOBODY = "127.0.0.1:9"
MAY_READ = {
    "ingest": {"ingest"},
    "classify": {"classify", "feedback"},
    "personalize": {"personalize", "feedback"},
    "generate": {"generate", "feedback"},
    "feedback": {"feedback"},
    UPSTREAM: {"responses"},
}
MAY_WRITE = {
    "ingest": {"classify", "feedback", "ingest.dlq"},
    "classify": {"personalize", "classify.dlq"},
    "personalize": {"generate", "personalize.dlq"},
    "generate": {"responses", "feedback", "generate.dlq"},
    "feedback": {"feedback", "feedback.dlq"},
    UPSTREAM: {"ingest"},
}
"""As the table of DESIGN.md says, written out: not taken from the code that grants them."""
GROUPS = (*WORKERS, "dlq-replay", "dlq-drop", f"{UPSTREAM}-desk", f"{UPSTREAM}s", "anything")


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    with Guarded(tmp_path_factory.mktemp("guarded")) as started:
        yield started


def user(who: str) -> str:
    return who if who == UPSTREAM else user_of(who)


def access(guarded: Guarded, name: str) -> KafkaSettings:
    with variables(guarded.environment(name)):
        return KafkaSettings()


class Worker:
    """A feedback worker: it ends by itself, or is killed when the test is over."""

    def __init__(self, folder: Path, variables: dict[str, str], module: str = "feedback") -> None:
        self._log = folder / "worker.log"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", f"services.{module}"],
                env=os.environ | variables | {"HTTP_PORT": "0", "LOG_FORMAT": "json"},
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()

    @property
    def log(self) -> str:
        return self._log.read_text()

    def why_it_ended(self, seconds: float = 60.0) -> str:
        """The reason in its last line, after it ended with code 1."""
        assert self._process.wait(seconds) == 1, self.log
        last = orjson.loads(self.log.splitlines()[-1])
        assert last["event"] == "stopped", self.log
        assert "Traceback" not in self.log
        return str(last["why"])

    async def is_ready(self) -> None:
        for _ in range(600):
            if '"ready"' in self.log:
                break
            await asyncio.sleep(0.1)
        assert '"ready"' in self.log, self.log

    async def waits(self, text: str) -> None:
        """Says so twice, and lives on."""
        for _ in range(600):
            if self.log.count(text) >= 2:
                break
            await asyncio.sleep(0.1)
        assert self.log.count(text) >= 2, self.log
        assert self._process.poll() is None


async def test_a_ticket_goes_all_the_way_while_everybody_has_but_their_own_rights(
    guarded: Guarded, tmp_path: Path
) -> None:
    each = {worker: guarded.of_worker(worker) for worker in WORKERS}
    system_wide = guarded.environment(ADMINISTRATOR) | {"MONGO_URL": guarded.mongo.administration}
    told = {"POLICY_INTERVAL_SECONDS": "1", "SESSION_TIMEOUT_MS": "6000"}
    with variables(system_wide), System(tmp_path, prepared(), print, told, each=each) as system:
        assert all(port_of_loopback_alone(one.port) for one in system.workers.values())
        desk = access(guarded, UPSTREAM)
        listener = AIOKafkaConsumer(
            topics.RESPONSES.name,
            **kafka.options(desk),
            group_id=f"{UPSTREAM}-desk",
            auto_offset_reset="earliest",
        )
        async with AIOKafkaProducer(**kafka.options(desk), enable_idempotence=True) as producer:
            ticket = {"ticket_id": "T-access", "body": "Where is my order 20231105?"}
            await producer.send_and_wait("ingest", orjson.dumps(ticket), key=b"T-access")
        async with listener:
            reply = await asyncio.wait_for(listener.getone(), 60)
        logs = "".join(one.log.read_text() for one in system.workers.values())
    assert orjson.loads(reply.value)["ticket_id"] == "T-access"
    for worker in WORKERS:
        for name in (user_of(worker), worker):
            assert password_of(name) not in logs
            assert password_of(name)[-9:] not in logs


def port_of_loopback_alone(port: int) -> bool:
    """Whether 127.0.0.1 answers, and another address of this machine does not."""
    socket.create_connection(("127.0.0.1", port), timeout=5).close()
    try:
        socket.create_connection(("127.0.0.2", port), timeout=5).close()
    except OSError:
        return True
    return False


async def those(names: Iterable[str], can: Callable[[str], Awaitable[bool]]) -> set[str]:
    """Of which it is true; all are tried at once."""
    tried = list(names)
    return set(compress(tried, await asyncio.gather(*map(can, tried))))


@pytest.fixture(scope="module")
def filled(guarded: Guarded) -> Guarded:
    """With something to be read on every topic."""
    can = partial(can_write, access(guarded, ADMINISTRATOR))
    assert asyncio.run(those(TOPICS, can)) == set(TOPICS)
    return guarded


@pytest.mark.parametrize("who", MAY_READ)
async def test_every_topic_is_let_or_refused_as_its_card_says(filled: Guarded, who: str) -> None:
    own = access(filled, user(who))
    assert await those(TOPICS, partial(can_read, own)) == MAY_READ[who]
    assert await those(TOPICS, partial(can_write, own)) == MAY_WRITE[who]
    assert not await can_read(own, "__consumer_offsets")


@pytest.mark.parametrize("who", MAY_READ)
async def test_a_group_is_its_workers_own(filled: Guarded, who: str) -> None:
    own, (topic, *_) = access(filled, user(who)), sorted(MAY_READ[who])
    expected = {f"{UPSTREAM}-desk"} if who == UPSTREAM else {who}
    assert await those(GROUPS, partial(can_join, own, topic=topic)) == expected


def test_operators_commands_do_with_the_operators_rights(guarded: Guarded) -> None:
    operators = user_of("operators")
    letters = guarded.command("deploy.dlq", "list", user=operators)
    assert letters.returncode == 0, letters.stderr
    planned = guarded.command("deploy.topics", "plan", user=operators)
    assert planned.returncode == 0, planned.stdout + planned.stderr
    rights = guarded.command("deploy.acl", "plan", user=operators)
    assert rights.returncode == 1 and "may not alter the cluster" in rights.stderr


def test_an_upstreams_file_is_published_by_its_user_and_no_workers(
    guarded: Guarded, tmp_path: Path
) -> None:
    file = tmp_path / "tickets.jsonl"
    file.write_text('{"ticket_id": "T-file", "body": "hello"}\n')
    sent = guarded.command("deploy.publish", str(file), user=UPSTREAM)
    assert sent.returncode == 0 and "sent 1 messages" in sent.stdout, sent.stderr
    refused = guarded.command("deploy.publish", str(file), user=user_of("classify"))
    assert refused.returncode == 1 and "sent 1" not in refused.stdout


def test_a_wrong_password_is_said_by_a_command_too(guarded: Guarded) -> None:
    commands = (("deploy.dlq", "list"), ("deploy.topics", "plan"))

    def guessing(command: tuple[str, str]) -> "subprocess.CompletedProcess[str]":
        return guarded.command(*command, user=UPSTREAM, KAFKA_PASSWORD="guess-1")

    # At the same time: each tries for ten seconds before it gives up.
    with ThreadPoolExecutor() as pool:
        all_ended = list(pool.map(guessing, commands))
    for ended in all_ended:
        assert ended.returncode == 1
        assert f"refuses user {UPSTREAM}: mend KAFKA_USERNAME or KAFKA_PASSWORD" in ended.stderr
        assert "guess-1" not in ended.stdout + ended.stderr


def test_planning_again_finds_nothing_and_pruning_takes_what_is_too_much(guarded: Guarded) -> None:
    def acl(do: str, *more: str) -> "subprocess.CompletedProcess[str]":
        return guarded.command("deploy.acl", do, "--upstream", UPSTREAM, *more)

    assert acl("plan").stdout == "all rights are as the cards say\n"
    assert acl("apply", "--upstream", "leaver").returncode == 0
    assert acl("plan").stdout == "all rights are as the cards say\n", "of others nothing is said"
    plan = acl("plan", "--former", "leaver")
    assert plan.returncode == 2 and "! leaver: Write topic ingest (not from the" in plan.stdout
    assert acl("apply", "--former", "leaver").returncode == 0
    assert acl("plan", "--former", "leaver").stdout == plan.stdout, "nothing goes unasked"
    assert acl("apply", "--former", "leaver", "--prune").returncode == 0
    assert acl("plan", "--former", "leaver").stdout == "all rights are as the cards say\n"
    assert acl("plan").returncode == 0, "and nobody else lost any"


def test_users_of_the_database_are_made_again_and_a_wrong_administrator_is_said(
    guarded: Guarded,
) -> None:
    url = guarded.mongo.administration
    one = {"CLASSIFY_MONGO_PASSWORD": password_of("classify")}
    again = guarded.command("deploy.mongo_users", MONGO_URL=url, **one)
    assert again.returncode == 0, again.stderr
    assert "classify: readWrite on its database" in again.stdout
    assert "ingest: left alone: no INGEST_MONGO_PASSWORD" in again.stdout
    wrong = guarded.mongo.url("classify", "guess-1")
    refused = guarded.command("deploy.mongo_users", MONGO_URL=wrong, **one)
    assert refused.returncode == 1 and "uthentication failed" in refused.stderr
    assert "guess-1" not in refused.stderr and "classify:**********@" in refused.stderr


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"KAFKA_PASSWORD": "guess-1"}, "refuses user careloop-feedback: mend KAFKA_USERNAME or"),
        ({"KAFKA_USERNAME": "nobody-here"}, "refuses user nobody-here: mend"),
        ({"KAFKA_SASL_MECHANISM": "PLAIN"}, "does not take PLAIN: mend KAFKA_SASL_MECHANISM"),
        ({"KAFKA_PASSWORD": ""}, "KAFKA_PASSWORD is not set"),
        ({"KAFKA_CA_FILE": "/nowhere.pem"}, "KAFKA_CA_FILE /nowhere.pem cannot be read"),
        ({"KAFKA_SECURITY_PROTOCOL": "PLAINTEXT"}, "KAFKA_USERNAME and KAFKA_PASSWORD and"),
        ({"MONGO_URL": "WRONG"}, "the database refuses our user: mend name, password"),
        ({"MONGO_URL": "ANONYMOUS"}, "the database does not let our user do this"),
        ({"MONGO_URL": "ANOTHER"}, "the database does not let our user do this"),
    ],
)
def test_what_no_waiting_mends_ends_the_worker_with_what_to_mend(
    guarded: Guarded, tmp_path: Path, wrong: dict[str, str], why: str
) -> None:
    urls = {
        "WRONG": guarded.mongo.url("feedback", "guess-1"),
        "ANONYMOUS": guarded.mongo.anonymous,
        "ANOTHER": guarded.mongo.url("classify", password_of("classify")),
    }
    told = {name: urls.get(value, value) for name, value in wrong.items()}
    with Worker(tmp_path, guarded.of_worker("feedback") | told) as worker:
        assert why in worker.why_it_ended()
        assert "guess-1" not in worker.log and "pässword" not in worker.log


def test_a_broker_under_an_unknown_authority_ends_the_worker(
    guarded: Guarded, tmp_path: Path
) -> None:
    other = Authority(tmp_path, "somebody else")
    told = guarded.of_worker("feedback") | {"KAFKA_CA_FILE": str(other.file)}
    with Worker(tmp_path, told) as worker:
        assert "shows a certificate that is not trusted" in worker.why_it_ended()


def test_a_worker_with_anothers_rights_says_all_that_it_lacks(
    guarded: Guarded, tmp_path: Path
) -> None:
    told = guarded.of_worker("feedback") | guarded.environment(user_of("classify"))
    with Worker(tmp_path, told) as worker:
        assert worker.why_it_ended() == (
            "Kafka does not let user careloop-classify write feedback, write feedback.dlq, read in "
            "group feedback: `python -m deploy.acl apply` gives feedback its rights"
        )


async def test_a_broker_that_is_down_is_waited_for(guarded: Guarded, tmp_path: Path) -> None:
    told = guarded.of_worker("feedback") | {"KAFKA_BOOTSTRAP_SERVERS": NOBODY}
    with Worker(tmp_path, told) as worker:
        await worker.waits("no Kafka broker answers")


async def test_a_broker_that_hangs_up_is_waited_for_with_a_hint(
    guarded: Guarded, tmp_path: Path
) -> None:
    cleared = {"KAFKA_USERNAME": "", "KAFKA_PASSWORD": "", "KAFKA_CA_FILE": ""}
    told = {"KAFKA_SECURITY_PROTOCOL": "PLAINTEXT"} | cleared
    with Worker(tmp_path, guarded.of_worker("feedback") | told) as worker:
        await worker.waits("hangs up: is KAFKA_SECURITY_PROTOCOL right?")


async def test_the_password_may_stand_in_a_mounted_file(guarded: Guarded, tmp_path: Path) -> None:
    told = guarded.of_worker("feedback")
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    for name in ("KAFKA_PASSWORD", "MONGO_URL"):
        (secrets / name).write_text(told[name] + "\n")
        told[name] = ""
    with Worker(tmp_path, told | {"SECRETS_DIR": str(secrets)}) as worker:
        await worker.is_ready()


def with_certificate(guarded: Guarded, certificate: Path) -> dict[str, str]:
    """What a feedback worker is told that has it in place of name and password."""
    url = guarded.mongo.url("feedback", password_of("feedback"))
    return guarded.by_certificate(certificate) | {"MONGO_URL": url}


async def test_a_certificate_stands_for_name_and_password(guarded: Guarded, tmp_path: Path) -> None:
    own = guarded.authority.sign(user_of("feedback"))
    with Worker(tmp_path, with_certificate(guarded, own)) as worker:
        await worker.is_ready()
    with variables(guarded.by_certificate(own)):
        settings = KafkaSettings()
    assert await those(TOPICS, partial(can_write, settings)) == MAY_WRITE["feedback"]


@pytest.mark.parametrize("signed_by", ["nobody", "somebody else"])
def test_a_certificate_that_is_lacking_or_anothers_ends_the_worker(
    guarded: Guarded, tmp_path: Path, signed_by: str
) -> None:
    told = with_certificate(guarded, Authority(tmp_path, signed_by).sign("careloop-feedback"))
    if signed_by == "nobody":
        told |= {"KAFKA_CERTIFICATE_FILE": "", "KAFKA_KEY_FILE": ""}
    with Worker(tmp_path, told) as worker:
        assert "refuses our certificate: mend KAFKA_CERTIFICATE_FILE" in worker.why_it_ended()


def test_a_certificate_of_another_worker_says_all_that_is_lacking(
    guarded: Guarded, tmp_path: Path
) -> None:
    others = guarded.authority.sign(user_of("classify"))
    with Worker(tmp_path, with_certificate(guarded, others)) as worker:
        assert worker.why_it_ended().startswith(
            "Kafka does not let the user of our certificate write feedback, "
        )
