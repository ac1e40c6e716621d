"""What choosing among safe options needs from outside."""

from collections.abc import Sequence
from typing import Protocol

from services.feedback.domain.choosing.sample import Logged
from services.feedback.domain.choosing.weights import Weights


class ChoiceLogs(Protocol):
    """What was chosen by chance, and what came of it. Raises TemporaryError."""

    async def logged(self, slot: str) -> Sequence[Logged]:
        """The choices of a slot in the window that is learned from, oldest day first and those of
        a day in an order that is always the same, such as by the response's id.

        A choice is delivered when the time that its customer had to react is over, and then whether
        they did or not: silence has a reward of its own, the same for every option, and is never
        left out. Else an option that makes people speak up less would be judged by other people
        than the rest. The day is that of the reply. A response with several choices is one in the
        logs of each of its slots. Contexts are few: an intent and a language, not a customer.
        """


class WeightsInForce(Protocol):
    """What was published last. Raises TemporaryError."""

    async def weights(self) -> Sequence[Weights]:
        """The weights of all slots and contexts; none before the first."""
