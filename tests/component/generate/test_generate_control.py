"""Which policy and which knowledge are in force: the newest, after a restart as well."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from services.generate import knowledge_base
from services.generate.control import Control
from services.generate.current import Current
from services.generate.domain.policy import Policy
from services.generate.knowledge_source import StoredKnowledge
from services.generate.mongo import MongoState
from shared.envelope import Event, new_event
from shared.errors import TemporaryError
from shared.events import (
    ChoiceWeights,
    KnowledgeUpdated,
    Payload,
    PolicyUpdated,
)
from shared.modelstore import ModelStore
from shared.mongo import Mongo
from tests.component.generate.kit import handler_over, published
from tests.unit.generate.kit import (
    CANCEL,
    ENTRIES,
    NOON,
    REFUND,
    index_of,
    ticket_event,
)

ASKED = ticket_event("How long does a refund take?", "T-answer")


class Shop:
    """A worker's control over a model store, as one process has it."""

    def __init__(self, mongo: Mongo, folder: Path) -> None:
        self.store = ModelStore(str(folder / "store"))
        self.current = Current(Policy(0, 0.55))
        source = StoredKnowledge(self.store, folder / "cache")
        self.control = Control(MongoState(mongo), source, self.current)

    def stock(self, folder: Path, *entries: Any) -> str:
        folder.mkdir()
        knowledge_base.write(folder, index_of(entries), "words", "1", {})
        return self.store.put("knowledge", folder)


@pytest.fixture
def shop(mongo: Mongo, tmp_path: Path) -> Shop:
    return Shop(mongo, tmp_path)


def policy(version: int, threshold: float, *choices: ChoiceWeights) -> Event[Payload]:
    data = PolicyUpdated(
        choices=choices,
        version=version,
        default_threshold=0.55,
        thresholds={"refund": threshold},
        alpha=0.1,
        delta=0.1,
        decided_at=NOON,
    )
    return new_event(data, cause=f"p{version}", source="/careloop/feedback", now=NOON)


def knowledge(version: str, minutes: int = 0) -> Event[Payload]:
    data = KnowledgeUpdated(version=version, updated_at=NOON + timedelta(minutes=minutes))
    return new_event(data, cause=f"{version} {minutes}", source="/careloop/generate", now=NOON)


async def test_a_new_policy_counts_from_the_next_wave_on(
    mongo: Mongo, shop: Shop, tmp_path: Path
) -> None:
    shop.stock(tmp_path / "k", *ENTRIES)
    await shop.control.restore()
    handler = handler_over(mongo, shop.current)
    (before,) = await handler.respond([ASKED])
    await shop.control.apply(policy(1, 1.0))
    later = ticket_event("How long does a refund take?", "T-later")
    (after,) = await handler.respond([later])
    assert published(before)[0].data.decision == "answer"
    assert published(after)[0].data.reasons == ("below_threshold",)
    assert published(after)[0].data.policy_version == "v1"


async def test_what_a_policy_leaves_to_chance_is_told_with_the_response(
    mongo: Mongo, shop: Shop, tmp_path: Path
) -> None:
    shop.stock(tmp_path / "k", *ENTRIES)
    await shop.control.restore()
    weights = ChoiceWeights(slot="tone", context="", weights={"formal": 0.75, "friendly": 0.25})
    await shop.control.apply(policy(1, 0.5, weights))
    events = [ticket_event("How long does a refund take?", f"T-{n}") for n in range(40)]
    outcomes = await handler_over(mongo, shop.current).respond(events)
    told = {one.data.choices for outcome in outcomes for one in published(outcome)}
    assert {(choice.option, choice.propensity) for (choice,) in told} == {
        ("formal", 0.75),
        ("friendly", 0.25),
    }
    restarted = Shop(mongo, tmp_path)
    await restarted.control.restore()
    assert restarted.current.policy == shop.current.policy


async def test_an_older_policy_never_comes_back(mongo: Mongo, shop: Shop, tmp_path: Path) -> None:
    shop.stock(tmp_path / "k", *ENTRIES)
    for version, threshold in ((2, 0.9), (1, 0.1), (2, 0.9)):
        await shop.control.apply(policy(version, threshold))
    assert (shop.current.policy.version, shop.current.policy.threshold("refund")) == (2, 0.9)
    restarted = Shop(mongo, tmp_path)
    await restarted.control.restore()
    assert restarted.current.policy == shop.current.policy


async def test_without_knowledge_the_worker_says_which_command_makes_it(shop: Shop) -> None:
    with pytest.raises(TemporaryError, match="make knowledge"):
        await shop.control.restore()


async def test_new_knowledge_replaces_the_old_without_restart(
    mongo: Mongo, shop: Shop, tmp_path: Path
) -> None:
    shop.stock(tmp_path / "old", REFUND)
    await shop.control.restore()
    new = shop.stock(tmp_path / "new", CANCEL)
    await shop.control.apply(knowledge(new))
    handler = handler_over(mongo, shop.current)
    refund, cancel = await handler.respond(
        [ASKED, ticket_event("How do I cancel an order?", intent="order_cancel")]
    )
    assert published(refund)[0].data.decision == "escalate"
    assert published(cancel)[0].data.citations[0].section == CANCEL.section


async def test_after_a_restart_the_announced_knowledge_is_served(
    mongo: Mongo, shop: Shop, tmp_path: Path
) -> None:
    announced = shop.stock(tmp_path / "first", REFUND)
    await shop.control.apply(knowledge(announced))
    shop.stock(tmp_path / "second", CANCEL)
    restarted = Shop(mongo, tmp_path)
    await restarted.control.restore()
    assert restarted.current.knowledge.version == announced


async def test_an_older_announcement_changes_nothing(shop: Shop, tmp_path: Path) -> None:
    first = shop.stock(tmp_path / "first", REFUND)
    second = shop.stock(tmp_path / "second", CANCEL)
    await shop.control.apply(knowledge(second, minutes=2))
    await shop.control.apply(knowledge(first, minutes=1))
    assert shop.current.knowledge.version == second


async def test_damaged_or_missing_knowledge_is_not_taken_over(shop: Shop, tmp_path: Path) -> None:
    good = shop.stock(tmp_path / "good", REFUND)
    await shop.control.restore()
    damaged = shop.stock(tmp_path / "damaged", CANCEL)
    (tmp_path / "store" / "knowledge" / damaged / "passages.npy").write_bytes(b"nonsense")
    await shop.control.apply(knowledge(damaged, minutes=1))
    await shop.control.apply(knowledge("gone", minutes=2))
    assert shop.current.knowledge.version == good


async def test_announced_knowledge_that_is_gone_gives_way_to_the_newest(
    mongo: Mongo, shop: Shop, tmp_path: Path
) -> None:
    announced = shop.stock(tmp_path / "first", REFUND)
    await shop.control.apply(knowledge(announced))
    moved = Shop(mongo, tmp_path / "another")
    newest = moved.stock(tmp_path / "second", CANCEL)
    await moved.control.restore()
    assert moved.current.knowledge.version == newest
