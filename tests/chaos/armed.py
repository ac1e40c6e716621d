"""Starts a worker that kills itself (SIGKILL) at a step of its delivery.

    python -m tests.chaos.armed classify after_store --times 3

dies at the third passage of that step, in the middle of whatever else it is doing. The worker is
the real one: its classes are wrapped in this process before it starts, and know nothing of it.
"""

import argparse
import functools
import importlib
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from deploy.system import WORKERS
from shared.delivery import Delivery
from shared.publisher import Publisher
from shared.rebalancing import Rebalancing
from tests.chaos import mongo

SWAPS = {
    "classify": ("services.classify.control", "Served", "_load"),
    "personalize": ("services.personalize.control", "Served", "_loads"),
    "generate": ("services.generate.control", "Control", "_load"),
}
"""Where a worker takes over a promoted model or knowledge, before it remembers that it did."""


class Fuse:
    """Kills this process at the n-th passage."""

    def __init__(self, times: int) -> None:
        self._left = times

    def burn(self) -> None:
        self._left -= 1
        if self._left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)


def before_store(fuse: Fuse, worker: str) -> None:
    """Before a wave's first write to the database."""
    open_waves: list[bool] = []

    def first_write() -> None:
        if open_waves and not open_waves[-1]:
            open_waves[-1] = True
            fuse.burn()

    mongo.watch_writes(first_write)

    def watched(handle: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        @functools.wraps(handle)
        async def one_wave(self: Delivery, todo: Sequence[Any]) -> Any:
            open_waves.append(False)
            try:
                return await handle(self, todo)
            finally:
                open_waves.pop()

        return one_wave

    _wrap(Delivery, "_handle", watched)


def after_store(fuse: Fuse, worker: str) -> None:
    """When the handler has returned: everything read and stored, nothing published."""
    _wrap(Delivery, "_handle", lambda step: _then(step, fuse))


def after_publish(fuse: Fuse, worker: str) -> None:
    """As soon as Kafka has one event, whatever of the batch is still on its way."""

    def watched(send: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        @functools.wraps(send)
        async def sent(*given: Any, **named: Any) -> Any:
            future = await send(*given, **named)
            future.add_done_callback(lambda _: fuse.burn())
            return future

        return sent

    _wrap(Publisher, "send_raw", watched)


def before_acknowledge(fuse: Fuse, worker: str) -> None:
    """When all of a batch is stored and published, and the offset is not committed."""
    _wrap(Delivery, "_acknowledge", lambda step: _first(step, fuse))


def while_rebalancing(fuse: Fuse, worker: str) -> None:
    """When partitions are to be handed over, once there was something to do: a worker that reads
    two topics rebalances with itself when it starts."""
    worked: list[bool] = []

    def noted(deliver: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        @functools.wraps(deliver)
        async def delivered(*given: Any) -> Any:
            worked.append(True)
            return await deliver(*given)

        return delivered

    def watched(revoked: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        @functools.wraps(revoked)
        async def letting_go(self: Rebalancing, partitions: Sequence[Any]) -> Any:
            if worked and partitions:
                fuse.burn()
            return await revoked(self, partitions)

        return letting_go

    _wrap(Delivery, "deliver", noted)
    _wrap(Rebalancing, "on_partitions_revoked", watched)


def while_swapping(fuse: Fuse, worker: str) -> None:
    """When a promoted model is loaded and served, and not remembered yet. A first load at start
    is no swap."""
    module, owner, method = SWAPS[worker]
    swapper: type[Any] = getattr(importlib.import_module(module), owner)
    swapping: list[bool] = []

    def told(apply: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        @functools.wraps(apply)
        async def applied(*given: Any) -> Any:
            swapping.append(True)
            try:
                return await apply(*given)
            finally:
                swapping.pop()

        return applied

    def watched(load: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        @functools.wraps(load)
        async def loaded(*given: Any) -> Any:
            result = await load(*given)
            if swapping:
                fuse.burn()
            return result

        return loaded

    _wrap(swapper, "apply", told)
    _wrap(swapper, method, watched)


STEPS: dict[str, Callable[[Fuse, str], None]] = {
    step.__name__: step
    for step in (
        before_store,
        after_store,
        after_publish,
        before_acknowledge,
        while_rebalancing,
        while_swapping,
    )
}


APPLIES: dict[str, tuple[str, ...]] = {
    # classify stores nothing, feedback publishes nothing for what it reads.
    "before_store": tuple(worker for worker in WORKERS if worker != "classify"),
    "after_store": WORKERS,
    "after_publish": tuple(worker for worker in WORKERS if worker != "feedback"),
    "before_acknowledge": WORKERS,
    "while_rebalancing": WORKERS,
    "while_swapping": tuple(SWAPS),
}
"""Which workers have such a step."""


def _wrap(owner: type[Any], name: str, around: Callable[[Any], Any]) -> None:
    setattr(owner, name, around(getattr(owner, name)))


def _first(step: Callable[..., Awaitable[Any]], fuse: Fuse) -> Callable[..., Awaitable[Any]]:
    @functools.wraps(step)
    async def armed(*given: Any, **named: Any) -> Any:
        fuse.burn()
        return await step(*given, **named)

    return armed


def _then(step: Callable[..., Awaitable[Any]], fuse: Fuse) -> Callable[..., Awaitable[Any]]:
    @functools.wraps(step)
    async def armed(*given: Any, **named: Any) -> Any:
        result = await step(*given, **named)
        fuse.burn()
        return result

    return armed


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.armed", description=__doc__)
    parser.add_argument("worker", choices=WORKERS)
    parser.add_argument("step", choices=STEPS)
    parser.add_argument("--times", type=int, default=1, help="passages until it dies")
    given = parser.parse_args()
    if given.worker not in APPLIES[given.step]:
        parser.error(f"{given.worker} has no such step")
    STEPS[given.step](Fuse(given.times), given.worker)
    run: Callable[[], int] = importlib.import_module(f"services.{given.worker}.main").main
    return run()


if __name__ == "__main__":
    sys.exit(main())
