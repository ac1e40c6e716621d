"""A language model in this process: one brief at a time, in a thread of its own."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from services.generate.llm import answer, prompt, weights
from services.generate.llm.answer import Completion
from services.generate.llm.brief import Brief, Written
from shared.errors import FatalError

if TYPE_CHECKING:
    from services.generate.llm.causal import CausalModel


PREFIX = '{"body": "'
"""How every answer begins: small models that no server holds to a form keep to one begun for them,
and repeat the question otherwise."""


@dataclass(frozen=True, slots=True)
class LocalOptions:
    """`folder` of the model, or None for the small one that an installed package brings; `seconds`
    and `max_tokens` for one answer."""

    folder: Path | None = None
    threads: int = 1
    seconds: float = 60.0
    max_tokens: int = 256


class LocalWriter:
    """Serves a causal model by transformers. Nothing is imported or loaded before it is needed."""

    def __init__(self, options: LocalOptions) -> None:
        self._options = options
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="llm")
        self._model: CausalModel | None = None
        self._closing = threading.Event()

    async def prepare(self) -> None:
        """Load the model. Raises FatalError when there is none that can be served."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._loaded)

    async def write(self, brief: Brief) -> Written:
        """The body of one reply. Raises WriterFailed, or FatalError as `prepare` does."""
        stopped = threading.Event()
        work = asyncio.get_running_loop().run_in_executor(
            self._thread, self._complete, brief, stopped
        )
        try:
            completion = await work
        finally:
            # Whoever waited has gone: the thread is free after the token it is at.
            stopped.set()
        return answer.written(brief, completion, lenient=True)

    async def close(self) -> None:
        """Stop after the token it is at."""
        self._closing.set()
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _complete(self, brief: Brief, stopped: threading.Event) -> Completion:
        return self._loaded().complete(
            prompt.messages(brief),
            PREFIX,
            max_tokens=self._options.max_tokens,
            seconds=self._options.seconds,
            stopped=lambda: stopped.is_set() or self._closing.is_set(),
        )

    def _loaded(self) -> "CausalModel":
        if self._model is None:
            found = weights.find(self._options.folder)
            try:
                # A generate without a local model has neither torch nor transformers.
                from services.generate.llm.causal import CausalModel  # noqa: PLC0415
            except ImportError as error:
                raise FatalError(
                    "a local language model needs pip install 'careloop[llm-local]'"
                ) from error
            self._model = CausalModel(found, self._options.threads)
        return self._model
