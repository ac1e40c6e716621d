"""Attachments over real HTTP: what is read, and what is refused for which reason."""

import asyncio
import gzip
import socket
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.test_utils import TestServer

from services.ingest.attachments import pdf
from services.ingest.attachments.addresses import AllowedHosts
from services.ingest.attachments.documents import Broken
from services.ingest.attachments.http import HttpAttachments, Limits
from services.ingest.ports import AttachmentText
from shared.events import Attachment

HERE = AllowedHosts(("127.0.0.1", "files.example"), plain_http=True, private=True)
LIMITS = Limits(max_bytes=50_000, seconds=5)
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"


def pdf_file(text: str) -> bytes:
    """A PDF of one page that says the text, in a font every reader has."""
    return pdf_of(f"({text})".encode(), b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>")


def chinese_pdf_file(text: str, encoding: str, *further: bytes) -> bytes:
    """As text processors write Chinese ones: a composite font, whose codes are two bytes each."""
    to_unicode = b"/ToUnicode 7 0 R" if further else b""
    return pdf_of(
        b"<%b>" % text.encode("utf-16-be").hex().encode(),
        b"<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/%b"
        b"/DescendantFonts[6 0 R]%b>>" % (encoding.encode(), to_unicode),
        b"<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light"
        b"/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 2>>>>",
        *further,
    )


def to_unicode_map() -> bytes:
    """That every code is the character of that number, as embedded fonts tell for their glyphs."""
    told = (
        b"/CIDInit /ProcSet findresource begin begincmap\n1 begincodespacerange <0000> <FFFF> "
        b"endcodespacerange\n1 beginbfrange <0000> <FFFF> <0000> endbfrange\nendcmap"
    )
    return b"<</Length %d>>stream\n%b\nendstream" % (len(told), told)


def pdf_of(shown: bytes, *fonts: bytes) -> bytes:
    """A PDF of one page that shows a string by the first of the font's objects."""
    stream = b"BT /F1 12 Tf 72 720 Td %b Tj ET" % shown
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R"
        b"/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%b\nendstream" % (len(stream), stream),
        *fonts,
    ]
    body, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj%bendobj\n" % (number, content)
    size = len(objects) + 1
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (size, len(body))
    return body + b"xref\n0 %d\n0000000000 65535 f \n" % size + table + end


FILES: dict[str, tuple[bytes, str]] = {
    "note.txt": ("Grüße aus 北京".encode(), "text/plain"),
    "note.gb.txt": ("订单还没到".encode("gb18030"), "text/plain"),
    "note.latin.txt": ("Grüße".encode("latin-1"), "text/plain; charset=latin-1"),
    "note.utf16.txt": ("订单".encode("utf-16"), "application/octet-stream"),
    "page.html": (b"<p>where is <b>it</b></p>", "text/html"),
    "letter.pdf": (pdf_file("order 20231105 is late"), "application/pdf"),
    "untold.pdf": (pdf_file("told by its bytes"), "application/octet-stream"),
    "named.pdf": (chinese_pdf_file("订单还没到", "UniGB-UCS2-H"), "application/pdf"),
    "mapped.pdf": (
        chinese_pdf_file("订单还没到", "Identity-H", to_unicode_map()),
        "application/pdf",
    ),
    "cut.pdf": (pdf_file("cut")[:60], "application/pdf"),
    "no.pdf": (b"%PDF-1.4\nnothing", "application/pdf"),
    "picture": (PNG, "application/octet-stream"),
    "program.zip": (b"PK\3\4", "application/zip"),
    "large.txt": (b"x" * 50_001, "text/plain"),
}


@pytest.fixture
async def server() -> AsyncIterator[TestServer]:
    async def file(request: web.Request) -> web.Response:
        content, media_type = FILES[request.match_info["name"]]
        return web.Response(body=content, headers={"Content-Type": media_type})

    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/plain"})
        await response.prepare(request)
        while True:
            await response.write(b"x" * 10_000)

    async def slow(_: web.Request) -> web.Response:
        await asyncio.sleep(60)
        return web.Response(text="too late")

    async def packed(_: web.Request) -> web.Response:
        headers = {"Content-Encoding": "gzip", "Content-Type": "text/plain"}
        return web.Response(body=gzip.compress(b"\0" * 10_000_000), headers=headers)

    async def elsewhere(request: web.Request) -> web.Response:
        raise web.HTTPFound(request.query["to"])

    app = web.Application()
    app.add_routes(
        [
            web.get("/files/{name}", file),
            web.get("/endless", endless),
            web.get("/slow", slow),
            web.get("/packed", packed),
            web.get("/elsewhere", elsewhere),
        ]
    )
    server = TestServer(app)
    await server.start_server()
    yield server
    await server.close()


