"""What workers need from outside: database, Kafka's group, back office, language model."""

from deploy.monitoring import limits
from deploy.monitoring.promql import new_in, rate
from deploy.monitoring.rule import Alert, Group

ERRORS = rate("careloop_database_errors_total", "job", "5m")
DONE = rate("careloop_database_seconds_count", "job", "5m")
"""The time of a command is counted if it succeeds."""
REBALANCES = "sum by (job, topic) (increase(careloop_rebalances_total[15m]))"
PROCESSES = "count by (job, topic) (careloop_assigned_partitions)"

SURROUNDINGS = Group(
    "careloop-surroundings",
    (
        Alert(
            "CareloopDatabaseFailing",
            "ticket",
            f"{ERRORS} / ({ERRORS} + {DONE}) > {limits.DATABASE_ERRORS}",
            "2m",
            "The database fails",
            "{{ $value | humanizePercentage }} of the database commands of {{ $labels.job }} fail.",
        ),
        Alert(
            "CareloopDatabaseSlow",
            "ticket",
            f"careloop:database_seconds:p95_5m > {limits.DATABASE_SECONDS}",
            "10m",
            "The database is slow",
            "One in twenty database commands of {{ $labels.job }} takes "
            "{{ $value | humanizeDuration }} or longer.",
        ),
        Alert(
            "CareloopRebalancing",
            "ticket",
            f"{REBALANCES} > 6 * {PROCESSES}",
            "5m",
            "Partitions keep changing hands",
            "{{ $labels.job }} was assigned partitions of topic {{ $labels.topic }} "
            "{{ $value | humanize }} times within 15 minutes.",
        ),
        Alert(
            "CareloopCommitsRefused",
            "ticket",
            f"{new_in('careloop_commit_refused_total', '15m', 'job, topic')} > 5",
            "0s",
            "Work is done twice: commits come too late",
            "{{ $value | humanize }} commits of {{ $labels.job }} on topic {{ $labels.topic }} "
            "were refused within 15 minutes; those messages are delivered again.",
        ),
        Alert(
            "CareloopBackOfficeAway",
            "page",
            'max by (job) (careloop_back_office_circuit{state="closed"}) == 0',
            "3m",
            "Nothing can be done in the company's systems",
            "The circuit breaker before the back office has not closed for minutes: what customers "
            "want done goes to people.",
        ),
        Alert(
            "CareloopLanguageModelAway",
            "ticket",
            'max by (job) (careloop_llm_circuit{state="closed"}) == 0',
            "5m",
            "The language model does not answer",
            "The circuit breaker before the language model has not closed for minutes: the "
            "composer writes all replies.",
        ),
    ),
)
