"""An empty broker and an empty database, and worker processes on them."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition

from deploy import topics as topic_admin
from deploy.runtime import Runtime
from deploy.system import WORKERS
from shared.envelope import Event
from shared.events import Payload
from shared.publisher import publish_once
from shared.settings import KafkaSettings
from shared.topics import TOPICS
from tests.chaos import mongo
from tests.chaos.forgetting import forget
from tests.integration.probe import DATABASE

STOPPED_WITHIN_SECONDS = 10.0


class Stage:
    """What a test needs around the worker processes it watches and kills."""

    def __init__(self, runtime: Runtime, folder: Path) -> None:
        self.runtime = runtime
        self.folder = folder
        self.away = folder / "away"
        self._processes: list[subprocess.Popen[bytes]] = []
        topic_admin.apply(runtime.endpoints.kafka)
        forget(runtime.endpoints.kafka)
        mongo.empty(runtime.endpoints.mongo, *WORKERS, DATABASE)

    def start(self, module: str = "tests.integration.probe", **environment: str) -> "Process":
        """Start a worker; its log goes to a file the test can read."""
        log = self.folder / f"worker-{len(self._processes)}.log"
        settings = {
            "KAFKA_BOOTSTRAP_SERVERS": self.runtime.endpoints.kafka,
            "MONGO_URL": self.runtime.endpoints.mongo,
            "HTTP_PORT": "0",
            "LOG_FORMAT": "json",
            "PROBE_AWAY": str(self.away),
            "SESSION_TIMEOUT_MS": "6000",
            "HEARTBEAT_INTERVAL_MS": "500",
        }
        with log.open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", module],
                env=os.environ | settings | environment,
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        self._processes.append(process)
        return Process(process, log)

    def close(self) -> None:
        """Stop what runs: who is killed holds the partitions until Kafka misses it."""
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            try:
                process.wait(STOPPED_WITHIN_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    async def publish(self, topic: str, events: Iterable[Event[Payload]]) -> None:
        """As careloop's own processes do."""
        kafka = KafkaSettings(kafka_bootstrap_servers=self.runtime.endpoints.kafka)
        await publish_once(kafka, "stage", TOPICS[topic], *events)

    async def publish_raw(
        self,
        topic: str,
        messages: Iterable[tuple[bytes | None, bytes | None, list[tuple[str, bytes]]]],
    ) -> None:
        """Write messages as they are, in order, and wait until they are safe."""
        producer = AIOKafkaProducer(
            bootstrap_servers=self.runtime.endpoints.kafka,
            enable_idempotence=True,
            max_request_size=17 * 1024 * 1024,
        )
        await producer.start()
        try:
            sent = [
                await producer.send(topic, value, key=key, headers=headers)
                for key, value, headers in messages
            ]
            await asyncio.gather(*sent)
        finally:
            await producer.stop()

    async def read(self, topic: str) -> list[ConsumerRecord]:
        """Everything that stands on the topic now, in order within each partition."""
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self.runtime.endpoints.kafka, auto_offset_reset="earliest"
        )
        await consumer.start()
        try:
            partitions = [TopicPartition(topic, n) for n in range(TOPICS[topic].partitions)]
            consumer.assign(partitions)
            ends = await consumer.end_offsets(partitions)
            records: list[ConsumerRecord] = []
            while any([await consumer.position(p) < ends[p] for p in partitions]):
                for batch in (await consumer.getmany(timeout_ms=500)).values():
                    records += batch
            return records
        finally:
            await consumer.stop()

    async def read_until(self, topic: str, ids: int, seconds: float = 60.0) -> list[ConsumerRecord]:
        """Read the topic again and again until it holds that many different events."""
        records: list[ConsumerRecord] = []
        for _ in range(int(seconds * 2)):
            records = await self.read(topic)
            if len({event_id(record) for record in records}) >= ids:
                return records
            await asyncio.sleep(0.5)
        found = len({event_id(record) for record in records})
        raise AssertionError(f"{found} of {ids} events on {topic} after {seconds} s")


class Process:
    """A worker process."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self._process = process
        self._log = log

    @property
    def log(self) -> str:
        return self._log.read_text(errors="replace")

    def kill(self) -> None:
        """SIGKILL: no chance to finish anything."""
        self._process.kill()
        self._process.wait()

    def terminate(self, seconds: float = 30.0) -> int:
        """SIGTERM, and the exit code."""
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(seconds)

    async def exited(self, seconds: float = 60.0) -> int:
        """The exit code of a worker that ends by itself."""
        return await asyncio.to_thread(self._process.wait, seconds)

    async def says(self, text: str, seconds: float = 60.0) -> None:
        """Wait until the log has the text."""
        for _ in range(int(seconds * 10)):
            if text in self.log:
                return
            await asyncio.sleep(0.1)
        raise AssertionError(f"no {text!r} within {seconds} s in:\n{self.log[-3000:]}")


def event_id(record: ConsumerRecord) -> str:
    return headers(record).get("ce_id", "")


def headers(record: ConsumerRecord) -> dict[str, str]:
    return {name: value.decode(errors="replace") for name, value in record.headers}
