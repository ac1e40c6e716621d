"""Free ports on the loopback interface."""

import random
import socket

LOOPBACK = "127.0.0.1"

# Below the range the kernel hands out to outgoing connections: while a killed broker is being
# restarted, no client's own port can take the place it has to come back to.
FIRST, LAST = 20_000, 32_767

_handed_out: set[int] = set()
"""Ports are given to servers that start later: none is given twice meanwhile."""


def free_ports(count: int) -> list[int]:
    """`count` ports that nothing listened on a moment ago and nobody in this process was given.

    Raises OSError when none is left.
    """
    drawn = random.SystemRandom().sample(range(FIRST, LAST + 1), 1_000)
    found: list[int] = []
    for port in drawn:
        if len(found) == count:
            return found
        if port not in _handed_out and is_free(port):
            found.append(port)
            _handed_out.add(port)
    raise OSError(f"no {count} free ports on {LOOPBACK} between {FIRST} and {LAST}")


def is_free(port: int) -> bool:
    """Whether a server could listen on the port now."""
    with socket.socket() as probe:
        # As servers do: connections of an earlier server that linger do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def answers(host: str, port: int) -> bool:
    """Whether something accepts connections there."""
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True
