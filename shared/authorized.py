"""What Kafka lets us do, asked before anything is done.

aiokafka speaks the request for metadata up to version 5, and Kafka says from version 8 on what the
asking user is authorised to do (KIP-430): https://kafka.apache.org/protocol.html#The_Messages_Metadata
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import GroupAuthorizationFailedError, for_code
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.coordination import FindCoordinatorRequest
from aiokafka.protocol.types import Array, Boolean, Int16, Int32, Schema, String

READ, WRITE = 3, 4
"""Bits of a topic's authorised operations: the numbers of Kafka's AclOperation."""
UNKNOWN_TOPIC, TOPIC_REFUSED = 3, 29


@dataclass(frozen=True, slots=True)
class Seen:
    """A topic as the asking user sees it; one that may not be seen is taken for existing."""

    exists: bool
    readable: bool
    writable: bool


class _Metadata8(Response):  # type: ignore[misc]
    API_KEY = 3
    API_VERSION = 8
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "brokers",
            Array(
                ("node_id", Int32),
                ("host", String("utf-8")),
                ("port", Int32),
                ("rack", String("utf-8")),
            ),
        ),
        ("cluster_id", String("utf-8")),
        ("controller_id", Int32),
        (
            "topics",
            Array(
                ("error_code", Int16),
                ("topic", String("utf-8")),
                ("is_internal", Boolean),
                (
                    "partitions",
                    Array(
                        ("error_code", Int16),
                        ("partition", Int32),
                        ("leader", Int32),
                        ("leader_epoch", Int32),
                        ("replicas", Array(Int32)),
                        ("isr", Array(Int32)),
                        ("offline_replicas", Array(Int32)),
                    ),
                ),
                ("authorized_operations", Int32),
            ),
        ),
        ("cluster_authorized_operations", Int32),
    )


class _AskMetadata8(RequestStruct):  # type: ignore[misc]
    API_KEY = 3
    API_VERSION = 8
    RESPONSE_TYPE = _Metadata8
    SCHEMA = Schema(
        ("topics", Array(String("utf-8"))),
        ("allow_auto_topic_creation", Boolean),
        ("include_cluster_authorized_operations", Boolean),
        ("include_topic_authorized_operations", Boolean),
    )


class _AskAuthorized(Request[_AskMetadata8]):  # type: ignore[misc]
    API_KEY = 3

    def __init__(self, topics: list[str]) -> None:
        self._topics = topics

    def build(self, request_struct_class: type[_AskMetadata8]) -> _AskMetadata8:
        return request_struct_class(self._topics, False, False, True)


async def topics_seen(client: AIOKafkaClient, names: Iterable[str]) -> Mapping[str, Seen]:
    """How the topics look to this user. Raises KafkaError when no broker answers.

    Without an authoriser everything that exists may be read and written.
    """
    answer = await client.send(client.get_random_node(), _AskAuthorized(sorted(names)))
    return {name: _seen(code, bits) for code, name, _, _, bits in answer.topics}


def _seen(code: int, bits: int) -> Seen:
    allowed = 0 if code == TOPIC_REFUSED else bits
    return Seen(code != UNKNOWN_TOPIC, bool(allowed >> READ & 1), bool(allowed >> WRITE & 1))


async def may_join(client: AIOKafkaClient, group: str) -> bool:
    """Whether this user may see the consumer group, which everybody may who may read in it.

    Raises KafkaError when no broker answers.
    """
    answer = await client.send(client.get_random_node(), FindCoordinatorRequest(group, 0))
    return for_code(answer.error_code) is not GroupAuthorizationFailedError
