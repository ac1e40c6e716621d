"""Figures that panels and alerts share, and the share of late messages over every window."""

from deploy.monitoring import limits
from deploy.monitoring.promql import new_in, quantile
from deploy.monitoring.rule import Group, Record

ACCEPTED = 'careloop_published_total{job="ingest", topic="classify"}'
"""What ingest passed on: exactly these messages are owed a reply."""
WITHIN = f'careloop_end_to_end_seconds_bucket{{le="{limits.REPLY_SECONDS}.0"}}'
SHORT, LONG = ("5m", "30m", "1h"), ("2h", "6h", "1d", "3d")
"""The windows of the SRE Workbook's alerts: see `slo.py`."""


def _late(window: str) -> str:
    """Share of accepted messages without a reply in time.

    Held against what was accepted, not against what was replied to: where nothing is replied to at
    all, everything is late.
    """
    within = f"(sum(rate({WITHIN}[{window}])) or vector(0))"
    accepted = f"(careloop:accepted:rate{window} > 0)"
    return f"clamp_min(1 - {within} / {accepted}, 0)"


def _of(window: str) -> tuple[Record, Record]:
    return (
        Record(f"careloop:accepted:rate{window}", f"sum(rate({ACCEPTED}[{window}]))"),
        Record(f"careloop:late:ratio_rate{window}", _late(window)),
    )


def _largest(metric: str) -> str:
    return f"max by (job, topic) ({metric})"


LETTERS = "careloop_dead_letters_total"
RECORDED = (
    Group("careloop-late", tuple(record for window in SHORT for record in _of(window))),
    Group("careloop-late-long", tuple(r for window in LONG for r in _of(window)), interval="1m"),
    Group(
        "careloop-loop",
        (
            Record("careloop:lag:sum", "sum by (job, topic) (careloop_lag)"),
            Record(
                "careloop:oldest_unsettled_seconds:max",
                _largest("careloop_oldest_unsettled_seconds"),
            ),
            Record("careloop:stalled_seconds:max", _largest("careloop_stalled_seconds")),
            Record(
                "careloop:dead_letters_by_code:increase10m",
                new_in(LETTERS, "10m", "job, topic, code"),
            ),
            Record(
                "careloop:dead_letters:increase10m",
                "sum by (job, topic) (careloop:dead_letters_by_code:increase10m)",
            ),
            Record(
                "careloop:database_seconds:p95_5m",
                quantile(0.95, "careloop_database_seconds", "job", "5m"),
            ),
        ),
    ),
)
