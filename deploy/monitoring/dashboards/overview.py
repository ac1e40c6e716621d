"""Overview: is the promise kept, and where in the loop do messages wait?"""

from deploy.monitoring import limits
from deploy.monitoring.board import Board, Row
from deploy.monitoring.panels import Panel, Query, graph, stat, text
from deploy.monitoring.promql import quantile, rate
from deploy.system.system import WORKERS

END_TO_END = "careloop_end_to_end_seconds"
AFTER_LOOP = (
    "Replies leave through `responses` to the upstream. **feedback** closes the loop: its policy "
    "goes to generate, better models to classify; what customers did goes to personalize."
)


def _worker(worker: str) -> Panel:
    """A worker of the picture: what comes in, what waits, what goes wrong."""
    own = f'job="{worker}"'
    age = limits.FEEDBACK_SECONDS if worker == "feedback" else limits.BACKLOG_SECONDS
    queries = (
        Query(f"sum(rate(careloop_received_total{{{own}}}[1m]))", "in", unit="messages/s"),
        Query(f"sum(careloop_lag{{{own}}}) or vector(0)", "backlog", unit="count"),
        Query(
            f"max(careloop_oldest_unsettled_seconds{{{own}}})",
            "oldest",
            unit="seconds",
            warn=age / 2,
            bad=age,
        ),
        Query(
            f"sum(careloop:dead_letters:increase10m{{{own}}}) or vector(0)",
            "dead letters, 10 min",
            unit="count",
            warn=1,
            bad=limits.DEAD_LETTERS,
        ),
        Query(
            f"sum(rate(careloop_retried_total{{{own}}}[5m])) or vector(0)",
            "retries",
            unit="messages/s",
            warn=0.01,
            bad=1,
        ),
        Query(f"sum(careloop_ready{{{own}}}) or vector(0)", "processes ready", unit="count"),
    )
    return Panel(
        "stat",
        worker,
        f"What {worker} reads, what waits for it, how old the oldest of it is, what it could not "
        "take, and how many of its processes are ready.",
        "count",
        queries,
        width=4,
        height=11,
        links={f"All of {worker}": f"/d/careloop-{worker}"},
    )


def _picture() -> tuple[Panel, ...]:
    """Five workers in the order in which a ticket meets them, with arrows between."""
    shown: list[Panel] = []
    for worker in WORKERS:
        shown += [text("# →", width=1, height=11)] if shown else []
        shown.append(_worker(worker))
    return (*shown, text(AFTER_LOOP))


PROMISE = Row(
    f"The promise: {limits.ON_TIME:.0%} of messages get a reply or hand-over within "
    f"{limits.REPLY_SECONDS} s, and none is lost",
    (
        stat(
            "Late, now",
            "Share of the accepted messages of the last 5 minutes without a reply within 30 s.",
            "share",
            "careloop:late:ratio_rate5m",
            warn=limits.LATE_BUDGET,
            bad=6 * limits.LATE_BUDGET,
        ),
        stat(
            "Late, three days",
            "The same over three days: the promise allows 1 %.",
            "share",
            "careloop:late:ratio_rate3d",
            warn=limits.LATE_BUDGET / 2,
            bad=limits.LATE_BUDGET,
        ),
        stat(
            "Lost, 24 h",
            "Messages that Kafka deleted before a worker read them. Never more than 0.",
            "count",
            "sum(increase(careloop_lost_total[24h]))",
            bad=1,
        ),
        stat(
            "Tickets in",
            "Messages that ingest accepted and passed on.",
            "messages/s",
            "sum(careloop:accepted:rate5m)",
        ),
        stat(
            "Replies out",
            "Replies and hand-overs that generate published.",
            "messages/s",
            f"sum(rate({END_TO_END}_count[5m]))",
        ),
        stat(
            "Reply time, p95",
            "From the ticket's created_at to its reply published; an upstream that sends late "
            "or whose clock is wrong counts too.",
            "seconds",
            quantile(0.95, END_TO_END, window="5m"),
            warn=limits.REPLY_SECONDS / 2,
            bad=limits.REPLY_SECONDS,
        ),
    ),
)
OVER_TIME = Row(
    "Over time",
    (
        graph(
            "Age of the oldest message",
            "How long the oldest message has waited, by worker and topic. 0 when none waits.",
            "seconds",
            Query("careloop:oldest_unsettled_seconds:max", "{{job}} of {{topic}}"),
            bad=limits.BACKLOG_SECONDS,
        ),
        graph(
            "Backlog",
            "Messages not settled yet, by worker and topic.",
            "count",
            Query("careloop:lag:sum", "{{job}} of {{topic}}"),
        ),
        graph(
            "Late",
            "Share of accepted messages without a reply within 30 s, over short and long windows.",
            "share",
            *(Query(f"careloop:late:ratio_rate{w}", w) for w in ("5m", "1h", "6h", "3d")),
            warn=limits.LATE_BUDGET,
            top=1,
        ),
        graph(
            "Decisions",
            "Responses by what was decided.",
            "messages/s",
            Query(rate("careloop_decisions_total", "decision"), "{{decision}}"),
            stacked=True,
        ),
        graph(
            "Reply time",
            "From the ticket's created_at to its reply published.",
            "seconds",
            *(Query(quantile(q, END_TO_END), f"p{100 * q:g}") for q in (0.5, 0.95, 0.99)),
            bad=limits.REPLY_SECONDS,
        ),
        graph(
            "Dead letters",
            "Messages a worker could not take, within ten minutes, by worker and topic.",
            "count",
            Query("careloop:dead_letters:increase10m", "{{job}} of {{topic}}"),
            bad=limits.DEAD_LETTERS,
        ),
    ),
)
ALERTS = Row(
    "Alerts",
    (
        Panel(
            "table",
            "Firing",
            "Alerts that fire now. What each means and what to do stands in the runbook.",
            "text",
            (Query('ALERTS{alertname=~"Careloop.+", severity!="heartbeat", alertstate="firing"}'),),
            width=24,
            links={"Runbook": "/d/careloop-runbook"},
        ),
    ),
)

OVERVIEW = Board(
    "careloop-overview",
    "careloop / Overview",
    "The promise, the loop, and where messages wait.",
    (PROMISE, Row("The loop", _picture()), OVER_TIME, ALERTS),
)
