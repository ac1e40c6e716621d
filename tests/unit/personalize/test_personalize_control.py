"""Promoted models are swapped in; bad ones are refused; without any the worker goes on."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.personalize.control import Served
from services.personalize.domain.histories import Past
from services.personalize.domain.population import Member, Population
from services.personalize.population import KnownPopulation
from services.personalize.stored_models import StoredModels
from shared.envelope import Event
from shared.errors import TemporaryError
from shared.events import ModelPromoted
from shared.modelstore import ModelStore
from tests.unit.personalize.kit import (
    NOON,
    Counted,
    MemoryProfiles,
    churn,
    made,
    message,
    personalized,
    process,
    recommender,
    stored,
)

BEHAVIOUR = "behaviour-churn"


class Memory:
    """A `State`."""

    def __init__(self) -> None:
        self.kept: dict[str, ModelPromoted] = {}

    async def promoted(self) -> Mapping[str, ModelPromoted]:
        return self.kept

    async def save_promoted(self, promoted: ModelPromoted) -> None:
        self.kept[promoted.name] = promoted


class Shelf:
    """A model store with a recommender and a churn model, each in two versions."""

    def __init__(self, folder: Path) -> None:
        self.clock = NOON
        self.url = folder / "models"
        self.cache = folder / "cache"
        self.store = ModelStore(str(self.url), self._later)
        self.recommenders = [
            stored(self.store, folder / f"r{first}", recommender(first))
            for first in ("bulb", "chair")
        ]
        self.churns = [stored(self.store, folder / f"b{b}", churn(b)) for b in (0.0, 1.0)]

    def _later(self) -> Any:
        self.clock += timedelta(minutes=1)
        return self.clock

    def served(self, memory: Memory | None = None, **switches: bool) -> Served:
        return Served(StoredModels(self.store, self.cache, **switches), memory or Memory())

    def spoil(self, name: str, version: str, file: str) -> None:
        (self.url / name / version / file).write_bytes(b"half a file")


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


def promotion(version: str, minutes: int = 0, name: str = "recommender") -> Event[ModelPromoted]:
    at = NOON + timedelta(minutes=minutes)
    return made(ModelPromoted(name=name, version=version, promoted_at=at), f"{version}{minutes}")


def first_offered(served: Served) -> str:
    """What is offered with the lamp: the versions differ in it."""
    found = served.models().recommender
    assert found is not None
    return found.recommend([[Past("lamp", 1.0)]], 1)[0][0].item


def churn_version(served: Served) -> str:
    return served.models().behaviours[BEHAVIOUR][0]


async def test_before_any_promotion_the_newest_of_each_is_served(shelf: Shelf) -> None:
    served = shelf.served()
    await served.restore()
    assert first_offered(served) == "chair"
    assert churn_version(served) == shelf.churns[1]


async def test_promoted_models_are_served_and_remembered(shelf: Shelf) -> None:
    memory = Memory()
    served = shelf.served(memory)
    await served.restore()
    await served.apply(promotion(shelf.recommenders[0]))
    await served.apply(promotion(shelf.churns[0], name=BEHAVIOUR))
    assert (first_offered(served), churn_version(served)) == ("bulb", shelf.churns[0])
    again = shelf.served(memory)
    await again.restore()
    assert (first_offered(again), churn_version(again)) == ("bulb", shelf.churns[0])


@pytest.mark.parametrize("file", ["parts.npz", "recommender.json"])
async def test_a_bad_artifact_is_refused_loudly_and_the_old_one_goes_on(
    shelf: Shelf, file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    memory = Memory()
    served = shelf.served(memory)
    await served.restore()
    shelf.spoil("recommender", shelf.recommenders[0], file)
    await served.apply(promotion(shelf.recommenders[0]))
    assert first_offered(served) == "chair"
    assert memory.kept == {}
    assert "model refused" in capsys.readouterr().out
    await served.apply(promotion("0000aaaa1111", 1, BEHAVIOUR))
    assert churn_version(served) == shelf.churns[1]
    assert "no behaviour-churn@0000aaaa1111" in capsys.readouterr().out


async def test_an_artifact_that_is_whole_but_no_model_is_refused(
    shelf: Shelf, tmp_path: Path
) -> None:
    served = shelf.served()
    await served.restore()
    folder = tmp_path / "nonsense"
    folder.mkdir()
    (folder / "recommender.json").write_text('{"format": "1", "items": []}')
    version = shelf.store.put("recommender", folder)
    await served.apply(promotion(version))
    assert first_offered(served) == "chair"


async def test_a_model_that_gives_no_finite_probability_is_refused(
    shelf: Shelf, tmp_path: Path
) -> None:
    served = shelf.served()
    await served.restore()
    version = stored(shelf.store, tmp_path / "nan", churn(float("nan")))
    await served.apply(promotion(version, name=BEHAVIOUR))
    assert churn_version(served) == shelf.churns[1]


async def test_an_older_promotion_and_one_of_another_model_change_nothing(shelf: Shelf) -> None:
    served = shelf.served()
    await served.restore()
    await served.apply(promotion(shelf.recommenders[0], minutes=5))
    await served.apply(promotion(shelf.recommenders[1], minutes=1))
    await served.apply(promotion(shelf.recommenders[1], minutes=9, name="classifier"))
    assert first_offered(served) == "bulb"


async def test_what_was_promoted_and_is_gone_gives_way_to_the_newest(shelf: Shelf) -> None:
    memory = Memory()
    memory.kept["recommender"] = promotion("gone").data
    served = shelf.served(memory)
    await served.restore()
    assert first_offered(served) == "chair"


async def test_one_bad_model_does_not_keep_the_others_from_being_served(shelf: Shelf) -> None:
    for version in shelf.recommenders:
        shelf.spoil("recommender", version, "parts.npz")
    served = shelf.served()
    await served.restore()
    assert served.models().recommender is None
    assert churn_version(served) == shelf.churns[1]


async def test_without_models_the_worker_serves_and_says_how_to_make_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = StoredModels(ModelStore(str(tmp_path / "none")), tmp_path / "cache")
    served = Served(source, Memory())
    await served.restore()
    assert served.models().recommender is None
    shown = capsys.readouterr().out
    assert shown.count("make train-recommender") == 1
    handler = process(MemoryProfiles(), served.models)
    (event,) = await personalized(handler, message(0))
    assert event.data.customer.predictions == ()


async def test_switched_off_models_are_neither_loaded_nor_followed(shelf: Shelf) -> None:
    served = shelf.served(recommendations=False)
    await served.restore()
    await served.apply(promotion(shelf.recommenders[0]))
    assert served.models().recommender is None
    assert churn_version(served) == shelf.churns[1]
    none = shelf.served(recommendations=False, behaviour=False)
    await none.restore()
    assert none.models().behaviours == {}


@pytest.mark.parametrize(
    ("name", "command"),
    [("recommender", "make train-recommender"), ("behaviour-other", "make train-behaviour")],
)
def test_what_is_missing_is_said_with_the_command_that_makes_it(
    tmp_path: Path, name: str, command: str
) -> None:
    source = StoredModels(ModelStore(str(tmp_path)), tmp_path / "cache")
    with pytest.raises(TemporaryError, match=command):
        source.load(name, None)


async def test_the_population_is_read_from_the_newest_profiles() -> None:
    profiles = MemoryProfiles()
    handler = process(profiles)
    for number in range(8):
        await personalized(handler, message(number, f"c{number}", intent=f"intent {number}"))
    known = KnownPopulation(profiles, 3, lambda: NOON)
    assert known.population() == Population()
    await known.refresh()
    assert known.population().customers == 3
    assert set(known.population().transitions.overall) == {"intent 5", "intent 6", "intent 7"}
    unasked = Counted(profiles)
    none = KnownPopulation(unasked, 0, lambda: NOON)
    await none.refresh()
    assert (none.population(), unasked.calls) == (Population(), {})


class AwayOnce(MemoryProfiles):
    """A database that does not answer the first time."""

    asked = 0

    async def members(self, most: int, now: datetime) -> AsyncIterator[Sequence[Member]]:
        self.asked += 1
        if self.asked == 1:
            raise TemporaryError("no database answers")
        async for some in super().members(most, now):
            yield some


async def test_the_population_is_read_again_when_the_database_was_away() -> None:
    profiles = AwayOnce()
    await personalized(process(profiles), message(0))
    known = KnownPopulation(profiles, 10, lambda: NOON)
    reading = asyncio.create_task(known.keep_fresh(0.01))
    while known.population().customers != 1:
        assert not reading.done()
        await asyncio.sleep(0.01)
    reading.cancel()


def test_serving_needs_numpy_and_fsspec_of_the_numerical_libraries() -> None:
    code = (
        "import sys; import services.personalize.main; "
        "print([m for m in ('scipy', 'implicit', 'sklearn', 'torch', 'tqdm', 'threadpoolctl', "
        "'onnxruntime', 'tokenizers') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_loading_models_imports_no_trainer(shelf: Shelf) -> None:
    code = (
        "import sys; from pathlib import Path; "
        "from services.personalize.stored_models import StoredModels; "
        "from shared.modelstore import ModelStore; "
        f"source = StoredModels(ModelStore({str(shelf.url)!r}), Path({str(shelf.cache)!r})); "
        "found = [source.load(name, None)[1] for name in source.names()]; "
        "print(len(found), [m for m in ('scipy', 'implicit', 'sklearn', 'torch') "
        "if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "2 []"
