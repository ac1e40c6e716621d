"""Profiles in memory, events and small models, for tests of the personalize worker."""

import copy
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from services.personalize.behaviour import artifact as behaviour_artifact
from services.personalize.behaviour.linear import STRAIGHT, Features, Linear
from services.personalize.behaviour.model import BehaviourModel, Blend
from services.personalize.behaviour.schema import Column, Schema
from services.personalize.documents import (
    Document,
    entry_document,
    entry_of,
    member_of,
    profile_document,
    profile_of,
)
from services.personalize.domain.plans import Plan
from services.personalize.domain.population import Member, Population
from services.personalize.domain.profile import Entry, Profile
from services.personalize.domain.recommending import Catalogue, Part, Recommender
from services.personalize.enrichment import Enrichment, Rules
from services.personalize.handlers import PersonalizeHandler
from services.personalize.models import Models
from services.personalize.ports import ProfileStore
from services.personalize.recommender import artifact as recommender_artifact
from services.personalize.recommender.scorers import Neighbours
from services.personalize.recorder import Recorder
from shared.envelope import Event, new_event
from shared.events import (
    Consent,
    CustomerView,
    InteractionRecorded,
    Payload,
    Preferences,
    Sentiment,
    Ticket,
    TicketClassified,
    TicketPersonalized,
    Understanding,
)
from shared.modelstore import ModelStore

NOON = datetime(2026, 11, 23, 12, 0, 0, 123456, tzinfo=UTC)
DAY = timedelta(days=1)
KEPT = timedelta(days=44)

ITEMS = ("lamp", "bulb", "desk", "chair", "sold out")
PLANS = {"S": Plan("S", {"en": "Plan S", "zh": "小套餐"}, "M"), "M": Plan("M", {"en": "Plan M"})}


class MemoryProfiles:
    """A `ProfileStore` and `Members`; keeps documents, as the database does."""

    def __init__(self) -> None:
        self.profiles: dict[str, Document] = {}
        self.entries: dict[str, Document] = {}

    async def load(self, customer_keys: Iterable[str]) -> Mapping[str, Profile]:
        found = [self.profiles[key] for key in customer_keys if key in self.profiles]
        return {document["_id"]: profile_of(document) for document in found}

    async def save(self, profiles: Sequence[Profile]) -> bool:
        saved = True
        for profile in profiles:
            stored = self.profiles.get(profile.customer_key, {"version": 0})
            if stored["version"] != profile.version:
                saved = False
                continue
            self.profiles[profile.customer_key] = copy.deepcopy(profile_document(profile, KEPT))
        return saved

    async def archived(self, event_ids: Iterable[str]) -> Mapping[str, Entry]:
        found = [self.entries[key] for key in event_ids if key in self.entries]
        return {document["_id"]: entry_of(document) for document in found}

    async def archive(self, entries: Mapping[str, Sequence[Entry]], now: datetime) -> None:
        for key, of_customer in entries.items():
            for entry in of_customer:
                document = {**entry_document(entry), "customer_key": key}
                self.entries.setdefault(entry.event_id, document)

    async def forget(self, customer_key: str, until: datetime) -> None:
        for key, entry in list(self.entries.items()):
            if entry["customer_key"] == customer_key and entry["received_at"] <= until:
                del self.entries[key]

    async def customers_of(self, ticket_ids: Iterable[str]) -> Mapping[str, str]:
        wanted = set(ticket_ids)
        return {
            ticket_id: document["_id"]
            for document in self.profiles.values()
            for ticket_id in wanted.intersection(document["ticket_ids"])
        }

    async def members(self, most: int, now: datetime) -> AsyncIterator[Sequence[Member]]:
        newest = sorted(self.profiles.values(), key=lambda one: one["changed_at"], reverse=True)
        yield [member_of(document) for document in newest[:most]]


class Counted:
    """Counts the calls of another object's methods."""

    def __init__(self, of: Any) -> None:
        self._of = of
        self.calls: Counter[str] = Counter()

    def __getattr__(self, name: str) -> Any:
        self.calls[name] += 1
        return getattr(self._of, name)


class Clock:
    """Later at every look, so that anything made twice would differ."""

    def __init__(self) -> None:
        self.time = NOON + timedelta(hours=1)

    def __call__(self) -> datetime:
        self.time += timedelta(seconds=1, microseconds=7)
        return self.time


def process(
    profiles: ProfileStore,
    models: Callable[[], Models] = Models,
    population: Population = Population(),  # noqa: B008
    rules: Rules = Rules(),  # noqa: B008
) -> PersonalizeHandler:
    """The handler of one process over a store."""
    enrichment = Enrichment(models, lambda: population, PLANS, rules)
    return PersonalizeHandler(Recorder(profiles, enrichment), profiles, enrichment, Clock())


