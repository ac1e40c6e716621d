"""The settings of a one-node Kafka, for a process and for a container alike."""

CLUSTER_ID = "careloop-local-cluster"
"""22 characters, as an id of Kafka's must have."""

LARGEST_MESSAGE = 18 * 1024 * 1024
"""Bytes. What the broker can carry; each topic says what it accepts (max.message.bytes)."""


def one_node(
    *, listen: str, advertise: str, port: int, controller_port: int, data: str
) -> dict[str, str]:
    """Settings of a KRaft node that is broker and controller in one.

    `listen` is the address it binds, `advertise` the one it tells clients to use.
    """
    controller = f"127.0.0.1:{controller_port}"
    copies = {
        f"{topic}.{setting}": "1"
        for topic in ("transaction.state.log", "share.coordinator.state.topic")
        for setting in ("replication.factor", "min.isr", "num.partitions")
    }
    return {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.voters": f"1@{controller}",
        "listeners": f"PLAINTEXT://{listen}:{port},CONTROLLER://{controller}",
        "advertised.listeners": f"PLAINTEXT://{advertise}:{port}",
        "controller.listener.names": "CONTROLLER",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "inter.broker.listener.name": "PLAINTEXT",
        "log.dirs": data,
        "auto.create.topics.enable": "false",
        "offsets.topic.replication.factor": "1",
        "offsets.topic.num.partitions": "1",
        **copies,
        "group.initial.rebalance.delay.ms": "0",
        "default.replication.factor": "1",
        "min.insync.replicas": "1",
        # How long the controller takes a killed broker for alive: its restart waits for that.
        "broker.session.timeout.ms": "3000",
        "broker.heartbeat.interval.ms": "500",
        "message.max.bytes": str(LARGEST_MESSAGE),
        "replica.fetch.max.bytes": str(LARGEST_MESSAGE),
    }
