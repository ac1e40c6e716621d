"""`python -m deploy.acl show | plan | apply | users`."""

import argparse
import sys

from kafka.errors import KafkaError
from rich.console import Console
from rich.table import Table

from deploy import acl
from deploy.acl.cluster import Cluster, Refused
from deploy.acl.passwords import given, variable
from deploy.acl.plan import Difference, Grant, NameRefused, Users, difference, wanted
from deploy.outbox import KafkaUnavailable, given_kafka, quiet_client
from shared.topics import TOPICS

DIFFERS = 2


def main() -> int:
    options = _parse()
    quiet_client()
    try:
        users = Users(tuple(options.upstream), tuple(options.former))
        if options.do == "show":
            Console().print(table(wanted(users)))
            return 0
        with Cluster(options.kafka) as cluster:
            if options.do == "users":
                return _users(cluster, users)
            return _rights(cluster, users, change=options.do == "apply", prune=options.prune)
    except (KafkaUnavailable, Refused, NameRefused) as error:
        print(f"acl: {error}", file=sys.stderr)
    except KafkaError as error:
        print(f"acl: Kafka at {options.kafka} failed: {error}", file=sys.stderr)
    return 1


def _rights(cluster: Cluster, users: Users, *, change: bool, prune: bool) -> int:
    differs = difference(wanted(users), cluster.grants(), users)
    for line in lines(differs, prune=prune):
        print(line)
    if not change:
        return DIFFERS if differs.missing or differs.surplus else 0
    cluster.add(differs.missing)
    if prune:
        cluster.remove(differs.surplus)
    print("done")
    return 0


def _users(cluster: Cluster, users: Users) -> int:
    """Those whose password is given; the others are left as they are, and said."""
    told = given(map(variable, users.names))
    passwords = {user: told[variable(user)] for user in users.names if variable(user) in told}
    if passwords:
        cluster.set_passwords(passwords)
    for user in users.names:
        said = "password set" if user in passwords else f"left alone: no {variable(user)}"
        print(f"{user}: {said}")
    return 0 if passwords else 1


def lines(differs: Difference, *, prune: bool) -> list[str]:
    """What differs: + is missing, - is taken away, ! is there and stays."""
    found = [f"+ {grant}" for grant in differs.missing]
    kept = "" if prune else " (not from the cards; --prune takes it away)"
    found += [f"{'-' if prune else '!'} {grant}{kept}" for grant in differs.surplus]
    number = f"{len(differs.missing)} rights missing, {len(differs.surplus)} too many"
    return [*found, number if found else "all rights are as the cards say"]


def table(grants: tuple[Grant, ...]) -> Table:
    """What each user may do, a line for each kind."""
    shown = Table(title="Rights")
    for column in ("user", "may", "on"):
        shown.add_column(column, overflow="fold")
    by_kind: dict[tuple[str, str], list[str]] = {}
    for grant in grants:
        kind = (grant.user, f"{grant.operation} {grant.resource}")
        by_kind.setdefault(kind, []).append(grant.name + ("*" if grant.prefixed else ""))
    for (user, may), names in by_kind.items():
        shown.add_row(user, may, "all topics" if set(names) == set(TOPICS) else ", ".join(names))
    return shown


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m deploy.acl",
        description=acl.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("do", choices=("show", "plan", "apply", "users"))
    parser.add_argument(
        "--upstream",
        action="append",
        default=[],
        metavar="NAME",
        help="a user that writes ingest and reads responses in groups NAME-...; may be repeated",
    )
    parser.add_argument(
        "--former",
        action="append",
        default=[],
        metavar="NAME",
        help="an upstream that no longer is one: --prune takes its rights away",
    )
    parser.add_argument(
        "--prune", action="store_true", help="take away what these users may besides"
    )
    parser.add_argument(
        "--kafka",
        default=given_kafka(),
        help="host:port, comma separated (default: KAFKA_BOOTSTRAP_SERVERS)",
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