def made(data: Payload, cause: str, at: datetime = NOON) -> Event[Any]:
    return new_event(data, cause=cause, source="/careloop/test", now=at)


def message(
    number: int,
    customer: str | None = "c1",
    ticket: str | None = None,
    sentiment: Sentiment = "neutral",
    intent: str = "order_status",
    **told: Any,
) -> Event[TicketClassified]:
    """Message `number`, written so many minutes after noon."""
    at = NOON + timedelta(minutes=number)
    data = TicketClassified(
        ticket=Ticket(
            ticket_id=ticket or f"T-{number}",
            message_id=f"m{number}",
            source="zendesk",
            channel="web.chat",
            text="我的订单还没到" if number % 2 else "where is my order",
            language="zh" if number % 2 else "en",
            customer_key=customer,
            created_at=at,
            received_at=at,
            **told,
        ),
        understanding=Understanding(
            intent=intent,
            confidence=0.9,
            sentiment=sentiment,
            priority="normal",
            model_version="1",
            classified_at=at,
        ),
    )
    return made(data, f"message {number} of {customer}", at)


AGREES = Consent(personalization=True, recommendations=True)
FRIENDLY = Preferences(tone="friendly", length="brief")


def interaction(number: int, kind: str, customer: str = "c1", **told: Any) -> Event[Any]:
    """Something the customer did so many minutes before noon, or at `occurred_at`."""
    told = {"occurred_at": NOON - timedelta(minutes=number), **told}
    data = InteractionRecorded(kind=kind, customer_key=customer, **told)
    return made(data, f"interaction {number} of {customer}", told["occurred_at"])


def usage(units: float, days: int, allowance: float = 100.0, customer: str = "c1") -> list[Any]:
    """So many units a day of plan S, on the days up to today; its period is from 16 days ago, at
    midnight, to in 14 days."""
    midnight = NOON.replace(hour=0, minute=0, second=0, microsecond=0)
    return [
        interaction(
            1000 + number,
            "used",
            customer,
            item_id="S",
            value=units,
            allowance=allowance,
            period_start=midnight - 16 * DAY,
            period_end=midnight + 14 * DAY,
            occurred_at=NOON - (number + 1) * DAY,
        )
        for number in range(days)
    ]


async def personalized(
    handler: PersonalizeHandler, *events: Event[TicketClassified]
) -> list[Event[TicketPersonalized]]:
    outcomes = await handler.personalize(events)
    assert all(outcome.error is None for outcome in outcomes)
    return [outcome.publish[0].event for outcome in outcomes]  # type: ignore[misc]


def view(event: Event[TicketPersonalized]) -> CustomerView:
    return event.data.customer


def recommender(first: str = "bulb") -> Recommender:
    """Who took the lamp gets `first`; everybody else the lamp, then the bulb."""
    flags = np.array([item != "sold out" for item in ITEMS])
    neighbours = Neighbours(
        np.array([0, 1, 1, 1, 1, 1]),
        np.array([ITEMS.index(first)], np.int32),
        np.ones(1, np.float32),
    )
    titles = tuple(item.title() for item in ITEMS)
    catalogue = Catalogue(ITEMS, titles, flags, np.zeros(len(ITEMS), np.bool_))
    part = Part("neighbours", "bought_together", neighbours, 0.0, 0.5)
    return Recommender(catalogue, np.array([5, 4, 3, 2, 6], np.float32), 0.01, (part,))


def churn(bias: float = 0.0) -> BehaviourModel:
    """The fewer months of `tenure` the likelier; a quarter leaves."""
    features = Features(np.array([0]), np.array([STRAIGHT]), np.zeros(1), np.array([12.0]))
    linear = Linear(features, np.array([12.0]), np.array([-0.25]), bias)
    schema = Schema((Column("tenure", "number", 0.0, lower=0.0, upper=72.0),))
    return BehaviourModel("Churn", "Yes", schema, Blend((linear,)), 0.25, np.array([1.0]))


def served(first: str = "bulb", bias: float = 0.0, version: str = "1") -> Models:
    return Models(recommender(first), {"behaviour-churn": (version, churn(bias))})


def stored(store: ModelStore, folder: Path, model: Recommender | BehaviourModel) -> str:
    """Puts the model into the store; its version."""
    folder.mkdir(parents=True, exist_ok=True)
    if isinstance(model, Recommender):
        recommender_artifact.save(folder, model, {})
        made_for = {"format": recommender_artifact.FORMAT}
        return store.put(recommender_artifact.NAME, folder, made_for)
    behaviour_artifact.save(folder, model, {})
    made_for = {"target": model.target, "format": behaviour_artifact.FORMAT}
    return store.put(behaviour_artifact.name_of(model.target), folder, made_for)
