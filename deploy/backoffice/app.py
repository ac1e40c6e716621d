"""The demo back office over HTTP."""

import asyncio
import dataclasses
import json
from typing import Any

from aiohttp import web

from deploy.backoffice.books import Books, Reply
from deploy.backoffice.effects import EFFECTS
from deploy.backoffice.faults import Faults
from deploy.backoffice.requests import Request

MOST_BYTES = 64 * 1024
BOOKS = web.AppKey("books", Books)
STATE = web.AppKey("state", dict[str, Faults])
LOCK = web.AppKey("lock", asyncio.Lock)


def application(books: Books, faults: Faults) -> web.Application:
    """The service over these books; it closes them when it ends."""
    app = web.Application(client_max_size=MOST_BYTES)
    app[BOOKS] = books
    app[STATE] = {"faults": faults}
    app[LOCK] = asyncio.Lock()
    app.add_routes(
        [
            web.post("/actions/{name}", carry_out),
            web.get("/ledger", ledger),
            web.get("/faults", show_faults),
            web.put("/faults", set_faults),
            web.get("/healthz", healthy),
        ]
    )
    app.on_cleanup.append(_close)
    return app


async def carry_out(http: web.Request) -> web.StreamResponse:
    """`{"customer_id": ..., "arguments": {...}}` with an Idempotency-Key: `{"result": ...}`, or
    `{"error": code, "message": ...}`."""
    faults = http.app[STATE]["faults"]
    # Slow before it acts: whoever stops waiting does not know what will have happened.
    await asyncio.sleep(faults.slow_seconds)
    if faults.down:
        return _json(Reply(503, {"error": "down", "message": "out of order"}))
    name = http.match_info["name"]
    if name not in EFFECTS:
        return _json(Reply(404, {"error": "no_such_action", "message": f"only {list(EFFECTS)}"}))
    try:
        request = _request(http.headers.get("Idempotency-Key", ""), await http.json())
    except ValueError as error:
        return _json(Reply(422, {"error": "invalid_request", "message": str(error)}))
    books = http.app[BOOKS]
    async with http.app[LOCK]:
        reply = await asyncio.to_thread(
            books.carry_out, name, request, lambda: faults.dies("before_commit")
        )
    faults.dies("after_commit")
    if faults.drops() and http.transport is not None:
        http.transport.abort()
    return _json(reply)


async def ledger(http: web.Request) -> web.Response:
    """Every movement of money, and `times`: how often it moved under each key."""
    async with http.app[LOCK]:
        return web.json_response(http.app[BOOKS].ledger())


async def show_faults(http: web.Request) -> web.Response:
    return web.json_response(dataclasses.asdict(http.app[STATE]["faults"]))


async def set_faults(http: web.Request) -> web.Response:
    try:
        http.app[STATE]["faults"] = Faults.parse(await http.json())
    except ValueError as error:
        return web.json_response({"error": "invalid_faults", "message": str(error)}, status=422)
    return await show_faults(http)


async def healthy(_: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


async def _close(app: web.Application) -> None:
    app[BOOKS].close()


def _request(key: str, body: Any) -> Request:
    """Raises ValueError."""
    if not 0 < len(key) <= 256:
        raise ValueError("the header Idempotency-Key is needed")
    if not isinstance(body, dict) or not isinstance(body.get("customer_id"), str):
        raise ValueError("customer_id is needed")
    arguments = body.get("arguments", {})
    if not isinstance(arguments, dict) or not all(
        isinstance(value, str) for value in arguments.values()
    ):
        raise ValueError("arguments must be texts by their name")
    return Request(key, body["customer_id"], arguments)


def _json(reply: Reply) -> web.Response:
    return web.json_response(
        reply.body, status=reply.status, dumps=lambda body: json.dumps(body, ensure_ascii=False)
    )
