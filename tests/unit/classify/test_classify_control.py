"""Promoted models are swapped in; bad ones are refused; a pinned one stays."""

from datetime import UTC, datetime, timedelta

import pytest

from services.classify.control import Served
from services.classify.ports import Model
from shared.envelope import Event, new_event
from shared.errors import TemporaryError
from shared.events import ModelPromoted

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


class Shelf:
    """Models by version; asked for the newest it gives the last."""

    def __init__(self, *versions: str) -> None:
        self.versions = versions

    def load(self, version: str | None) -> Model:
        chosen = version or self.versions[-1]
        if chosen not in self.versions:
            raise TemporaryError(f"classifier {chosen} cannot be used")
        return Named(chosen)  # type: ignore[return-value]


class Named:
    def __init__(self, version: str) -> None:
        self.version = f"classifier@{version}"


class Memory:
    def __init__(self) -> None:
        self.stored: ModelPromoted | None = None

    async def promoted(self) -> ModelPromoted | None:
        return self.stored

    async def save_promoted(self, promoted: ModelPromoted) -> None:
        self.stored = promoted


def promotion(version: str, minutes: int = 0, name: str = "classifier") -> Event[ModelPromoted]:
    data = ModelPromoted(name=name, version=version, promoted_at=NOON + timedelta(minutes=minutes))
    event = new_event(data, cause=f"{version}{minutes}", source="/test", now=NOON)
    return event  # type: ignore[return-value]


async def served(pinned: str = "") -> tuple[Served, Memory]:
    memory = Memory()
    model = Served(Shelf("one", "two", "three"), memory, pinned)
    await model.restore()
    return model, memory


async def test_before_any_promotion_the_newest_is_served() -> None:
    model, _ = await served()
    assert model.model().version == "classifier@three"


async def test_a_promoted_model_is_served_and_remembered() -> None:
    model, memory = await served()
    await model.apply(promotion("one"))
    assert model.model().version == "classifier@one"
    again = Served(Shelf("one", "two", "three"), memory)
    await again.restore()
    assert again.model().version == "classifier@one"


async def test_an_unusable_model_is_refused_and_the_old_one_goes_on() -> None:
    model, memory = await served()
    await model.apply(promotion("two"))
    await model.apply(promotion("broken", minutes=1))
    assert model.model().version == "classifier@two"
    assert memory.stored is not None
    assert memory.stored.version == "two"


async def test_an_older_promotion_and_one_of_another_model_change_nothing() -> None:
    model, _ = await served()
    await model.apply(promotion("two", minutes=5))
    await model.apply(promotion("one", minutes=1))
    await model.apply(promotion("one", minutes=9, name="recommender"))
    assert model.model().version == "classifier@two"


async def test_a_pinned_model_stays() -> None:
    model, _ = await served(pinned="one")
    await model.apply(promotion("two"))
    assert model.model().version == "classifier@one"


async def test_what_was_promoted_and_is_gone_gives_way_to_the_newest() -> None:
    memory = Memory()
    memory.stored = promotion("gone").data
    model = Served(Shelf("one", "two"), memory)
    await model.restore()
    assert model.model().version == "classifier@two"


def test_without_a_model_waiting_is_temporary() -> None:
    model = Served(Shelf(), Memory())
    with pytest.raises(TemporaryError):
        model.model()
