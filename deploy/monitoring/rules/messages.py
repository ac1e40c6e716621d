"""Messages that workers could not take."""

from deploy.monitoring import limits
from deploy.monitoring.rule import Alert, Group

RECENT = "careloop:dead_letters:increase10m"
REFUSED = f'{RECENT}{{topic="ingest"}}'
READ = 'sum by (job, topic) (increase(careloop_received_total{topic="ingest"}[10m]))'
FEWEST = 10
"""Refused messages below which no upstream is called."""

MESSAGES = Group(
    "careloop-dead-letters",
    (
        Alert(
            "CareloopDeadLettersMany",
            "page",
            f'{RECENT}{{topic!="ingest"}} > {limits.DEAD_LETTERS}',
            "0s",
            "Customers get no reply: a worker cannot take messages",
            "{{ $labels.job }} made {{ $value | humanize }} dead letters of topic "
            "{{ $labels.topic }} within ten minutes. Only careloop writes there: this is a bug.",
        ),
        Alert(
            "CareloopDeadLetters",
            "ticket",
            f'{RECENT}{{topic!="ingest"}} > 0',
            "0s",
            "A message could not be taken; its customer gets no reply",
            "{{ $labels.job }} made {{ $value | humanize }} dead letters of topic "
            "{{ $labels.topic }} within ten minutes. Only careloop writes there: this is a bug.",
        ),
        Alert(
            "CareloopInputRefused",
            "ticket",
            f"({REFUSED} / {READ} > {limits.REFUSED_SHARE})\nand {REFUSED} >= {FEWEST}",
            "5m",
            "An upstream sends what cannot be taken",
            "{{ $value | humanizePercentage }} of what came in within ten minutes was refused and "
            "lies in ingest.dlq.",
        ),
    ),
)
