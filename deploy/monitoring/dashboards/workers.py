"""One dashboard for each worker: the same rows for all, and its own below them."""

from deploy.monitoring import limits
from deploy.monitoring.board import Board, Row
from deploy.monitoring.dashboards.own import OWN
from deploy.monitoring.panels import Query, graph, stat
from deploy.monitoring.promql import quantile, rate
from deploy.system.system import WORKERS


def _now(job: str) -> Row:
    return Row(
        "Now",
        (
            stat(
                "Ready",
                "Processes that have all they need: model, partitions, broker, database.",
                "count",
                f"sum(careloop_ready{{{job}}})",
            ),
            stat(
                "In",
                "Messages read from all its topics.",
                "messages/s",
                f"sum(rate(careloop_received_total{{{job}}}[1m]))",
            ),
            stat("Backlog", "Messages not settled yet.", "count", f"sum(careloop_lag{{{job}}})"),
            stat(
                "Oldest",
                "Age of the oldest message that is not settled.",
                "seconds",
                f"max(careloop_oldest_unsettled_seconds{{{job}}})",
                warn=limits.BACKLOG_SECONDS / 2,
                bad=limits.BACKLOG_SECONDS,
            ),
            stat(
                "Stalled",
                "Time since it settled or tried anything although messages wait.",
                "seconds",
                f"max(careloop_stalled_seconds{{{job}}})",
                bad=limits.STALLED_SECONDS,
            ),
            stat(
                "Lost, 24 h",
                "Messages that Kafka deleted before they were read.",
                "count",
                f"sum(increase(careloop_lost_total{{{job}}}[24h]))",
                bad=1,
            ),
        ),
    )


def _flow(job: str) -> Row:
    return Row(
        "Messages",
        (
            graph(
                "Read",
                "Messages read, by topic.",
                "messages/s",
                Query(rate(f"careloop_received_total{{{job}}}", "topic"), "{{topic}}"),
            ),
            graph(
                "Settled",
                "Messages settled, by how: done, dead_letter, or ignored (meant for others).",
                "messages/s",
                Query(rate(f"careloop_processed_total{{{job}}}", "result"), "{{result}}"),
                stacked=True,
            ),
            graph(
                "Published",
                "Events written, by topic.",
                "messages/s",
                Query(rate(f"careloop_published_total{{{job}}}", "topic"), "{{topic}}"),
            ),
            graph(
                "Backlog by partition",
                "Messages not settled yet. One that stays while others fall is blocked by one.",
                "count",
                Query(
                    f"sum by (topic, partition) (careloop_lag{{{job}}})", "{{topic}}/{{partition}}"
                ),
            ),
            graph(
                "Retries",
                "Messages tried again in place, by error.",
                "messages/s",
                Query(rate(f"careloop_retried_total{{{job}}}", "error"), "{{error}}"),
            ),
            graph(
                "Dead letters",
                "Messages it could not take, within ten minutes, by reason.",
                "count",
                Query(f"careloop:dead_letters_by_code:increase10m{{{job}}}", "{{topic}}: {{code}}"),
                bad=limits.DEAD_LETTERS,
            ),
        ),
    )


def _time(job: str) -> Row:
    handler, batch = (f"careloop_{what}_seconds{{{job}}}" for what in ("handler", "batch"))
    return Row(
        "Time",
        (
            graph(
                "Handler",
                "One call of the handler for a wave of messages, storing included.",
                "seconds",
                *(Query(quantile(q, handler), f"p{100 * q:g}") for q in (0.5, 0.95, 0.99)),
            ),
            graph(
                "Batch",
                "From a batch read to its offsets committed.",
                "seconds",
                *(Query(quantile(q, batch), f"p{100 * q:g}") for q in (0.5, 0.95, 0.99)),
            ),
            graph(
                "Batch size",
                "Messages in a batch: small at rest, up to BATCH_MAX_RECORDS (256) under load.",
                "count",
                *(
                    Query(quantile(q, f"careloop_batch_size{{{job}}}"), f"p{100 * q:g}")
                    for q in (0.5, 0.95)
                ),
            ),
            graph(
                "Database, p95",
                "Time of one command, by its name.",
                "seconds",
                Query(
                    quantile(0.95, f"careloop_database_seconds{{{job}}}", "command"), "{{command}}"
                ),
                bad=limits.DATABASE_SECONDS,
            ),
            graph(
                "Database commands",
                "Commands sent to the database, by name.",
                "operations/s",
                Query(rate(f"careloop_database_seconds_count{{{job}}}", "command"), "{{command}}"),
                stacked=True,
            ),
            graph(
                "Database errors",
                "Commands that failed, by name.",
                "operations/s",
                Query(rate(f"careloop_database_errors_total{{{job}}}", "command"), "{{command}}"),
            ),
        ),
    )


def _group(job: str) -> Row:
    return Row(
        "Partitions",
        (
            graph(
                "Assigned",
                "Partitions by process. Their sum is that of the topic, unless some are read by "
                "nobody.",
                "count",
                Query(f"careloop_assigned_partitions{{{job}}}", "{{instance}} of {{topic}}"),
                stacked=True,
            ),
            graph(
                "Rebalances and refused commits",
                "Assignments of partitions, and commits that came too late for one: those messages "
                "are delivered again.",
                "operations/s",
                Query(rate(f"careloop_rebalances_total{{{job}}}", "topic"), "rebalances {{topic}}"),
                Query(
                    rate(f"careloop_commit_refused_total{{{job}}}", "topic"), "refused {{topic}}"
                ),
            ),
            graph(
                "Pauses",
                "Partitions that wait for something outside to come back.",
                "operations/s",
                Query(rate(f"careloop_partition_pauses_total{{{job}}}", "topic"), "{{topic}}"),
            ),
            graph(
                "Spans",
                "Of traces, where OTEL_EXPORTER_OTLP_ENDPOINT names a collector: dropped ones "
                "found no room, failed ones no collector.",
                "operations/s",
                Query(rate(f"careloop_spans_total{{{job}}}", "result"), "{{result}}"),
            ),
        ),
    )


def _process(job: str) -> Row:
    return Row(
        "Processes",
        (
            graph(
                "Memory",
                "Resident memory of each process.",
                "bytes",
                Query(f"process_resident_memory_bytes{{{job}}}", "{{instance}}"),
            ),
            graph(
                "CPU",
                "Cores each process uses.",
                "cores",
                Query(rate(f"process_cpu_seconds_total{{{job}}}", "instance"), "{{instance}}"),
            ),
            graph(
                "Open files",
                "File descriptors of each process, connections included.",
                "count",
                Query(f"process_open_fds{{{job}}}", "{{instance}}"),
            ),
        ),
    )


def board(worker: str) -> Board:
    """The dashboard of one worker."""
    job = f'job="{worker}"'
    rows = (_now(job), *OWN[worker], _flow(job), _time(job), _group(job), _process(job))
    return Board(
        f"careloop-{worker}", f"careloop / {worker}", f"Everything of worker {worker}.", rows
    )


WORKER_BOARDS = tuple(board(worker) for worker in WORKERS)
