"""The demo back office over real HTTP: what it does, what it refuses, and that a key acts once."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestClient, TestServer

from deploy.backoffice.app import application
from deploy.backoffice.books import Books
from deploy.backoffice.faults import Faults

TRANSFER = {"amount": "500.00 CNY", "payee": "6217000099990003"}


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[TestClient[Any, Any]]:
    app = application(Books(tmp_path / "books.sqlite"), Faults())
    async with TestClient(TestServer(app)) as client:
        yield client


async def ask(
    office: TestClient[Any, Any], key: str, name: str, customer: str = "C-1001", **told: str
) -> tuple[int, dict[str, Any]]:
    body = {"customer_id": customer, "arguments": told}
    async with office.post(
        f"/actions/{name}", json=body, headers={"Idempotency-Key": key}
    ) as response:
        return response.status, await response.json()


async def ledger(office: TestClient[Any, Any]) -> dict[str, Any]:
    async with office.get("/ledger") as response:
        told: dict[str, Any] = await response.json()
        return told


async def available(office: TestClient[Any, Any], key: str, customer: str) -> str:
    _, body = await ask(office, key, "balance", customer)
    return str(body["result"]["available"])


async def test_an_order_is_found_by_its_number_however_written_and_by_its_parcel(
    office: TestClient[Any, Any],
) -> None:
    for key, number in enumerate(("20261118-1001", "202611181001", "sf1234567890123")):
        status, body = await ask(office, str(key), "order_status", order=number)
        assert status == 200
        assert body["result"] == {
            "order": "20261118-1001", "item_zh": "Lumen 耳机", "item_en": "Lumen Buds",
            "status": "shipped", "expected": "2026-11-26",
        }  # fmt: skip


async def test_money_moves_from_one_account_to_the_other(office: TestClient[Any, Any]) -> None:
    status, body = await ask(office, "k", "transfer", **TRANSFER)
    assert (status, body["result"]["balance"]) == (200, "8150.00 CNY")
    assert await available(office, "a", "C-1001") == "8150.00 CNY"
    assert await available(office, "b", "C-1003") == "620.00 CNY"
    (movement,) = (await ledger(office))["movements"]
    assert (movement["amount"], movement["source"]) == (50_000, "6217000012344821")


async def test_the_same_key_again_answers_the_same_and_does_nothing(
    office: TestClient[Any, Any],
) -> None:
    first = await ask(office, "k", "transfer", **TRANSFER)
    again = await asyncio.gather(*[ask(office, "k", "transfer", **TRANSFER) for _ in range(20)])
    assert all(one == first for one in again)
    assert (await ledger(office))["times"] == {"k": 1}
    assert (await ask(office, "k2", "transfer", **TRANSFER))[0] == 200
    assert (await ledger(office))["times"] == {"k": 1, "k2": 1}


async def test_a_key_stands_for_one_request(office: TestClient[Any, Any]) -> None:
    await ask(office, "k", "transfer", **TRANSFER)
    other = {**TRANSFER, "amount": "1.00 CNY"}
    for status, body in (
        await ask(office, "k", "transfer", **other),
        await ask(office, "k", "transfer", "C-1003", **TRANSFER),
        await ask(office, "k", "balance"),
    ):
        assert (status, body["error"]) == (422, "idempotency_key_reused")
    assert (await ledger(office))["times"] == {"k": 1}


async def test_a_refusal_is_remembered_under_its_key(office: TestClient[Any, Any]) -> None:
    big = {**TRANSFER, "amount": "9000.00 CNY"}
    assert (await ask(office, "k", "transfer", **big))[1]["error"] == "insufficient_funds"
    await ask(office, "in", "transfer", "C-1003", amount="100.00 CNY", payee="6217 0000 1234 4821")
    assert (await ask(office, "k", "transfer", **big))[1]["error"] == "insufficient_funds"


@pytest.mark.parametrize(
    ("name", "customer", "told", "code"),
    [
        ("order_status", "C-1001", {"order": "1"}, "order_not_found"),
        ("order_status", "C-1001", {}, "invalid_arguments"),
        ("order_status", "C-1002", {"order": "20261118-1001"}, "not_yours"),
        ("order_cancel", "C-1001", {"order": "20261118-1001"}, "too_late_to_cancel"),
        ("order_cancel", "C-1004", {"order": "20261120-4001"}, "already_cancelled"),
        ("return_open", "C-1001", {"order": "20261118-1001"}, "not_delivered"),
        ("return_open", "C-1003", {"order": "20261001-3001"}, "not_returnable"),
        ("balance", "C-1001", {"account": "0000"}, "account_not_found"),
        ("balance", "C-9999", {}, "account_not_found"),
        ("transfer", "C-1001", {**TRANSFER, "amount": "8650.01 CNY"}, "insufficient_funds"),
        ("transfer", "C-1001", {**TRANSFER, "amount": "-5.00 CNY"}, "invalid_arguments"),
        ("transfer", "C-1001", {**TRANSFER, "amount": "0.00 CNY"}, "invalid_arguments"),
        ("transfer", "C-1001", {**TRANSFER, "amount": "5.00 USD"}, "currency_mismatch"),
        ("transfer", "C-1001", {**TRANSFER, "payee": "[ACCOUNT_1]"}, "invalid_payee"),
        ("transfer", "C-1001", {**TRANSFER, "payee": "6217 0000 1234 4821"}, "same_account"),
        ("transfer", "C-9999", TRANSFER, "account_not_found"),
        ("loan_request", "C-1001", {"amount": "500000.01 CNY", "term": "12"}, "amount_too_high"),
        ("loan_request", "C-1001", {"amount": "5.00 CNY", "term": "x"}, "invalid_arguments"),
        ("plan_change", "C-1001", {"plan": "plan-light"}, "already_on_plan"),
        ("plan_change", "C-1001", {"plan": "plan-x"}, "plan_not_found"),
        ("plan_usage", "C-1003", {}, "no_contract"),
        ("steal", "C-1001", {}, "no_such_action"),
    ],
)
async def test_what_is_refused_moves_nothing(
    office: TestClient[Any, Any], name: str, customer: str, told: dict[str, str], code: str
) -> None:
    before = await available(office, "before", "C-1001")
    status, body = await ask(office, "k", name, customer, **told)
    assert status >= 400
    assert body["error"] == code
    assert (await ledger(office))["movements"] == []
    assert await available(office, "after", "C-1001") == before


async def test_what_was_done_stays_done(office: TestClient[Any, Any]) -> None:
    assert (await ask(office, "1", "order_cancel", order="20261122-1002"))[1]["result"][
        "refund"
    ] == "169.00 CNY"
    _, body = await ask(office, "2", "order_status", order="20261122-1002")
    assert body["result"]["status"] == "cancelled"
    _, body = await ask(office, "3", "order_cancel", order="20261122-1002")
    assert body["error"] == "already_cancelled"
    assert (await ask(office, "4", "return_open", order="20261110-1003"))[0] == 200
    _, body = await ask(office, "5", "return_open", order="20261110-1003")
    assert body["error"] == "already_returning"
    assert (await ask(office, "6", "plan_change", plan="plan-family"))[0] == 200
    _, body = await ask(office, "7", "plan_change", plan="plan-family")
    assert body["error"] == "already_on_plan"
    assert (await ask(office, "8", "loan_request", amount="5.00 CNY", term="12"))[0] == 200
    _, body = await ask(office, "9", "loan_request", amount="5.00 CNY", term="12")
    assert body["error"] == "loan_open"
    assert (await ledger(office))["times"] == {"1": 1}


async def test_dropped_connections_happen_after_the_act(office: TestClient[Any, Any]) -> None:
    async with office.put("/faults", json={"drop": 1}) as response:
        assert response.status == 200
    with pytest.raises(aiohttp.ClientError):
        await ask(office, "k", "transfer", **TRANSFER)
    assert (await ledger(office))["times"] == {"k": 1}
    assert (await ask(office, "k", "transfer", **TRANSFER))[0] == 200
    assert (await ledger(office))["times"] == {"k": 1}


async def test_when_down_nothing_is_done(office: TestClient[Any, Any]) -> None:
    async with office.put("/faults", json={"down": True}):
        pass
    assert (await ask(office, "k", "transfer", **TRANSFER))[0] == 503
    assert (await ledger(office))["times"] == {}


@pytest.mark.parametrize(
    "body",
    [[], {"slow": 1}, {"down": 1}, {"drop": -1}, {"drop": True}, {"die": "now"}, {"drop": "1"}],
)
async def test_faults_that_make_no_sense_are_refused(
    office: TestClient[Any, Any], body: object
) -> None:
    async with office.put("/faults", json=body) as response:
        assert response.status == 422
    async with office.get("/faults") as response:
        assert (await response.json())["drop"] == 0


@pytest.mark.parametrize(
    ("body", "key"),
    [
        (b"{", "k"),
        (b"[]", "k"),
        (b'{"arguments": {}}', "k"),
        (b'{"customer_id": "C-1001", "arguments": {"order": 1}}', "k"),
        (b'{"customer_id": "C-1001", "arguments": {}}', ""),
    ],
)
async def test_a_request_that_makes_no_sense(
    office: TestClient[Any, Any], body: bytes, key: str
) -> None:
    headers = {"Idempotency-Key": key, "Content-Type": "application/json"}
    async with office.post("/actions/balance", data=body, headers=headers) as response:
        assert response.status == 422
        assert (await response.json())["error"] == "invalid_request"


async def test_the_books_outlive_the_process_that_kept_them(tmp_path: Path) -> None:
    for _ in range(2):
        app = application(Books(tmp_path / "books.sqlite"), Faults())
        async with TestClient(TestServer(app)) as office:
            await ask(office, "k", "transfer", **TRANSFER)
            assert (await ledger(office))["times"] == {"k": 1}
            assert await available(office, "b", "C-1001") == "8150.00 CNY"


def test_it_says_what_it_needs(tmp_path: Path) -> None:
    def run(*options: str, **environment: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "deploy.backoffice", *options]
        return subprocess.run(
            command, capture_output=True, text=True, env={**os.environ, **environment}, check=False
        )

    assert "--data FILE" in run("--help").stdout
    wrong = run(BACKOFFICE_FAULTS='{"slow": 1}')
    assert wrong.returncode == 2 and "no fault 'slow'" in wrong.stderr
    no_books = tmp_path / "books"
    no_books.write_text("not a database, just some text" * 100)
    broken = run("--data", str(no_books))
    assert broken.returncode == 1 and "cannot open" in broken.stderr
