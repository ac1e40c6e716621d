"""Whether anybody would be told at all."""

from deploy.monitoring.rule import Alert, Group

WATCHING = Group(
    "careloop-watching",
    (
        Alert(
            "CareloopWatching",
            "heartbeat",
            "vector(1)",
            "0s",
            "Prometheus and Alertmanager are awake",
            "Fires always. Whoever gets it calls somebody when it stays away.",
        ),
    ),
)
