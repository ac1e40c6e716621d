"""SIGTERM ends a command as Ctrl-C does: what it started is drained and stopped."""

import signal
import sys


def orderly_on_sigterm() -> None:
    """From now on, in the main thread."""
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
