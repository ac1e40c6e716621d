"""The company's system over HTTP: `POST {base}/actions/{name}`.

The body is `{"customer_id": ..., "arguments": {...}}`; `Idempotency-Key` is the order's (as in the
IETF draft draft-ietf-httpapi-idempotency-key-header), so the system does what it has done under a
key only once and answers the same again. What it answers is said in `domain/actions/answers.py`.
"""

import aiohttp
from yarl import URL

from services.generate.domain.actions import answers
from services.generate.domain.actions.answers import MOST_BYTES, Answer
from services.generate.domain.actions.orders import Order, with_originals, without_originals

_CHUNK = 16 * 1024
_NEVER_CONNECTED = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)


class HttpBackOffice:
    """Actions at an address. Nothing is connected before the first call."""

    def __init__(
        self,
        base: str,
        *,
        seconds: float = 5.0,
        connect_seconds: float = 2.0,
        token: str | None = None,
    ) -> None:
        """`seconds` for a whole call, `connect_seconds` for reaching the system; `token` is sent
        as a bearer token. Raises ValueError when `base` is no HTTP address."""
        self._base = URL(base)
        if self._base.scheme not in ("http", "https") or not self._base.host:
            raise ValueError(f"not an http(s) address: {base!r}")
        self._timeout = aiohttp.ClientTimeout(total=seconds, sock_connect=connect_seconds)
        # Compressed answers could unpack to any size.
        self._headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"
        self._session: aiohttp.ClientSession | None = None

    async def carry_out(self, order: Order) -> Answer:
        """One call; what goes wrong is in the answer. Never raises for what comes back."""
        try:
            arguments = with_originals(order.arguments, order.originals)
        except KeyError:
            return Answer("broken", "original_missing", reached=False)
        body = {"customer_id": order.customer_id, "arguments": arguments}
        headers = {"Idempotency-Key": order.key}
        if order.traceparent:
            headers["traceparent"] = order.traceparent
        try:
            async with self._http().post(
                self._base / "actions" / order.action,
                json=body,
                headers=headers,
                allow_redirects=False,
            ) as response:
                answer = await _read(response, order)
        except _NEVER_CONNECTED:
            return Answer("again", "unreachable", reached=False)
        except TimeoutError:
            return Answer("again", "timed_out")
        except (aiohttp.ClientError, OSError, ValueError):
            return Answer("again", "connection_lost")
        fields = without_originals(answer.fields, order.originals)
        return Answer(answer.kind, answer.code, fields, answer.reached)

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    def _http(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=self._timeout,
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                headers=self._headers,
            )
        return self._session


async def _read(response: aiohttp.ClientResponse, order: Order) -> Answer:
    content = bytearray()
    async for chunk in response.content.iter_chunked(_CHUNK):
        content += chunk
        # One byte more tells that there is more; the rest is not waited for.
        if len(content) > MOST_BYTES:
            break
    media_type = response.headers.get("Content-Type", "")
    return answers.read(response.status, media_type, bytes(content), order.result)
