"""Workers that are away, not ready, stuck, or behind."""

from deploy.monitoring import limits
from deploy.monitoring.rule import Alert, Group
from deploy.system.system import WORKERS

JOBS = f'job=~"{"|".join(WORKERS)}"'
OLDEST = "careloop:oldest_unsettled_seconds:max"
ASSIGNED = "sum by (job, topic) (careloop_assigned_partitions"


def _absent() -> str:
    """One series for each worker of which no process answers, whether or not it is known."""
    return "\nor\n".join(
        f'label_replace(absent(up{{job="{worker}"}} == 1), "job", "{worker}", "", "")'
        for worker in WORKERS
    )


def _unread() -> str:
    own = [f'{ASSIGNED}{{topic="{name}"}}) < {limits.partitions(name)}' for name in WORKERS]
    return "\nor\n".join(own)


def _half_expired() -> str:
    ages = [f'{OLDEST}{{topic="{name}"}} > {limits.half_retention(name)}' for name in WORKERS]
    return "\nor\n".join(ages)


WORKER_RULES = Group(
    "careloop-workers",
    (
        Alert(
            "CareloopWorkerDown",
            "page",
            _absent(),
            "1m",
            "No process of a worker answers",
            "No process of {{ $labels.job }} answers its /metrics: its topic is not read.",
        ),
        Alert(
            "CareloopProcessDown",
            "ticket",
            f"up{{{JOBS}}} == 0",
            "5m",
            "A process of a worker does not answer",
            "{{ $labels.instance }} of {{ $labels.job }} does not answer its /metrics.",
        ),
        Alert(
            "CareloopWorkerNotReady",
            "page",
            "max by (job) (careloop_ready) == 0",
            "3m",
            "No process of a worker is ready to work",
            "Processes of {{ $labels.job }} run, but none is ready: they lack something.",
        ),
        Alert(
            "CareloopPartitionsUnread",
            "page",
            _unread(),
            "5m",
            "Some partitions are read by nobody",
            "{{ $labels.job }} reads only {{ $value }} partitions of topic {{ $labels.topic }}.",
        ),
        Alert(
            "CareloopWorkerStuck",
            "page",
            f"careloop:stalled_seconds:max > {limits.STALLED_SECONDS}",
            "1m",
            "A worker makes no progress although messages wait",
            "{{ $labels.job }} has settled or tried nothing of topic {{ $labels.topic }} for "
            "{{ $value | humanizeDuration }}.",
        ),
        Alert(
            "CareloopBacklogOld",
            "page",
            f'{OLDEST}{{topic!="feedback"}} > {limits.BACKLOG_SECONDS}\n'
            f'or\n{OLDEST}{{job="generate"}} > {limits.BACKLOG_SECONDS}',
            "2m",
            "Customers wait in a backlog",
            "The oldest message of topic {{ $labels.topic }} has waited for {{ $labels.job }} for "
            "{{ $value | humanizeDuration }}.",
        ),
        Alert(
            "CareloopFeedbackBehind",
            "ticket",
            f'{OLDEST}{{topic="feedback", job!="generate"}} > {limits.FEEDBACK_SECONDS}',
            "10m",
            "What customers and agents say is learned late",
            "The oldest message of topic feedback has waited for {{ $labels.job }} for "
            "{{ $value | humanizeDuration }}.",
        ),
        Alert(
            "CareloopLossNear",
            "page",
            _half_expired(),
            "5m",
            "Unread messages have had half of their time before Kafka deletes them",
            "The oldest message of topic {{ $labels.topic }} has waited for {{ $labels.job }} for "
            "{{ $value | humanizeDuration }}.",
        ),
    ),
)
