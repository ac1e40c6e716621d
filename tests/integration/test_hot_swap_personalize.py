"""A promoted recommender and a promoted behaviour model take over while traffic runs; broken ones
do not."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from services.personalize.domain.recommending import Recommender
from shared.events import TicketPersonalized
from shared.modelstore import ModelStore
from tests.integration.stage import Process, Stage
from tests.integration.swapping import TICKETS, promotion, served_once_each, spoil, steadily
from tests.unit.personalize.kit import AGREES, churn, message, recommender, stored

RECOMMENDER, BEHAVIOUR = "recommender", "behaviour-churn"
REFUSED = "model refused, the old one goes on"
NUMBERS = {RECOMMENDER: "parts.npz", BEHAVIOUR: "members.npz"}
"""The file of each artifact that is spoilt."""
EARLIER = datetime(2026, 11, 1, tzinfo=UTC)


class Shelf(NamedTuple):
    """A store, its versions by name, and what tells by whom a ticket was served."""

    store: Path
    versions: dict[str, list[str]]


def named(number: int) -> Recommender:
    """One that says in every title which it is."""
    whole = recommender()
    titles = tuple(f"{title}, as number {number} says" for title in whole.catalogue.titles)
    return replace(whole, catalogue=replace(whole.catalogue, titles=titles))


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """Three versions of either model."""
    moments = (EARLIER + timedelta(minutes=number) for number in range(6))
    store = ModelStore(str(tmp_path / "models"), lambda: next(moments))
    made = [
        (
            stored(store, tmp_path / f"r{number}", named(number)),
            stored(store, tmp_path / f"b{number}", churn(number / 10)),
        )
        for number in range(3)
    ]
    recommenders, behaviours = zip(*made, strict=True)
    versions = {RECOMMENDER: list(recommenders), BEHAVIOUR: list(behaviours)}
    return Shelf(tmp_path / "models", versions)


async def test_no_ticket_is_lost_or_half_served_while_models_change(
    stage: Stage, shelf: Shelf, tmp_path: Path
) -> None:
    process = await started(stage, shelf, tmp_path)
    tickets = [
        message(number, f"c{number}", attributes={"tenure": "3"}, consent=AGREES)
        for number in range(TICKETS)
    ]
    traffic = asyncio.create_task(steadily(stage, "personalize", tickets))
    await stage.read_until("generate", 50)
    await promote(stage, process, shelf, 1)
    for name, file in NUMBERS.items():
        spoil(shelf.store, name, shelf.versions[name][2], file, tmp_path / "cache")
        broken = promotion(name, shelf.versions[name][2], 2)
        await stage.publish("feedback", [broken])
    for name in NUMBERS:
        await process.says(
            f'"name": "{name}", "why": "{name}@{shelf.versions[name][2]}', seconds=30
        )
    assert process.log.count(REFUSED) == len(NUMBERS)
    await traffic
    served = await served_once_each(stage, "personalize", "generate", recommended_by)
    assert served == {"number 0 says", "number 1 says"}
    served = await served_once_each(stage, "personalize", "generate", predicted_by)
    assert served == {f"{BEHAVIOUR}@{version}" for version in shelf.versions[BEHAVIOUR][:2]}
    assert process.terminate() == 0


async def started(stage: Stage, shelf: Shelf, tmp_path: Path) -> Process:
    """With the first version of both in force."""
    process = stage.start(
        "services.personalize",
        MODEL_STORE=str(shelf.store),
        MODEL_CACHE=str(tmp_path / "cache"),
        BATCH_MAX_RECORDS="16",
    )
    await process.says("ready")
    await promote(stage, process, shelf, 0)
    return process


async def promote(stage: Stage, process: Process, shelf: Shelf, number: int) -> None:
    """Both, and wait until they are served."""
    chosen = {name: versions[number] for name, versions in shelf.versions.items()}
    for name, version in chosen.items():
        await stage.publish("feedback", [promotion(name, version, number)])
    for version in chosen.values():
        await process.says(version, seconds=30)


def recommended_by(data: object) -> set[str]:
    assert isinstance(data, TicketPersonalized)
    offered = data.customer.recommendations
    assert len(offered) > 1
    return {one.title.partition(", as ")[2] for one in offered}


def predicted_by(data: object) -> set[str]:
    assert isinstance(data, TicketPersonalized)
    return {one.model_version for one in data.customer.predictions}
