"""A TCP connection that is slower than it was."""

import asyncio
import random
import threading
from types import TracebackType
from typing import Self

CHUNK = 64 * 1024


class SlowProxy:
    """Passes on to `port` what comes in at its own `port`, every piece after a delay drawn
    between `least` and `most` seconds. In a thread and loop of its own."""

    def __init__(self, port: int, least: float, most: float, seed: int) -> None:
        self._to = port
        self._delays = (least, most)
        self._drawn = random.Random(seed)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self.port = 0

    def __enter__(self) -> Self:
        self._thread.start()
        self.port = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    async def _listen(self) -> int:
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        port: int = server.sockets[0].getsockname()[1]
        self._server = server
        return port

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            beyond = await asyncio.open_connection("127.0.0.1", self._to)
        except OSError:
            writer.close()
            return
        await asyncio.gather(self._pass(reader, beyond[1]), self._pass(beyond[0], writer))

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while piece := await reader.read(CHUNK):
                await asyncio.sleep(self._drawn.uniform(*self._delays))
                writer.write(piece)
                await writer.drain()
        except OSError:
            return
        finally:
            writer.close()
