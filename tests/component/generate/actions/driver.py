"""Runs one order as the generate worker would, and kills itself (SIGKILL) at a step of it.

    python -m tests.component.generate.actions.driver MONGO_URL DATABASE BACKOFFICE_URL STEP

STEP is one of `STEPS` or `none`; prints the result as JSON.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Sequence

from services.generate.actions.backoffice import HttpBackOffice
from services.generate.actions.executor import Executor, Patience, Stored
from services.generate.actions.mongo import MongoResults
from services.generate.breaker import Breaker
from services.generate.domain.actions.answers import Answer
from services.generate.domain.actions.orders import Order, Result, key_of
from shared.mongo import Mongo

STEPS = ("before_begin", "before_call", "before_store", "after_store")
KEY = key_of("T-1", "m1", "transfer")
ORDER = Order(
    key=KEY,
    action="transfer",
    ticket_id="T-1",
    arguments={"amount": "500.00 CNY", "payee": "[ACCOUNT_1]"},
    result=("reference", "balance"),
    reads_only=False,
    customer_id="C-1001",
    originals={"[ACCOUNT_1]": "6217 0000 9999 0003", "CUSTOMER_ID": "C-1001"},
)


class DyingResults(MongoResults):
    def __init__(self, mongo: Mongo, step: str) -> None:
        super().__init__(mongo)
        self._step = step

    async def begin(self, orders: Sequence[Order]) -> Stored:
        _die_at("before_begin", self._step)
        finals = await super().begin(orders)
        _die_at("before_call", self._step)
        return finals

    async def finish(self, orders: Sequence[Order], results: Stored) -> Stored:
        _die_at("before_store", self._step)
        stored = await super().finish(orders, results)
        _die_at("after_store", self._step)
        return stored


def _die_at(step: str, chosen: str) -> None:
    if step == chosen:
        os.kill(os.getpid(), signal.SIGKILL)


async def run(mongo_url: str, database: str, back_office: str, step: str) -> Result:
    mongo = Mongo(mongo_url, database)
    office = HttpBackOffice(back_office, seconds=5, connect_seconds=1)
    results = DyingResults(mongo, step)
    executor = Executor(results, _Counted(office), Patience(base_seconds=0.05), Breaker())
    try:
        (result,) = await executor.run([ORDER])
    finally:
        await office.close()
        await mongo.close()
    return result


class _Counted:
    """Says on standard error that a call was made: the tests look whether there was one."""

    def __init__(self, office: HttpBackOffice) -> None:
        self._office = office

    async def carry_out(self, order: Order) -> Answer:
        sys.stderr.write("called\n")
        return await self._office.carry_out(order)


if __name__ == "__main__":
    told = asyncio.run(run(*sys.argv[1:5]))
    print(json.dumps({"status": told.status, "fields": dict(told.fields)}))
