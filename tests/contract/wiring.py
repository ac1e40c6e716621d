"""A worker as its own main wires it, without Kafka: its handlers are called by the test."""

import importlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from shared.clock import clock
from shared.envelope import Event
from shared.events import Payload
from shared.leading import Work, nothing
from shared.mongo import Mongo
from shared.outcome import Handler, Outgoing
from shared.settings import WorkerSettings
from shared.subscription import Subscription
from shared.topics import TopicCard

Step = Callable[[], Awaitable[None]]


@dataclass
class Published:
    """Takes what a worker publishes beside its handlers."""

    events: list[Outgoing] = field(default_factory=list)

    async def publish(self, topic: TopicCard, *events: Event[Payload]) -> None:
        self.events += [Outgoing(topic, event) for event in events]


@dataclass
class Followed:
    """What a process is told of control events, as `shared.follower.Follower` takes it."""

    settings: WorkerSettings
    types: tuple[type[Payload], ...]
    apply: Callable[[Event[Any]], Awaitable[None]]
    offsets: object
    now: object


class Wired:
    """Takes what main declares of `shared.worker.Worker`, and has the steps of its start done."""

    def __init__(self, name: str, settings: WorkerSettings) -> None:
        self.name = name
        self.settings = settings
        self.now = clock(settings.clock_file)
        self.publisher = Published()
        self.subscriptions: list[Subscription] = []
        self.followers: list[Followed] = []
        self.databases: list[Mongo] = []
        self._prepare: list[Step] = []
        self._close: list[Step] = []

    def prepare(self, what: str, step: Step) -> None:
        self._prepare.append(step)

    def rely_on(self, what: str, reach: Step) -> None:
        self.prepare(what, reach)

    def on_close(self, step: Step) -> None:
        self._close.append(step)

    def background(self, what: str, step: Step) -> None:
        """Goes on beside delivery: not what is looked at here."""

    def lead(self, what: str, work: Work, let_go: Callable[[], None] = nothing) -> None:
        """The same, in one process."""

    def follow(self, follower: Followed) -> None:
        self.followers.append(follower)

    def subscribe(
        self,
        topic: TopicCard,
        handler: Handler,
        handles: tuple[type[Payload], ...],
        *,
        bare: type[Payload] | None = None,
        max_bytes: int | None = None,
    ) -> None:
        self.subscriptions.append(Subscription(self.name, topic, handles, handler, bare, max_bytes))

    def run(self) -> int:
        return 0

    async def start(self) -> None:
        for step in self._prepare:
            await step()

    async def stop(self) -> None:
        """Forget everything stored, and let go."""
        for mongo in self.databases:
            await mongo.database.client.drop_database(mongo.database.name)
        for step in self._close:
            await step()

    async def stored(self) -> dict[str, list[Any]]:
        """Every document of every collection of the worker's database; not when it expires."""
        found: dict[str, list[Any]] = {}
        for mongo in self.databases:
            for name in sorted(await mongo.database.list_collection_names()):
                documents = mongo.database[name].find({}, {"expires_at": 0})
                found[name] = await documents.sort("_id").to_list(None)
        return found


def wire(name: str, database: str, monkeypatch: pytest.MonkeyPatch) -> Wired:
    """Run the worker's main up to where it would start. Its database is called `database`."""
    main = importlib.import_module(f"services.{name}.main")
    made: list[Wired] = []

    def worker(name: str, settings: WorkerSettings) -> Wired:
        made.append(Wired(name, settings))
        return made[0]

    def mongo(url: str, name: str) -> Mongo:
        made[0].databases.append(Mongo(url, database))
        return made[0].databases[0]

    for attribute, replaced in (("Worker", worker), ("Mongo", mongo), ("Follower", Followed)):
        if hasattr(main, attribute):
            monkeypatch.setattr(main, attribute, replaced)
    assert main.main() == 0
    return made[0]
