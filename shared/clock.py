"""What time it is: the machine's, or a simulation's."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The machine's time, in UTC."""
    return datetime.now(UTC)


def clock(file: Path | None) -> Clock:
    """The machine's time, or always what stands in the file, so that a simulation can let days
    pass in seconds and every process agrees on the date."""
    if file is None:
        return utc_now
    return lambda: datetime.fromisoformat(file.read_text("ascii"))


def set_clock(file: Path, moment: datetime) -> None:
    """Say what time it is; who reads it meanwhile finds the old moment or the new one."""
    beside = file.with_suffix(".new")
    beside.write_text(moment.astimezone(UTC).isoformat(), "ascii")
    beside.replace(file)
