"""A file server that hurts whoever trusts it."""

import asyncio
import gzip
import io
import zipfile
import zlib
from typing import Self

from aiohttp import web
from aiohttp.test_utils import TestServer

HUGE = 200 * 1024 * 1024
PATHS = ("gzip", "zip", "docx", "pdf", "endless", "dripping", "round", "liar", "reset", "empty")


class BombServer:
    """Serves one file that hurts at each of `urls`; counts what it was asked for."""

    def __init__(self) -> None:
        self.asked = 0
        zeros = _zeros()
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("word/document.xml", b"\0" * (HUGE // 4))
        self._bodies = {
            "gzip": (gzip.compress(zeros), "text/plain", {"Content-Encoding": "gzip"}),
            "zip": (packed.getvalue(), "application/zip", {}),
            "docx": (packed.getvalue(), "application/vnd.openxmlformats", {}),
            "pdf": (_pdf(zeros), "application/pdf", {}),
            "liar": (b"%PDF-1.7\n" + b"<<" * 100_000, "text/html", {}),
            "empty": (b"", "application/pdf", {}),
        }
        app = web.Application()
        app.router.add_get("/{name}", self._answer)
        self._server = TestServer(app)

    async def __aenter__(self) -> Self:
        await self._server.start_server()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._server.close()

    @property
    def urls(self) -> list[str]:
        return [str(self._server.make_url(f"/{name}")) for name in PATHS]

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.asked += 1
        name = request.match_info["name"]
        if name in self._bodies:
            content, kind, headers = self._bodies[name]
            return web.Response(body=content, headers={"Content-Type": kind, **headers})
        if name == "round":
            raise web.HTTPFound("/round")
        if name == "reset":
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        response = web.StreamResponse(headers={"Content-Type": "text/plain"})
        await response.prepare(request)
        try:
            while True:
                await response.write(b"x" * (1 if name == "dripping" else 1_000_000))
                await asyncio.sleep(0.2 if name == "dripping" else 0)
        except ConnectionError:
            return response


def _zeros() -> bytes:
    """What unpacks to HUGE zero bytes, itself packed."""
    packer = zlib.compressobj(9)
    return (
        b"".join(packer.compress(b"\0" * 1024 * 1024) for _ in range(HUGE >> 20)) + packer.flush()
    )


def _pdf(stream: bytes) -> bytes:
    """One page, whose drawing unpacks to HUGE bytes."""
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>>",
        b"<</Length %d/Filter/FlateDecode>>\nstream\n%b\nendstream" % (len(stream), stream),
    ]
    body, places = bytearray(b"%PDF-1.4\n"), []
    for number, one in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%b\nendobj\n" % (number, one)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start = len(body)
    body += b"xref\n0 5\n0000000000 65535 f \n%b" % table
    return bytes(body + b"trailer<</Size 5/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % start)
