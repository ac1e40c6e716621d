"""The runtime without Docker: nothing acknowledged is lost, nothing is left running.

The faults are real: brokers and databases are processes that get SIGKILL while they are written
to. Only Java and Maven are stood in for by scripts, where their absence or failure is the case.
"""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from kafka import KafkaAdminClient
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.errors import PyMongoError

from deploy.runtime import Runtime, RuntimeUnavailable, start
from deploy.runtime.broker import lists_a_broker
from deploy.runtime.embedded_kafka import EmbeddedKafka
from deploy.runtime.installation import VERSION, install
from deploy.runtime.mongo import SERVER_VARIABLE, EmbeddedMongo, find_server, pings
from deploy.runtime.ports import answers

ROOT = Path(__file__).parents[2]
TOPIC = "written"
WRITERS = 8
WRITES_BEFORE_THE_KILL = 400
WRITES_AFTER_THE_RESTART = 800


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[Runtime]:
    """Kafka and database embedded, also where Docker or given ones would go first."""
    with embedded_in(tmp_path) as runtime:
        runtime.start()
        yield runtime


def embedded_in(folder: Path) -> Runtime:
    kafka = EmbeddedKafka(folder / "kafka", say=print)
    return Runtime(kafka, EmbeddedMongo(folder / "mongo", say=print))


