"""Fetches attachments over HTTP and reads them, within limits."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from services.ingest import metrics
from services.ingest.attachments import documents, pdf
from services.ingest.attachments.addresses import AllowedHosts, CheckedResolver, HostNotAllowed
from services.ingest.ports import AttachmentText
from shared.events import Attachment, AttachmentStatus

_CHUNK = 64 * 1024
_MOST_REDIRECTS = 3
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
# Compressed files could unpack to any size.
_HEADERS = {"Accept-Encoding": "identity"}


@dataclass(frozen=True, slots=True)
class Limits:
    """`max_bytes` of a file, `seconds` for fetching and for reading it, files `at_once`."""

    max_bytes: int = 5 * 1024 * 1024
    seconds: float = 10.0
    at_once: int = 8


class NotRead(Exception):
    """Why a file was not read."""

    def __init__(self, status: AttachmentStatus) -> None:
        super().__init__(status)
        self.status = status


class HttpAttachments:
    """Files at HTTP addresses of allowed hosts."""

    def __init__(
        self, hosts: AllowedHosts, limits: Limits, resolver: AbstractResolver | None = None
    ) -> None:
        self._hosts = hosts
        self._limits = limits
        self._resolver = resolver
        self._session: aiohttp.ClientSession | None = None
        self._free = asyncio.Semaphore(limits.at_once)

    async def read(self, attachments: Sequence[Attachment]) -> list[AttachmentText]:
        """One reading each, in their order. Never raises for what a file or its host does."""
        return await asyncio.gather(*map(self._read, attachments))

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    async def _read(self, attachment: Attachment) -> AttachmentText:
        try:
            async with self._free:
                result = AttachmentText("read", await self._text(attachment))
        except NotRead as why:
            result = AttachmentText(why.status)
        metrics.ATTACHMENTS.labels(result.status).inc()
        return result

    async def _text(self, attachment: Attachment) -> str:
        if documents.is_media(attachment.media_type):
            raise NotRead("type_not_read")
        try:
            url = URL(attachment.url)
        except ValueError:
            raise NotRead("broken") from None
        content, media_type = await self._fetched(url, attachment.media_type)
        try:
            if documents.is_pdf(content):
                return await pdf.text_of(content, self._limits.seconds)
            return documents.text_of(content, media_type)
        except documents.TypeNotRead:
            raise NotRead("type_not_read") from None
        except documents.Broken:
            raise NotRead("broken") from None

    async def _fetched(self, url: URL, media_type: str) -> tuple[bytes, str]:
        """What is there, and of what type. Raises NotRead."""
        try:
            async with asyncio.timeout(self._limits.seconds):
                for _ in range(1 + _MOST_REDIRECTS):
                    if not self._hosts.allow(url):
                        raise NotRead("host_not_allowed")
                    async with self._http().get(url, allow_redirects=False) as response:
                        if response.status not in _REDIRECTS:
                            return await self._content(response), _type(response, media_type)
                        url = url.join(URL(response.headers.get("Location", "")))
        except HostNotAllowed:
            raise NotRead("host_not_allowed") from None
        except aiohttp.ClientConnectorError as error:
            refused = isinstance(error.os_error, HostNotAllowed)
            raise NotRead("host_not_allowed" if refused else "unreachable") from None
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError):
            raise NotRead("unreachable") from None
        raise NotRead("unreachable")

    async def _content(self, response: aiohttp.ClientResponse) -> bytes:
        if response.status != HTTPStatus.OK:
            raise NotRead("unreachable")
        if response.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise NotRead("broken")
        content = bytearray()
        async for chunk in response.content.iter_chunked(_CHUNK):
            content += chunk
            if len(content) > self._limits.max_bytes:
                raise NotRead("too_large")
        return bytes(content)

    def _http(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    resolver=CheckedResolver(self._hosts, self._resolver), use_dns_cache=False
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                headers=_HEADERS,
            )
        return self._session


def _type(response: aiohttp.ClientResponse, told: str) -> str:
    return response.headers.get("Content-Type") or told
