"""What a worker tells on `/metrics`, read twice to see what went on between."""

import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reading:
    """Samples by their full names with labels, as a worker showed them at a moment."""

    samples: Mapping[str, float]

    @classmethod
    def of(cls, url: str) -> "Reading":
        """What the worker at `url` shows now."""
        with urllib.request.urlopen(f"{url}/metrics", timeout=10) as answer:
            return cls.parsed(answer.read().decode())

    @classmethod
    def parsed(cls, text: str) -> "Reading":
        """Of Prometheus' text format, without timestamps."""
        lines = [line for line in text.splitlines() if line and not line.startswith("#")]
        told = (line.rpartition(" ") for line in lines)
        return cls({name: float(value) for name, _, value in told})

    def since(self, before: "Reading") -> "Reading":
        """What was counted between two moments."""
        return Reading(
            {name: now - before.samples.get(name, 0.0) for name, now in self.samples.items()}
        )

    def total(self, metric: str, topic: str | None = None) -> float:
        """Of all samples of a metric, or of those of one topic."""
        wanted = "" if topic is None else f'topic="{topic}"'
        return sum(
            value
            for name, value in self.samples.items()
            if name.partition("{")[0] == metric and wanted in name
        )

    def batches(self, topic: str) -> tuple[float, float, float]:
        """Batches, messages in them, and the seconds they took."""
        return (
            self.total("careloop_batch_size_count", topic),
            self.total("careloop_batch_size_sum", topic),
            self.total("careloop_batch_seconds_sum", topic),
        )

    @property
    def commands(self) -> float:
        """Of the database."""
        return self.total("careloop_database_seconds_count")
