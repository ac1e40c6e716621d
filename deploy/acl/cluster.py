"""Rights and users as they stand in Kafka."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any

from kafka import KafkaAdminClient
from kafka.admin import (
    ACL,
    ACLFilter,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    ResourcePattern,
    ResourcePatternFilter,
    ResourceType,
    ScramMechanism,
    UserScramCredentialUpsertion,
)
from kafka.errors import ClusterAuthorizationFailedError, KafkaError, SecurityDisabledError

from deploy.acl.plan import Grant
from deploy.outbox import REACH_MS, access, unavailable

PRINCIPAL = "User:"
ALL = ACLFilter(
    principal=None,
    host=None,
    operation=ACLOperation.ANY,
    permission_type=ACLPermissionType.ANY,
    resource_pattern=ResourcePatternFilter(ResourceType.ANY, None, ACLResourcePatternType.ANY),
)


class Refused(Exception):
    """The broker would not do it; the message says what and why."""


class Cluster:
    """A client that may alter the cluster. A context manager."""

    def __init__(self, bootstrap_servers: str) -> None:
        """Connect. Raises KafkaUnavailable."""
        try:
            self._admin = KafkaAdminClient(
                **access(bootstrap_servers), bootstrap_timeout_ms=REACH_MS
            )
        except KafkaError as error:
            raise unavailable(bootstrap_servers, error) from error

    def __enter__(self) -> "Cluster":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._admin.close()

    def grants(self) -> list[Grant]:
        """All rights of all users. Raises Refused."""
        found, _ = _asked(lambda: self._admin.describe_acls(ALL))
        return [_grant(acl) for acl in found]

    def add(self, grants: Sequence[Grant]) -> None:
        """Raises Refused."""
        if not grants:
            return
        answer = _asked(lambda: self._admin.create_acls([_acl(grant) for grant in grants]))
        if answer["failed"]:
            raise Refused(f"Kafka did not take a right: {answer['failed'][0].__name__}")

    def remove(self, grants: Iterable[Grant]) -> None:
        """Exactly these. Raises Refused."""
        exact = [_exactly(grant) for grant in grants]
        if not exact:
            return
        for _, _, failed in _asked(lambda: self._admin.delete_acls(exact)):
            if failed.errno:
                raise Refused(f"Kafka did not take a right away: {failed.__name__}")

    def set_passwords(self, passwords: Mapping[str, str]) -> None:
        """Make users, or give those there are a new password. Raises Refused."""
        mechanism = ScramMechanism.SCRAM_SHA_512
        made = [UserScramCredentialUpsertion(name, mechanism, p) for name, p in passwords.items()]
        answer = _asked(lambda: self._admin.alter_user_scram_credentials(made))
        for name, problem in answer.items():
            if problem:
                raise Refused(f"Kafka did not take user {name}: {problem}")


def _asked(ask: Callable[[], Any]) -> Any:
    try:
        return ask()
    except SecurityDisabledError as error:
        raise Refused(
            "this broker has no authoriser, so anybody may do anything: set authorizer.class.name "
            "to org.apache.kafka.metadata.authorizer.StandardAuthorizer and start it again"
        ) from error
    except ClusterAuthorizationFailedError as error:
        raise Refused("our user may not alter the cluster: use one of super.users") from error


def _grant(acl: ACL) -> Grant:
    pattern = acl.resource_pattern
    return Grant(
        user=acl.principal.removeprefix(PRINCIPAL),
        resource=pattern.resource_type.name.lower(),
        name=pattern.resource_name,
        operation=acl.operation.name.title().replace("_", ""),
        prefixed=pattern.pattern_type is ACLResourcePatternType.PREFIXED,
        deny=acl.permission_type is ACLPermissionType.DENY,
        host=acl.host,
    )


def _acl(grant: Grant) -> ACL:
    return ACL(**_told(grant), resource_pattern=ResourcePattern(*_pattern(grant)))


def _exactly(grant: Grant) -> ACLFilter:
    return ACLFilter(**_told(grant), resource_pattern=ResourcePatternFilter(*_pattern(grant)))


def _told(grant: Grant) -> dict[str, Any]:
    return {
        "principal": f"{PRINCIPAL}{grant.user}",
        "host": grant.host,
        "operation": OPERATIONS[grant.operation],
        "permission_type": ACLPermissionType.DENY if grant.deny else ACLPermissionType.ALLOW,
    }


def _pattern(grant: Grant) -> tuple[ResourceType, str, ACLResourcePatternType]:
    kind = ACLResourcePatternType.PREFIXED if grant.prefixed else ACLResourcePatternType.LITERAL
    return ResourceType[grant.resource.upper()], grant.name, kind


OPERATIONS = {operation.name.title().replace("_", ""): operation for operation in ACLOperation}
"""Kafka's operations by the names it documents, such as DescribeConfigs."""
