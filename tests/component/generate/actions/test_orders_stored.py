"""What the database keeps of orders and of the steps of tickets."""

from dataclasses import replace

import pytest

from deploy.runtime.ports import LOOPBACK, free_ports
from services.generate.actions.mongo import MongoResults, MongoSteps
from shared.errors import TemporaryError
from shared.mongo import Mongo
from tests.component.generate.actions.driver import ORDER
from tests.component.generate.actions.kit import Office, Runner
from tests.unit.generate.actions_kit import step


async def test_the_database_has_no_personal_data(office: Office, mongo: Mongo) -> None:
    await Runner(MongoResults(mongo), office.url).run(ORDER)
    (document,) = await mongo.database["action_results"].find({}).to_list(None)
    assert "9999" not in str(document) and "C-1001" not in str(document)


async def test_without_the_database_nothing_is_sent(office: Office) -> None:
    (port,) = free_ports(1)
    away = Mongo(f"mongodb://{LOOPBACK}:{port}/?serverSelectionTimeoutMS=200", "generate")
    with pytest.raises(TemporaryError):
        await Runner(MongoResults(away), office.url).run(ORDER)
    await away.close()
    assert await office.moved() == {}


async def test_steps_are_kept_once_and_read_in_order(mongo: Mongo) -> None:
    steps = MongoSteps(mongo)
    await steps.create_indexes()
    first = step(turn=1, status="asking", asked=("payee",), seals=("k1.abc",), customer_key="c")
    second = step(turn=2)
    await steps.keep([second])
    await steps.keep([first, replace(second, status="failed")])
    assert await steps.before({"T-1": 3, "T-2": 9}) == {"T-1": (first, second), "T-2": ()}
    assert await steps.before({"T-1": 2}) == {"T-1": (first,)}
    assert await steps.of(["r2", "r9"]) == {"r2": second}
    await steps.forget([first.response_id])
    assert await steps.before({"T-1": 3}) == {"T-1": (second,)}


async def test_of_an_erased_customers_actions_it_stays_known_that_they_were_done(
    office: Office, mongo: Mongo
) -> None:
    results = MongoResults(mongo)
    await results.create_indexes()
    mine, other = replace(ORDER, customer_key="c"), replace(ORDER, key="k2", customer_key="d")
    await Runner(results, office.url).run(mine, other)
    before = await results.find([mine.key, other.key])
    await results.forget("c", [mine.ticket_id])
    after = await results.find([mine.key, other.key])
    assert after["k2"] == before["k2"] and before[mine.key].fields
    assert after[mine.key] == replace(before[mine.key], fields={})
    stored = await mongo.database["action_results"].find_one({"_id": mine.key})
    assert stored is not None and "customer_key" not in stored
    await Runner(results, office.url).run(mine)
    assert await office.moved() == {mine.key: 1, "k2": 1}
