"""What is sent to a company's system, and answers that no system should give."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web

from services.generate.actions.backoffice import HttpBackOffice
from services.generate.domain.actions.orders import NOT_SENT, OUTCOME, UNKNOWN
from tests.component.generate.actions.driver import KEY, ORDER
from tests.component.generate.actions.kit import (
    MemoryResults,
    Runner,
    serving,
)


async def html(_: web.Request) -> web.Response:
    return web.Response(text="<h1>Welcome</h1>", content_type="text/html")


async def huge(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    with pytest.raises((ConnectionError, asyncio.CancelledError)):
        while True:
            await response.write(b" " * 65_536)
    return response


async def elsewhere(_: web.Request) -> web.Response:
    raise web.HTTPTemporaryRedirect("http://127.0.0.1:9/")


async def deep(_: web.Request) -> web.Response:
    return web.Response(body=b"[" * 60_000, content_type="application/json")


async def other(_: web.Request) -> web.Response:
    return web.json_response({"result": {"done": "yes"}})


async def packed(_: web.Request) -> web.Response:
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    return web.Response(body=b"\x1f\x8bnot gzip", headers=headers)


async def cut(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(
        headers={"Content-Type": "application/json", "Content-Length": "100"}
    )
    await response.prepare(request)
    await response.write(b'{"result"')
    assert request.transport is not None
    request.transport.abort()
    return response


@pytest.mark.parametrize("handle", [html, huge, elsewhere, deep, other, packed, cut])
async def test_a_malformed_answer_is_a_failure_that_may_have_acted(handle: Any) -> None:
    async with serving(handle) as url:
        (told,) = await Runner(MemoryResults(), url).run(ORDER)
    assert (told.status, told.fields[OUTCOME]) == ("failed", UNKNOWN)


async def test_what_is_sent_and_what_is_kept_of_the_answer() -> None:
    seen: dict[str, Any] = {}

    async def echo(request: web.Request) -> web.Response:
        seen.update(headers=dict(request.headers), body=await request.json())
        seen["path"] = request.path
        result = {"reference": "for 6217 0000 9999 0003\n of C-1001", "balance": 5, "x": "y"}
        return web.json_response({"result": result})

    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    async with serving(echo) as url:
        office = HttpBackOffice(url, token="secret")
        answer = await office.carry_out(replace(ORDER, traceparent=trace))
        await office.close()
    assert seen["path"] == "/actions/transfer"
    assert seen["headers"]["Idempotency-Key"] == KEY
    assert seen["headers"]["traceparent"] == trace
    assert seen["headers"]["Authorization"] == "Bearer secret"
    assert seen["body"] == {
        "customer_id": "C-1001",
        "arguments": {"amount": "500.00 CNY", "payee": "6217 0000 9999 0003"},
    }
    assert answer.fields == {"reference": "for [ACCOUNT_1] of [CUSTOMER_ID]", "balance": "5"}


async def test_without_the_original_nothing_is_sent() -> None:
    async with serving(html) as url:
        (told,) = await Runner(MemoryResults(), url).run(replace(ORDER, originals={}))
    assert told.fields == {OUTCOME: NOT_SENT, "reason": "original_missing"}


def test_an_order_shows_no_personal_data() -> None:
    assert "9999" not in repr(ORDER) and "C-1001" not in repr(ORDER)


def test_only_http_is_spoken() -> None:
    for address in ("", "127.0.0.1:80", "file:///etc/passwd", "ftp://host/"):
        with pytest.raises(ValueError, match="http"):
            HttpBackOffice(address)
