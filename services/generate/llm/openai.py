"""Any endpoint that speaks the OpenAI chat-completions protocol: vLLM, Ollama, a provider.

Over aiohttp, which ingest has already: the official client would bring a second HTTP stack for one
POST, and retries of its own inside ours.
"""

import asyncio
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from time import perf_counter
from typing import Any, Literal

import aiohttp
from pydantic import BaseModel, Field, SecretStr, ValidationError

from services.generate.llm import answer, prompt, tokens
from services.generate.llm.answer import Completion
from services.generate.llm.brief import Brief, FailureReason, WriterFailed, Written

_CHUNK = 64 * 1024
MOST_BYTES = 1024 * 1024
"""Of a server's answer; a body of a reply with all around it has a few thousand."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where and how to ask. `base_url` ends before `/chat/completions`; `seconds` for one call.

    A `temperature` of None is not sent and `limit_field` names the limit of tokens, for models that
    refuse the one or call the other `max_completion_tokens`.
    """

    base_url: str
    model: str
    api_key: SecretStr = field(default_factory=lambda: SecretStr(""))
    seconds: float = 20.0
    max_tokens: int = 512
    temperature: float | None = 0.0
    output: prompt.Output = "json_schema"
    limit_field: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"


class _Message(BaseModel):
    content: str | None = None
    refusal: str | None = None


class _Choice(BaseModel):
    message: _Message
    finish_reason: str | None = None


class _Usage(BaseModel):
    prompt_tokens: int = Field(ge=0)
    completion_tokens: int = Field(default=0, ge=0)


class _Reply(BaseModel):
    """What of the protocol's answer is read; servers add fields of their own."""

    choices: list[_Choice] = Field(min_length=1)
    usage: _Usage | None = None


class OpenAIWriter:
    """Asks one model at one endpoint. No connection is made before the first brief."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._url = f"{endpoint.base_url.rstrip('/')}/chat/completions"
        self._session: aiohttp.ClientSession | None = None

    async def write(self, brief: Brief) -> Written:
        """The body of one reply, asked for once. Raises WriterFailed."""
        messages = prompt.messages(brief)
        began = perf_counter()
        content = await self._asked(messages)
        return answer.written(brief, self._completion(content, messages, perf_counter() - began))

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    async def _asked(self, messages: list[prompt.Message]) -> bytes:
        """The server's answer. Errors carry neither request nor headers: the key is in them."""
        key = self._endpoint.api_key.get_secret_value().strip()
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        request = self._http().post(
            # A redirect would carry messages and key to where nobody has sent them.
            self._url,
            json=self._request(messages),
            headers=headers,
            allow_redirects=False,
        )
        try:
            async with asyncio.timeout(self._endpoint.seconds), request as response:
                _check_status(response)
                return await _content(response)
        except TimeoutError:
            raise WriterFailed(FailureReason.TIMEOUT) from None
        except (aiohttp.ClientError, OSError, ValueError):
            raise WriterFailed(FailureReason.UNREACHABLE) from None

    def _request(self, messages: list[prompt.Message]) -> dict[str, Any]:
        endpoint = self._endpoint
        request: dict[str, Any] = {
            "model": endpoint.model,
            "messages": messages,
            endpoint.limit_field: endpoint.max_tokens,
        }
        if endpoint.temperature is not None:
            request["temperature"] = endpoint.temperature
        if response_format := prompt.response_format(endpoint.output):
            request["response_format"] = response_format
        return request

    def _completion(
        self, content: bytes, messages: list[prompt.Message], seconds: float
    ) -> Completion:
        try:
            reply = _Reply.model_validate_json(content)
        except ValidationError as error:
            is_json = all(problem["type"] != "json_invalid" for problem in error.errors())
            reason = FailureReason.OFF_SCHEMA if is_json else FailureReason.NOT_JSON
            # It was answered, and will be charged for.
            raise WriterFailed(reason, tokens_in=tokens.estimate_prompt(messages)) from None
        choice = reply.choices[0]
        text = choice.message.content or ""
        usage = reply.usage
        tokens_in = usage.prompt_tokens if usage else tokens.estimate_prompt(messages)
        tokens_out = usage.completion_tokens if usage else tokens.estimate(text)
        if choice.message.refusal or choice.finish_reason == "content_filter":
            raise WriterFailed(FailureReason.DECLINED, tokens_in=tokens_in, tokens_out=tokens_out)
        is_cut = choice.finish_reason == "length"
        return Completion(text, tokens_in, tokens_out, seconds, self._endpoint.model, is_cut)

    def _http(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0),  # whoever calls has a limit
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                headers={"Accept": "application/json", "Accept-Encoding": "identity"},
                timeout=aiohttp.ClientTimeout(total=None),
            )
        return self._session


def _check_status(response: aiohttp.ClientResponse) -> None:
    """Raises WriterFailed unless the server has answered the question."""
    status = response.status
    if status == HTTPStatus.OK:
        return
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        reason = FailureReason.RATE_LIMITED
    elif status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        reason = FailureReason.SERVER_ERROR
    elif status == HTTPStatus.REQUEST_TIMEOUT:
        reason = FailureReason.TIMEOUT
    else:
        reason = FailureReason.REFUSED
    raise WriterFailed(reason, retry_after=_retry_after(response))


def _retry_after(response: aiohttp.ClientResponse) -> float | None:
    """Seconds the server asks to wait (RFC 9110, 10.2.3): their number, or a time to wait for,
    which is held against the server's own clock."""
    told = response.headers.get("Retry-After", "").strip()
    if told.isascii() and told.isdecimal():
        return float(told)
    try:
        until = parsedate_to_datetime(told)
        waiting = until - parsedate_to_datetime(response.headers.get("Date", ""))
    except (TypeError, ValueError):
        return None
    return max(0.0, waiting.total_seconds())


async def _content(response: aiohttp.ClientResponse) -> bytes:
    content = bytearray()
    async for chunk in response.content.iter_chunked(_CHUNK):
        content += chunk
        if len(content) > MOST_BYTES:
            raise WriterFailed(FailureReason.TOO_LONG)
    return bytes(content)
