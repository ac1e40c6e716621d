"""Starts a worker as a bad deploy would: its handler fails on every event, for no fault of theirs.

python -m tests.chaos.broken classify
"""

import importlib
import sys
from collections.abc import Sequence
from typing import Any

from shared.worker import Worker


class BadDeploy(Exception):
    """What the handler raises."""


def main() -> int:
    name = sys.argv[1]
    subscribe = Worker.subscribe

    async def fails(events: Sequence[Any]) -> Any:
        raise BadDeploy

    def subscribed(self: Worker, topic: Any, handler: Any, *given: Any, **named: Any) -> None:
        subscribe(self, topic, fails, *given, **named)

    Worker.subscribe = subscribed  # type: ignore[method-assign]
    code: int = importlib.import_module(f"services.{name}.main").main()
    return code


if __name__ == "__main__":
    sys.exit(main())
