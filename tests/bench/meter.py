"""How fast a loop takes its messages, measured inside its own process."""

import json
import time
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Speed:
    """`messages` took `seconds` on the clock and `cpu_seconds` of this process's threads."""

    messages: int
    seconds: float
    cpu_seconds: float

    @property
    def per_second(self) -> float:
        return self.messages / self.seconds

    @property
    def per_cpu_second(self) -> float:
        return self.messages / self.cpu_seconds

    def line(self) -> str:
        return json.dumps(asdict(self))

    @staticmethod
    def of_line(line: str) -> "Speed":
        return Speed(**json.loads(line))


class Meter:
    """Measures from the first batch handled to the last: whole rounds of the loop, no start-up."""

    def __init__(self, expected: int) -> None:
        self._expected = expected
        self._first = 0
        self._count = 0
        self._started = (0.0, 0.0)

    def handled(self, messages: int) -> Speed | None:
        """Count a batch; the result once the last expected message is in."""
        now = (time.perf_counter(), time.process_time())
        if self._count == 0:
            self._started, self._first = now, messages
        self._count += messages
        if self._count < self._expected:
            return None
        seconds, cpu_seconds = (end - start for end, start in zip(now, self._started, strict=True))
        return Speed(self._count - self._first, seconds, cpu_seconds)
