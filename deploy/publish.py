"""Send a file of tickets to Kafka: `python -m deploy.publish FILE [--kafka ..] [--topic ..]`.

One JSON document a line: bare tickets, or CloudEvents in structured mode; `-` reads standard
input. Lines go as they are, malformed ones too, for the worker behind the topic judges them. A line
that names its ticket_id has it for its key, so the messages of a ticket keep their order.
"""

import argparse
import json
import logging
import math
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from kafka import KafkaProducer
from kafka.errors import KafkaError, MessageSizeTooLargeError
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from shared.topics import INGEST, TOPICS

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
STRUCTURED = [("content-type", b"application/cloudevents+json; charset=UTF-8")]
MOST_UNDER_WAY = 32 * 1024 * 1024
"""Bytes handed over and not yet acknowledged; bounds memory."""


@dataclass(frozen=True, slots=True)
class Message:
    """A line as it is sent. `well_formed` says that it looks like a ticket or an event."""

    number: int
    key: bytes | None
    value: bytes
    structured: bool
    well_formed: bool


@dataclass
class Report:
    """What came of it. `refused` holds line numbers with the reason; `seconds` is wall time."""

    sent: int = 0
    malformed: int = 0
    refused: list[tuple[int, str]] = None  # type: ignore[assignment]
    seconds: float = 0.0


class PublishError(Exception):
    """Publishing cannot go on; the message says why and what to do."""