async def until(reached: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not reached():  # noqa: ASYNC110 - other processes set no event
            await asyncio.sleep(0.02)


class Writers:
    """Several tasks that write numbers and note those whose write was acknowledged."""

    def __init__(self, write: Callable[[int], Any], away: type[Exception]) -> None:
        self.acknowledged: list[int] = []
        self._write = write
        self._away = away
        self._next = 0
        self._stopped = False

    async def run(self) -> None:
        while not self._stopped:
            number, self._next = self._next, self._next + 1
            try:
                await self._write(number)
            except self._away:
                await asyncio.sleep(0.05)
            else:
                self.acknowledged.append(number)

    async def through_a_kill(self, kill: Callable[[], None], restart: Callable[[], None]) -> None:
        tasks = [asyncio.create_task(self.run()) for _ in range(WRITERS)]
        await until(lambda: len(self.acknowledged) >= WRITES_BEFORE_THE_KILL)
        await asyncio.to_thread(kill)
        await asyncio.to_thread(restart)
        enough = len(self.acknowledged) + WRITES_AFTER_THE_RESTART
        await until(lambda: len(self.acknowledged) >= enough)
        self._stopped = True
        await asyncio.gather(*tasks)


@pytest.mark.slow
async def test_a_killed_broker_comes_back_with_every_acknowledged_message(
    embedded: Runtime,
) -> None:
    url = embedded.endpoints.kafka
    create_topic(url)
    producer = AIOKafkaProducer(bootstrap_servers=url, acks="all", enable_idempotence=True)
    await producer.start()
    writers = Writers(lambda n: producer.send_and_wait(TOPIC, str(n).encode()), OSError)
    await writers.through_a_kill(embedded.kafka.kill, embedded.kafka.restart)
    await producer.stop()

    assert embedded.endpoints.kafka == url
    assert sorted(await read_all(url)) == sorted(writers.acknowledged)


@pytest.mark.slow
async def test_a_killed_database_comes_back_with_every_acknowledged_write(
    embedded: Runtime,
) -> None:
    url = embedded.endpoints.mongo
    client: AsyncIOMotorClient[Any] = AsyncIOMotorClient(url, serverSelectionTimeoutMS=2_000)
    written = client["test"]["written"]
    writers = Writers(lambda n: written.insert_one({"_id": n}), PyMongoError)
    await writers.through_a_kill(embedded.mongo.kill, embedded.mongo.restart)
    found = {document["_id"] async for document in written.find({})}
    client.close()

    assert embedded.endpoints.mongo == url
    assert set(writers.acknowledged) <= found


@pytest.mark.slow
async def test_another_process_later_finds_the_data_of_the_first(tmp_path: Path) -> None:
    with embedded_in(tmp_path) as first:
        first.start()
        create_topic(first.endpoints.kafka)
        async with AIOKafkaProducer(bootstrap_servers=first.endpoints.kafka) as producer:
            await producer.send_and_wait(TOPIC, b"7")
        before: AsyncIOMotorClient[Any] = AsyncIOMotorClient(first.endpoints.mongo)
        await before["test"]["written"].insert_one({"_id": 7})
        before.close()
    assert not lists_a_broker(first.endpoints.kafka)
    assert not pings(first.endpoints.mongo)

    with embedded_in(tmp_path) as second:
        second.start()
        assert await read_all(second.endpoints.kafka) == [7]
        after: AsyncIOMotorClient[Any] = AsyncIOMotorClient(second.endpoints.mongo)
        assert await after["test"]["written"].find_one({}) == {"_id": 7}
        after.close()


@pytest.mark.slow
def test_two_runtimes_side_by_side_do_not_meet(tmp_path: Path) -> None:
    with embedded_in(tmp_path / "one") as one, embedded_in(tmp_path / "two") as two:
        with ThreadPoolExecutor() as pool:
            for started in [pool.submit(one.start), pool.submit(two.start)]:
                started.result()
        create_topic(one.endpoints.kafka)

        assert TOPIC in KafkaAdminClient(bootstrap_servers=one.endpoints.kafka).list_topics()
        assert TOPIC not in KafkaAdminClient(bootstrap_servers=two.endpoints.kafka).list_topics()
        assert one.endpoints.mongo != two.endpoints.mongo
        assert pings(one.endpoints.mongo)
        assert pings(two.endpoints.mongo)


@pytest.mark.slow
def test_nothing_outlives_a_process_that_was_killed(tmp_path: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from tests.integration import test_runtime;"
        "runtime = test_runtime.embedded_in(Path(sys.argv[1])); runtime.start();"
        "print('ports', runtime.endpoints.kafka, runtime.endpoints.mongo, flush=True);"
        "time.sleep(600)"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    said = next(line for line in parent.stdout if line.startswith("ports")).split()
    kafka, mongo = (int(url.split("?")[0].strip("/").rpartition(":")[2]) for url in said[1:])
    assert answers("127.0.0.1", kafka)
    assert answers("127.0.0.1", mongo)

    parent.send_signal(signal.SIGKILL)
    parent.communicate()
    asyncio.run(until(lambda: not any(answers("127.0.0.1", port) for port in (kafka, mongo))))


@pytest.mark.slow
def test_a_broker_that_dies_at_its_start_shows_the_end_of_its_log(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "meta.properties").write_text("version=1\nnode.id=99\ncluster.id=other\n")
    kafka = EmbeddedKafka(tmp_path, say=print)

    with pytest.raises(RuntimeUnavailable) as failure:
        kafka.start()

    assert str(tmp_path / "broker.log") in str(failure.value)
    assert "99" in str(failure.value)


@pytest.mark.slow
def test_a_port_that_is_taken_is_named(embedded: Runtime, tmp_path: Path) -> None:
    port = int(embedded.endpoints.kafka.rpartition(":")[2])
    with pytest.raises(RuntimeUnavailable, match=f"port {port} is in use"):
        EmbeddedKafka(tmp_path / "second", say=print, port=port).start()
    with pytest.raises(RuntimeUnavailable, match=f"port {port} is in use"):
        EmbeddedMongo(tmp_path / "second", say=print, port=port).start()


def test_what_is_given_is_used_and_nothing_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "broker-1:9092,broker-2:9092")
    monkeypatch.setenv("MONGO_URL", "mongodb://database:27017")
    monkeypatch.setenv("PATH", "")  # with nothing to run, nothing can have been run
    said: list[str] = []

    with start(tmp_path, say=said.append) as runtime:
        assert runtime.endpoints.kafka == "broker-1:9092,broker-2:9092"
        assert runtime.endpoints.mongo == "mongodb://database:27017"
        assert runtime.kinds == {"kafka": "given", "mongo": "given"}
        with pytest.raises(RuntimeUnavailable, match="KAFKA_BOOTSTRAP_SERVERS"):
            runtime.kafka.kill()

    assert said == []
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with nothing installed and nothing cached; returns the folder of its programs."""
    programs = tmp_path / "bin"
    programs.mkdir()
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.setenv("CARELOOP_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    return programs


def put(programs: Path, name: str, *lines: str) -> Path:
    file = programs / name
    file.write_text("\n".join(("#!/bin/sh", "PATH=/bin:/usr/bin", *lines, "")))
    file.chmod(0o755)
    return file


JAVA_17 = """echo 'openjdk version "17.0.15"' >&2"""
JAVA_8 = """echo 'openjdk version "1.8.0_392"' >&2"""
TARGET = 'for a in "$@"; do case $a in -DoutputDirectory=*) target=${a#*=};; esac; done'


def test_without_java_the_message_says_what_to_install(bare: Path, tmp_path: Path) -> None:
    with pytest.raises(RuntimeUnavailable) as failure:
        EmbeddedKafka(tmp_path / "kafka", say=print).start()
    for word in ("no java", "Install", "Docker", "KAFKA_BOOTSTRAP_SERVERS"):
        assert word in str(failure.value)


def test_an_old_java_is_named(bare: Path, tmp_path: Path) -> None:
    put(bare, "java", JAVA_8)
    with pytest.raises(RuntimeUnavailable, match="Java 8, too old"):
        EmbeddedKafka(tmp_path / "kafka", say=print).start()


def test_without_maven_the_message_says_what_to_install(bare: Path, tmp_path: Path) -> None:
    put(bare, "java", JAVA_17)
    with pytest.raises(RuntimeUnavailable) as failure:
        EmbeddedKafka(tmp_path / "kafka", say=print).start()
    for word in ("no mvn", "Install", "Docker", "KAFKA_BOOTSTRAP_SERVERS"):
        assert word in str(failure.value)


def test_without_the_database_the_message_says_what_to_install(
    bare: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(bare / "python"))
    monkeypatch.delenv(SERVER_VARIABLE, raising=False)
    with pytest.raises(RuntimeUnavailable) as failure:
        EmbeddedMongo(tmp_path / "mongo", say=print).start()
    for word in ("not installed", "Docker", "MONGO_URL"):
        assert word in str(failure.value)


def test_another_database_server_may_be_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = tmp_path / "started"
    other = put(tmp_path, "other-server", f"touch {started}", f'exec {find_server()} "$@"')
    monkeypatch.setenv(SERVER_VARIABLE, str(other))
    mongo = EmbeddedMongo(tmp_path / "mongo", say=print)
    mongo.start()
    try:
        assert pings(mongo.url)
        assert started.exists()
    finally:
        mongo.stop()


def test_a_named_database_server_that_is_none_is_told_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SERVER_VARIABLE, str(tmp_path / "nothing"))
    with pytest.raises(RuntimeUnavailable, match="nothing, which cannot be run"):
        EmbeddedMongo(tmp_path / "mongo", say=print).start()


def test_a_half_download_is_done_again(bare: Path) -> None:
    put(bare, "java", JAVA_17)
    put(bare, "mvn", TARGET, 'touch "$target/first.jar"', "echo connection reset; exit 1")
    with pytest.raises(RuntimeUnavailable, match="connection reset"):
        install(print)

    put(bare, "mvn", TARGET, 'touch "$target/first.jar" "$target/second.jar"')
    libs = install(print).folder / "libs"
    assert {jar.name for jar in libs.iterdir()} == {"first.jar", "second.jar"}


def test_two_processes_fetch_once(bare: Path, tmp_path: Path) -> None:
    fetched = tmp_path / "fetched"
    put(bare, "java", JAVA_17)
    put(bare, "mvn", TARGET, f"echo once >>{fetched}", "sleep 1", 'touch "$target/one.jar"')
    program = "from deploy.runtime.installation import install; print(install(print).folder)"
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", program],
            cwd=ROOT,
            env=dict(os.environ),
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    folders = {process.communicate()[0].splitlines()[-1] for process in processes}

    assert len(folders) == 1
    assert VERSION in folders.pop()
    assert fetched.read_text() == "once\n"


def create_topic(url: str) -> None:
    admin = KafkaAdminClient(bootstrap_servers=url)
    admin.create_topics({TOPIC: {"num_partitions": 3, "replication_factor": 1}})
    admin.wait_for_topics([TOPIC])
    admin.close()


async def read_all(url: str) -> list[int]:
    """Every number on the topic, as often as it stands there."""
    partitions = [TopicPartition(TOPIC, number) for number in range(3)]
    async with AIOKafkaConsumer(bootstrap_servers=url, auto_offset_reset="earliest") as consumer:
        consumer.assign(partitions)
        wanted = sum((await consumer.end_offsets(partitions)).values())
        found: list[int] = []
        deadline = time.monotonic() + 60
        while len(found) < wanted and time.monotonic() < deadline:
            for messages in (await consumer.getmany(timeout_ms=500)).values():
                found += [int(message.value) for message in messages]
        return found
