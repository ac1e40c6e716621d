"""Several fits at a time; what they give does not depend on how many."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

Given = TypeVar("Given")
Made = TypeVar("Made")


def mapped(work: Callable[[Given], Made], given: Iterable[Given], threads: int) -> list[Made]:
    """What `work` makes of each, in order. Each fit computes in one thread: matrices this small
    gain nothing by more, and several round differently."""
    with threadpool_limits(1), ThreadPoolExecutor(threads, "fit") as pool:
        return list(pool.map(work, given))