async def reading(
    server: TestServer,
    path: str,
    media_type: str = "application/octet-stream",
    *,
    hosts: AllowedHosts = HERE,
    limits: Limits = LIMITS,
) -> AttachmentText:
    url = path if "://" in path else str(server.make_url(path))
    attachments = HttpAttachments(hosts, limits)
    try:
        (result,) = await attachments.read([Attachment(url=url, media_type=media_type)])
    finally:
        await attachments.close()
    return result


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("note.txt", "Grüße aus 北京"),
        ("note.gb.txt", "订单还没到"),
        ("note.latin.txt", "Grüße"),
        ("note.utf16.txt", "订单"),
        ("page.html", "<p>where is <b>it</b></p>"),
        ("letter.pdf", "order 20231105 is late"),
        ("untold.pdf", "told by its bytes"),
        ("named.pdf", "订单还没到"),
        ("mapped.pdf", "订单还没到"),
    ],
)
async def test_text_html_and_pdf_are_read(server: TestServer, name: str, text: str) -> None:
    result = await reading(server, f"/files/{name}")
    assert (result.status, (result.text or "").strip()) == ("read", text)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/files/picture", "type_not_read"),
        ("/files/program.zip", "type_not_read"),
        ("/files/large.txt", "too_large"),
        ("/endless", "too_large"),
        ("/packed", "broken"),
        ("/files/cut.pdf", "broken"),
        ("/files/no.pdf", "broken"),
        ("/nowhere", "unreachable"),
        ("http://127.0.0.1:1/closed", "unreachable"),
        ("http://files.example.invalid/", "host_not_allowed"),
        ("http://127.0.0.2/", "host_not_allowed"),
        ("ftp://127.0.0.1/file", "host_not_allowed"),
        ("http://user:secret@127.0.0.1/file", "host_not_allowed"),
        ("http://[::1", "broken"),
        ("/elsewhere?to=/files/note.txt", "read"),
        ("/elsewhere?to=http://metadata.example/", "host_not_allowed"),
        ("/elsewhere?to=file:///etc/passwd", "host_not_allowed"),
        ("/elsewhere?to=/elsewhere?to=/elsewhere?to=/elsewhere?to=/files/note.txt", "unreachable"),
    ],
)
async def test_what_becomes_of_others(server: TestServer, path: str, status: str) -> None:
    result = await reading(server, path)
    assert result.status == status
    assert (result.text is None) == (status != "read")


async def test_a_picture_is_not_even_asked_for(server: TestServer) -> None:
    result = await reading(server, "http://127.0.0.1:1/x", "image/png")
    assert result.status == "type_not_read"


async def test_a_slow_host_costs_no_more_than_its_time(server: TestServer) -> None:
    result = await reading(server, "/slow", limits=Limits(seconds=0.2))
    assert result.status == "unreachable"


async def test_no_host_is_allowed_unless_set(server: TestServer) -> None:
    result = await reading(server, "/files/note.txt", hosts=AllowedHosts())
    assert result.status == "host_not_allowed"


@pytest.mark.parametrize("host", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "[::1]", "0.0.0.0"])
async def test_private_networks_are_refused_even_by_name(server: TestServer, host: str) -> None:
    names = (host.strip("[]"), "inside.example")
    hosts = AllowedHosts(names, plain_http=True)
    assert (await reading(server, f"http://{host}/", hosts=hosts)).status == "host_not_allowed"

    class Inside(AbstractResolver):
        async def resolve(
            self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
        ) -> list[ResolveResult]:
            return [
                ResolveResult(
                    hostname=host, host=names[0], port=port, family=family, proto=0, flags=0
                )
            ]

        async def close(self) -> None:
            pass

    attachments = HttpAttachments(hosts, LIMITS, Inside())
    (result,) = await attachments.read([Attachment(url="http://inside.example/x")])
    await attachments.close()
    assert result.status == "host_not_allowed"


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("8.8.8.8", True),
        ("::ffff:127.0.0.1", False),
        ("::ffff:8.8.8.8", True),
        ("fe80::1%eth0", False),
        ("224.0.0.1", False),
        ("100.64.0.1", False),
    ],
)
def test_networks(address: str, allowed: bool) -> None:
    assert AllowedHosts(("x.example",)).allow_network(address) == allowed


def test_wildcards_mean_what_is_below_a_domain() -> None:
    from yarl import URL  # noqa: PLC0415

    hosts = AllowedHosts(("*.desk.example",))
    assert hosts.allow(URL("https://files.desk.example/x"))
    assert not hosts.allow(URL("https://desk.example/x"))
    assert not hosts.allow(URL("https://evildesk.example/x"))
    assert not hosts.allow(URL("http://files.desk.example/x"))


async def test_a_parser_that_takes_too_long_is_ended() -> None:
    with pytest.raises(Broken):
        await pdf.text_of(pdf_file("never"), 0.01)


async def test_many_are_read_in_their_order(server: TestServer) -> None:
    attachments = HttpAttachments(HERE, Limits(seconds=5, at_once=2))
    urls = [str(server.make_url(f"/files/{name}")) for name in ("note.txt", "picture") * 6]
    results = await attachments.read([Attachment(url=url) for url in urls])
    await attachments.close()
    assert [result.status for result in results] == ["read", "type_not_read"] * 6
