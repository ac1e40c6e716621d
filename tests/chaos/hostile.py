"""Messages by somebody who means harm, drawn by a seed. No two have the same ticket."""

import random
import string
from collections.abc import Callable, Sequence
from typing import Any

import orjson

from tests.e2e.wire import Message

MEBIBYTE = 1024 * 1024
CE_TYPE = "careloop.ticket.received.v1"
FIELDS = (
    "ticket_id", "message_id", "source", "channel", "subject", "body", "customer", "language",
    "created_at", "attachments", "metadata", "consent", "preferences", "attributes",
)  # fmt: skip
JUNK: Sequence[Any] = (
    None, True, 0, -1, 2**63, -(2**63), 1.5e308, "", " ", "\x00", [], {}, [[]], [None], ["a"] * 50,
    {"$gt": ""}, {"$where": "sleep(9999)"}, {"a.b": {"$set": 1}}, {"__proto__": {"x": 1}},
    "x" * 5_000, "\u202e\u2066gnp.exe", "'; DROP TABLE tickets; --", "{{7*7}}", "${jndi:ldap://x}",
    "../../etc/passwd", "\U0001f600" * 9,
)  # fmt: skip
TIMES = (
    "-0001-01-01T00:00:00Z", "0000-00-00T00:00:00Z", "1969-12-31T23:59:59Z", "9999-12-31T23:59:59Z",
    "10000-01-01T00:00:00Z", "2026-02-30T10:00:00Z", "2026-11-23T25:61:61Z", "2026-11-23", "now",
    "2026-11-23T10:00:00+99:99", -1, -(10**18), 10**18, 1e300, 0, "", "١٩٧٠-٠١-٠١T٠٠:٠٠:٠٠Z",
)  # fmt: skip
NUMBERS = ("1e999", "-1e999", "NaN", "Infinity", "-0", "1" * 5_000, "0.1e-400", "0x1F", "1_000")
ZALGO = "".join(map(chr, range(0x0300, 0x0350)))
Kind = Callable[[random.Random, str], Message]


def ticket(name: str, **fields: Any) -> dict[str, Any]:
    return {"ticket_id": name, "body": f"Where is my parcel, {name}?", **fields}


def plain(name: str, **fields: Any) -> Message:
    return Message(orjson.dumps(ticket(name, **fields)), name.encode())


def cut_off(drawn: random.Random, name: str) -> Message:
    whole = orjson.dumps(ticket(name, customer={"customer_id": name}))
    return Message(whole[: drawn.randrange(len(whole))], name.encode())


def flipped(drawn: random.Random, name: str) -> Message:
    content = bytearray(orjson.dumps(ticket(name, subject="hello", metadata={"a": "b"})))
    for _ in range(drawn.randint(1, 12)):
        content[drawn.randrange(len(content))] = drawn.randrange(256)
    return Message(bytes(content), name.encode())


def noise(drawn: random.Random, name: str) -> Message:
    return Message(drawn.randbytes(drawn.randint(1, 4_096)), drawn.randbytes(8))


def deep(drawn: random.Random, name: str) -> Message:
    depth = drawn.choice((100, 1_000, 10_000, 100_000))
    start, end = drawn.choice((("[", "]"), ('{"a":', "}")))
    nested = start * depth + "1" + end * depth
    whole = drawn.choice((nested, '{"ticket_id":"%s","body":"b","metadata":%s}' % (name, nested)))  # noqa: UP031
    return Message(whole.encode(), name.encode())


def wrong_types(drawn: random.Random, name: str) -> Message:
    chosen = drawn.sample(FIELDS, drawn.randint(1, 5))
    junk = {field: drawn.choice(JUNK) for field in chosen}
    return plain(name, **{k: v for k, v in junk.items() if k not in ("ticket_id", "body")})


def wrong_ticket(drawn: random.Random, name: str) -> Message:
    field = drawn.choice(("ticket_id", "body"))
    return Message(orjson.dumps({**ticket(name), field: drawn.choice(JUNK)}), name.encode())


def control_text(drawn: random.Random, name: str) -> Message:
    characters = [*map(chr, range(32)), "\u202e", "\u2066", "\u200b", "\ufeff", "\U000e0041", ZALGO]
    body = "".join(f"{drawn.choice(characters)}refund" for _ in range(drawn.randint(1, 400)))
    return plain(name, body=body, subject=body[:200], metadata={body[:40]: body[:40]})


def surrogates(drawn: random.Random, name: str) -> Message:
    field = drawn.choice(("subject", "body", "source", "channel"))
    lone = drawn.choice(("\\ud83d", "\\udc00\\ud800", "\\udfff" * 50))
    fields = {"ticket_id": name, "body": "help", field: "LONE me"}
    return Message(orjson.dumps(fields).replace(b"LONE", lone.encode()), name.encode())


