"""PDF to text, each file in a process of its own.

A hostile file can keep a parser busy for hours or take all memory; the process is bounded in both
and ended when its time is over. Its memory goes with it.
"""

import asyncio
import contextlib
import io
import logging
import resource
import sys

from services.ingest.attachments.documents import Broken

MOST_PAGES = 50
MOST_CHARACTERS = 100_000
_MEMORY = 1024**3
"""Bytes of address space."""


async def text_of(content: bytes, seconds: float) -> str:
    """What the first pages say. Raises Broken when nothing can be read in so many seconds."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "services.ingest.attachments.pdf", str(int(seconds) + 1)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(seconds):
            text, _ = await process.communicate(content)
    except TimeoutError:
        raise Broken from None
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
    if process.returncode != 0:
        raise Broken
    return text.decode()


def main() -> int:
    seconds = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    # Here, so that the worker itself does not hold the parser in memory.
    from pypdf import PdfReader  # noqa: PLC0415

    logging.disable()
    reader = PdfReader(io.BytesIO(sys.stdin.buffer.read()))
    size = 0
    for page in reader.pages[:MOST_PAGES]:
        text = page.extract_text()
        sys.stdout.buffer.write(f"{text[: MOST_CHARACTERS - size]}\n\n".encode(errors="replace"))
        size += len(text)
        if size >= MOST_CHARACTERS:
            break
    return 0


if __name__ == "__main__":
    sys.exit(main())
