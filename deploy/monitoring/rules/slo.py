"""The two promises: messages get a reply or hand-over in time, and none is lost.

Alerts by burn rate over several windows: Google, "The Site Reliability Workbook" (2018), chapter 5,
"Alerting on SLOs", table 5-8. A burn rate of 1 spends the budget of 30 days in 30 days; the short
window lets an alert end soon after its cause.
"""

from deploy.monitoring import limits
from deploy.monitoring.promql import new_in
from deploy.monitoring.rule import Alert, Group

FEWEST = 10
"""Late messages below which nobody is called: of three messages at night, one is a third."""
HOURS = {"1h": 1, "6h": 6, "1d": 24, "3d": 72}


def _burns(rate: float, long: str, short: str) -> str:
    budget = f"{rate} * {limits.LATE_BUDGET:g}"
    late = f"careloop:late:ratio_rate{long} * careloop:accepted:rate{long} * {3600 * HOURS[long]}"
    return (
        f"(careloop:late:ratio_rate{long} > {budget}\n"
        f"  and careloop:late:ratio_rate{short} > {budget}\n"
        f"  and {late} >= {FEWEST})"
    )


LOST = "careloop_lost_total"
SLO = (
    Group(
        "careloop-promise-in-time",
        (
            Alert(
                "CareloopRepliesLate",
                "page",
                f"{_burns(14.4, '1h', '5m')}\nor\n{_burns(6, '6h', '30m')}",
                "2m",
                "Customers wait: too many messages get no reply within 30 s",
                "{{ $value | humanizePercentage }} of the accepted messages of the last hours got "
                "no reply or hand-over within 30 s; the promise allows 1 %.",
            ),
            Alert(
                "CareloopRepliesLateSlowly",
                "ticket",
                f"{_burns(3, '1d', '2h')}\nor\n{_burns(1, '3d', '6h')}",
                "15m",
                "The promise of replies within 30 s will be broken if this goes on",
                "{{ $value | humanizePercentage }} of the accepted messages of the last days got "
                "no reply or hand-over within 30 s; the promise allows 1 %.",
            ),
        ),
    ),
    Group(
        "careloop-promise-nothing-lost",
        (
            Alert(
                "CareloopMessagesLost",
                "page",
                f"{new_in(LOST, '1h', 'job, topic')} > 0",
                "0s",
                "Messages were lost: Kafka deleted them before they were read",
                "{{ $labels.job }} lost {{ $value | humanize }} messages of topic "
                "{{ $labels.topic }} within the last hour.",
            ),
        ),
    ),
)