def times(drawn: random.Random, name: str) -> Message:
    return plain(name, created_at=drawn.choice(TIMES))


def numbers(drawn: random.Random, name: str) -> Message:
    field = drawn.choice(("created_at", "metadata", "attributes", "body"))
    value = drawn.choice(NUMBERS)
    value = value if field in ("created_at", "body") else '{"n": %s}' % value  # noqa: UP031
    return Message(f'{{"ticket_id":"{name}","body":"b","{field}":{value}}}'.encode(), name.encode())


def twice_the_key(drawn: random.Random, name: str) -> Message:
    pairs = [f'"ticket_id":"{name}"', '"body":"one"', '"body":"two"', '"ticket_id":7']
    drawn.shuffle(pairs)
    return Message(("{" + ",".join(pairs) + "}").encode(), name.encode())


def not_utf8(drawn: random.Random, name: str) -> Message:
    bad = drawn.choice((b"\xff\xfe", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf5\x80\x80\x80"))
    value = b'{"ticket_id":"%s","body":"my %s"}' % (name.encode(), bad)
    return Message(value, drawn.choice((bad, None)), (("ce_id", bad), ("x" + "y" * 99, bad * 99)))


def nothing(drawn: random.Random, name: str) -> Message:
    return Message(
        drawn.choice((None, b"", b" ", b"null", b"\x00", b"\xef\xbb\xbf")), name.encode()
    )


def envelope(drawn: random.Random, name: str) -> Message:
    kinds = (
        CE_TYPE,
        "careloop.ticket.received.v999",
        "careloop.policy.updated.v1",
        "",
        "\x00",
        "x",
    )
    ours = {
        "ce_type": drawn.choice(kinds),
        "ce_id": drawn.choice((name, "", "x" * 9_000, "\u202e")),
        "ce_specversion": drawn.choice(("1.0", "0.3", "", "NaN")),
        "ce_time": str(drawn.choice(TIMES)),
        "ce_source": drawn.choice(("desk", "", "javascript:alert(1)", "//" * 500)),
        "content-type": drawn.choice(
            ("application/json", "text/xml", "application/cloudevents+json")
        ),
        "traceparent": drawn.choice(("00-0-0-00", "ff" * 400, "", f"00-{'0' * 32}-{'0' * 16}-01")),
    }
    chosen = drawn.sample(list(ours.items()), drawn.randint(1, len(ours)))
    headers = tuple((key, value.encode()) for key, value in chosen)
    return Message(orjson.dumps(ticket(name)), name.encode(), headers)


def structured(drawn: random.Random, name: str) -> Message:
    told = {
        "specversion": "1.0",
        "type": CE_TYPE,
        "id": name,
        "source": "desk",
        "data": ticket(name),
    }
    told[drawn.choice(list(told))] = drawn.choice(JUNK)
    return Message(orjson.dumps(told), name.encode())


def many_attachments(drawn: random.Random, name: str) -> Message:
    one = {"url": "https://nowhere.invalid/a.pdf", "media_type": "application/pdf"}
    return plain(name, attachments=[one] * drawn.choice((50, 1_000, 5_000)))


def stuffed(drawn: random.Random, name: str) -> Message:
    words = ("".join(drawn.choices(string.printable, k=30)) for _ in range(2_000))
    return plain(name, metadata={word: word for word in words}, subject="s" * 50_000)


def large(drawn: random.Random, name: str) -> Message:
    return plain(name, body=drawn.choice("x\n\u4e00") * (drawn.choice((1, 3)) * MEBIBYTE))


KINDS: tuple[Kind, ...] = (
    cut_off, flipped, noise, deep, wrong_types, wrong_ticket, control_text, surrogates, times,
    numbers, twice_the_key, not_utf8, nothing, envelope, structured, many_attachments, stuffed,
)  # fmt: skip
LARGE_EVERY = 100


def payloads(count: int, seed: int, files: Sequence[str] = ()) -> list[Message]:
    """As many; now and then a very large one. `files` are addresses of attachments that hurt."""
    drawn = random.Random(seed)
    kinds: list[Kind] = [*KINDS]
    if files:
        kinds.append(lambda drawn, name: plain(name, attachments=[{"url": drawn.choice(files)}]))
    made = []
    for number in range(count):
        name = f"hostile-{number}"
        if number % LARGE_EVERY == LARGE_EVERY - 1:
            made.append(plain(name, body="y" * 10_000_000))
        elif number % LARGE_EVERY == LARGE_EVERY // 2:
            made.append(large(drawn, name))
        else:
            made.append(drawn.choice(kinds)(drawn, name))
    return made
