"""What personalize finds when it is measured: models, and the profiles of regular customers."""

import statistics
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import bson
import numpy as np

from services.personalize.behaviour import artifact as behaviour_artifact
from services.personalize.behaviour.linear import STRAIGHT, Features, Linear
from services.personalize.behaviour.model import BehaviourModel, Blend
from services.personalize.behaviour.schema import Column, Schema
from services.personalize.documents import profile_document
from services.personalize.domain.consent import Consent
from services.personalize.domain.facts import Interaction, Message
from services.personalize.domain.ledger import Moment, apply, completed
from services.personalize.domain.population import Population
from services.personalize.domain.profile import Profile
from services.personalize.domain.recommending import Catalogue, Part, Recommender
from services.personalize.enrichment import Enrichment
from services.personalize.models import Models
from services.personalize.mongo import KEPT, MongoProfiles
from services.personalize.recommender import artifact as recommender_artifact
from services.personalize.recommender.scorers import Factors, Neighbours
from services.personalize.view_text import text_of
from shared.modelstore import ModelStore
from shared.mongo import Mongo

ITEMS, FACTORS, NEIGHBOURS = 1_000, 32, 50
COLUMNS = ("tenure", "MonthlyCharges", "tickets", "orders", "sentiment_trend")
SHAPES = 50
"""Different histories; every profile has one of them."""
DAY = timedelta(days=1)
NOW = datetime.now(UTC).replace(microsecond=0)
FILL_BATCH = 1_000


def make_models(store: ModelStore, folder: Path) -> Models:
    """A recommender of a thousand items and a behaviour model of five columns, stored too."""
    random = np.random.default_rng(0)
    rows = [random.choice(ITEMS, NEIGHBOURS, replace=False) for _ in range(ITEMS)]
    neighbours = Neighbours(
        np.arange(ITEMS + 1, dtype=np.int64) * NEIGHBOURS,
        np.concatenate(rows).astype(np.int32),
        random.random(ITEMS * NEIGHBOURS).astype(np.float32),
    )
    factors = Factors(random.normal(0, 0.1, (ITEMS, FACTORS)).astype(np.float32), 0.1, 10.0)
    names = tuple(f"item-{number}" for number in range(ITEMS))
    flags = np.ones(ITEMS, np.bool_)
    recommender = Recommender(
        Catalogue(names, names, flags, ~flags),
        random.random(ITEMS).astype(np.float32),
        0.1,
        (
            Part("neighbours", "bought_together", neighbours, 0.5, 0.5),
            Part("factors", "bought_together", factors, 0.5, 0.4),
        ),
    )
    made = folder / "recommender"
    made.mkdir()
    recommender_artifact.save(made, recommender, {})
    store.put(recommender_artifact.NAME, made, {"format": recommender_artifact.FORMAT})
    made = folder / "behaviour"
    made.mkdir()
    behaviour = _behaviour()
    behaviour_artifact.save(made, behaviour, {})
    version = store.put("behaviour-churn", made, {"format": behaviour_artifact.FORMAT})
    return Models(recommender, {"behaviour-churn": (version, behaviour)})


def _behaviour() -> BehaviourModel:
    count = len(COLUMNS)
    features = Features(
        np.arange(count), np.full(count, STRAIGHT), np.zeros(count), np.zeros(count)
    )
    linear = Linear(features, np.zeros(count), np.full(count, -0.1), 1.0)
    columns = tuple(Column(name, "number", 0.0, lower=-1.0, upper=100.0) for name in COLUMNS)
    shares = np.full(count, 1 / count)
    return BehaviourModel("Churn", "Yes", Schema(columns), Blend((linear,)), 0.25, shares)


async def fill(url: str, models: Models, profiles: int) -> int:
    """Insert the profiles; the mean size of their documents in kilobytes."""
    mongo = Mongo(url, "personalize")
    await MongoProfiles(mongo).create_indexes()
    shapes = [_shape(models, number) for number in range(SHAPES)]
    sizes = [len(bson.encode(profile_document(shape, KEPT))) for shape in shapes]
    for start_at in range(0, profiles, FILL_BATCH):
        numbers = range(start_at, min(profiles, start_at + FILL_BATCH))
        documents = [_document(shapes[number % SHAPES], number) for number in numbers]
        await mongo.database["profiles"].insert_many(documents, ordered=False)
    await mongo.close()
    return round(statistics.mean(sizes) / 1024)


def _document(shape: Profile, number: int) -> dict[str, Any]:
    document = profile_document(shape, KEPT)
    ids = [f"{ticket_id}-{number}" for ticket_id in document["ticket_ids"]]
    # One a minute: as many customers a day as a desk of this size has.
    changed_at = NOW - timedelta(minutes=number)
    return {
        **document,
        "_id": customer(number),
        "ticket_ids": ids,
        "changed_at": changed_at,
    }


def customer(number: int) -> str:
    return f"{number:032x}"


def _shape(models: Models, seed: int) -> Profile:
    """A regular customer: eight interactions with items, every fifth with four weeks of usage, and
    three earlier tickets. Every second one agreed to be recommended things."""
    random = np.random.default_rng(seed)
    bought = [
        Interaction(f"i{seed}-{n}", "c", at, kind, at, f"item-{random.integers(ITEMS)}", 19.9)
        for n, kind in enumerate(["viewed"] * 4 + ["carted", "purchased", "purchased", "rated"])
        for at in [NOW - (40 - n) * DAY]
    ]
    period = (NOW - 20 * DAY, NOW + 10 * DAY)
    used = [
        Interaction(
            f"u{seed}-{n}", "c", at, "used", at, "plan-light",
            float(random.gamma(2, 2)), None, 100.0, period,
        )
        for n in range(0 if seed % 5 else 28)
        for at in [NOW - (28 - n) * DAY]
    ]  # fmt: skip
    written = [
        Message(
            f"m{seed}-{n}", "c", at, at, f"old-{n}", "order_status", "en", "email", 0.0,
            Consent(True, seed % 2 == 0), attributes={"tenure": "12", "MonthlyCharges": "70.5"},
        )
        for n in range(3)
        for at in [NOW - (30 - 10 * n) * DAY]
    ]  # fmt: skip
    change = apply(Profile("c"), {}, [*used, *bought], NOW)
    # Long ago: no longer among what the profile remembers by itself.
    seen = replace(change.profile, recent={})
    enrichment = Enrichment(lambda: models, Population, {})
    for message in written:
        change = apply(seen, {}, [message], NOW)
        views = enrichment.views([Moment(message, seen)], NOW)
        seen = completed(change, {key: text_of(view) for key, view in views.items()}).profile
    return seen
