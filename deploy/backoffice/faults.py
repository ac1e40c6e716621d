"""What the demo back office may do wrong, on demand."""

import os
import signal
from dataclasses import dataclass, fields
from typing import Any


@dataclass
class Faults:
    """`slow_seconds`: every action takes that much longer. `down`: actions answer 503. `drop`: so
    many of the next actions are done, but the connection is closed before the answer. `die`: at the
    next action the process kills itself (SIGKILL) `before_commit` or `after_commit`.
    """

    slow_seconds: float = 0.0
    down: bool = False
    drop: int = 0
    die: str = ""

    @classmethod
    def parse(cls, told: Any) -> "Faults":
        """Of JSON; what is not named is off. Raises ValueError."""
        if not isinstance(told, dict):
            raise ValueError("the faults must be a JSON object")
        known = {field.name: field.default for field in fields(cls)}
        for name, value in told.items():
            if name not in known:
                raise ValueError(f"there is no fault {name!r}, only {', '.join(known)}")
            wanted = (int, float) if name == "slow_seconds" else type(known[name])
            if not isinstance(value, wanted) or (name != "down" and isinstance(value, bool)):
                raise ValueError(f"{name} must be like {known[name]!r}")
        faults = cls(**told)
        if faults.slow_seconds < 0 or faults.drop < 0:
            raise ValueError("no fault is negative")
        if faults.die not in ("", "before_commit", "after_commit"):
            raise ValueError("die must be before_commit or after_commit")
        return faults

    def dies(self, moment: str) -> None:
        if self.die == moment:
            os.kill(os.getpid(), signal.SIGKILL)

    def drops(self) -> bool:
        if self.drop <= 0:
            return False
        self.drop -= 1
        return True
