"""Of a group's processes one does what needs doing once."""

import asyncio
from typing import NoReturn

import pytest

from shared.leading import while_leading


class Process:
    """One that may come to lead, and whose work says when it began and ended."""

    def __init__(self) -> None:
        self.leads = False
        self.heard: list[str] = []
        self.breaks = asyncio.Event()

    async def work(self) -> NoReturn:
        self.heard.append("begins")
        try:
            await self.breaks.wait()
            raise RuntimeError("broken")
        finally:
            self.heard.append("ends")

    def let_go(self) -> None:
        self.heard.append("lets go")

    def run(self) -> "asyncio.Task[NoReturn]":
        return asyncio.create_task(
            while_leading(lambda: self.leads, self.work, self.let_go, look_seconds=0.001)
        )

    async def hears(self, *expected: str) -> None:
        async with asyncio.timeout(5):
            while self.heard != list(expected):  # noqa: ASYNC110
                await asyncio.sleep(0.001)


async def test_who_does_not_lead_does_nothing_and_who_does_works_until_it_no_longer_does() -> None:
    process = Process()
    running = process.run()
    await asyncio.sleep(0.02)
    assert process.heard == []
    process.leads = True
    await process.hears("begins")
    await asyncio.sleep(0.02)
    assert process.heard == ["begins"]
    process.leads = False
    await process.hears("begins", "ends", "lets go")
    process.leads = True
    await process.hears("begins", "ends", "lets go", "begins")
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert process.heard[-2:] == ["ends", "lets go"]


async def test_an_error_of_the_work_is_raised() -> None:
    process = Process()
    process.leads = True
    running = process.run()
    await process.hears("begins")
    process.breaks.set()
    with pytest.raises(RuntimeError, match="broken"):
        await running
    assert process.heard == ["begins", "ends", "lets go"]
