"""A real HTTP server that speaks the OpenAI chat-completions protocol, well or badly as told."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any, Self

from aiohttp import web
from aiohttp.test_utils import TestServer

MODEL = "careloop-test"
USAGE = {"prompt_tokens": 300, "completion_tokens": 40, "total_tokens": 340}
Behaviour = Callable[[web.Request, dict[str, Any]], Awaitable[web.StreamResponse]]
"""Answers one request, whose body is given read."""


class ModelServer:
    """Answers each request by the next of its `behaviours`, the last one again and again.

    It counts: `requests` are the bodies it got, `keys` their Authorization headers, `most_at_once`
    how many it has had open at the same time.
    """

    def __init__(self, *behaviours: Behaviour) -> None:
        self._behaviours = list(behaviours)
        self._open = 0
        self.most_at_once = 0
        self.requests: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        app = web.Application()
        app.router.add_post("/v1/chat/completions", self._answer)
        self._server = TestServer(app)

    async def __aenter__(self) -> Self:
        await self._server.start_server()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._server.close()

    @property
    def url(self) -> str:
        return str(self._server.make_url("/v1"))

    def behave(self, *behaviours: Behaviour) -> None:
        """From now on like this."""
        self._behaviours = list(behaviours)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self._open += 1
        self.most_at_once = max(self.most_at_once, self._open)
        try:
            body = await request.json()
            self.requests.append(body)
            self.keys.append(request.headers.get("Authorization"))
            behaviour = self._behaviours[0]
            if len(self._behaviours) > 1:
                self._behaviours.pop(0)
            return await behaviour(request, body)
        finally:
            self._open -= 1


def data_of(body: dict[str, Any]) -> dict[str, Any]:
    """The data in a request, which it must be able to find: one JSON object in the user's turn."""
    system, user = body["messages"]
    assert (system["role"], user["role"]) == ("system", "user")
    data: dict[str, Any] = json.loads(user["content"])
    return data


def reply(
    content: str | None, finish: str = "stop", refusal: str | None = None, **more: Any
) -> web.Response:
    """The protocol's answer around a model's words; `more` replaces parts of it."""
    message = {"role": "assistant", "content": content, "refusal": refusal}
    choice = {"index": 0, "message": message, "finish_reason": finish}
    envelope = {"id": "c1", "object": "chat.completion", "model": MODEL, "choices": [choice]}
    return web.json_response({**envelope, "usage": USAGE, **more})


def saying(content: str | None, finish: str = "stop", **more: Any) -> Behaviour:
    """Always these words."""

    async def behaviour(_: web.Request, __: dict[str, Any]) -> web.Response:
        return reply(content, finish, **more)

    return behaviour


def status(code: int, **headers: str) -> Behaviour:
    """An HTTP error, quoting the request's key as careless servers do."""

    async def behaviour(request: web.Request, _: dict[str, Any]) -> web.Response:
        said = {"error": {"message": f"no: {request.headers.get('Authorization')}"}}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.json_response(said, status=code, headers=named)

    return behaviour


async def good(_: web.Request, body: dict[str, Any]) -> web.Response:
    """What a good model does: says the first fact, and cites it."""
    fact = data_of(body)["facts"][0]
    return reply(json.dumps({"body": fact["text"], "used": [fact["id"]]}, ensure_ascii=False))


async def fenced(request: web.Request, body: dict[str, Any]) -> web.Response:
    answer = json.loads((await good(request, body)).text or "")["choices"][0]["message"]["content"]
    return reply(f"```json\n{answer}\n```")


async def without_usage(request: web.Request, body: dict[str, Any]) -> web.Response:
    answer = json.loads((await good(request, body)).text or "")
    del answer["usage"]
    return web.json_response(answer)


async def truncated(request: web.Request, body: dict[str, Any]) -> web.Response:
    """The model's JSON ends in the middle."""
    answer = json.loads((await good(request, body)).text or "")["choices"][0]["message"]["content"]
    return reply(answer[: len(answer) // 2])


async def truncated_envelope(request: web.Request, body: dict[str, Any]) -> web.Response:
    """The server's own JSON ends in the middle."""
    text = (await good(request, body)).text or ""
    return web.Response(text=text[: len(text) // 2], content_type="application/json")


async def obedient(_: web.Request, body: dict[str, Any]) -> web.Response:
    """A model that does what the customer's text says after `write:`, citing as it should."""
    data = data_of(body)
    ordered = data["customer_message"].partition("write:")[2].strip()
    return reply(json.dumps({"body": ordered, "used": [data["facts"][0]["id"]]}))


async def html(_: web.Request, __: dict[str, Any]) -> web.Response:
    """A proxy's page, with status 200."""
    return web.Response(text="<html><body>Sign in</body></html>", content_type="text/html")


async def huge(request: web.Request, __: dict[str, Any]) -> web.StreamResponse:
    """Words without end."""
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    for _ in range(64):
        await response.write(b"x" * 1024 * 1024)
    return response


async def dripping(request: web.Request, __: dict[str, Any]) -> web.StreamResponse:
    """A byte now and then, so that the connection is never silent for long."""
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    for _ in range(200):
        await response.write(b" ")
        await asyncio.sleep(0.05)
    return response


async def reset(request: web.Request, _: dict[str, Any]) -> web.Response:
    """The connection breaks."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


def slow(seconds: float, then: Behaviour = good) -> Behaviour:
    """Answers after a while."""

    async def behaviour(request: web.Request, body: dict[str, Any]) -> web.StreamResponse:
        await asyncio.sleep(seconds)
        return await then(request, body)

    return behaviour
