"""Ports for servers that are started one after the other."""

from deploy.runtime.ports import FIRST, LAST, free_ports


def test_no_port_is_given_to_two_servers() -> None:
    given = [port for _ in range(300) for port in free_ports(2)]
    assert len(set(given)) == 600
    assert all(FIRST <= port <= LAST for port in given)
