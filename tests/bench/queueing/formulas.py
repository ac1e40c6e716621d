"""What queueing theory says in closed form: the simulation is checked against it."""


def md1_wait(rate: float, service: float) -> float:
    """Mean seconds in the queue of M/D/1: arrivals at random, `rate` a second, one server that
    takes `service` seconds for each.

    Pollaczek and Khinchine: rho * service / (2 * (1 - rho)), with rho = rate * service.
    Raises ValueError when rho is 1 or more: the queue then grows for ever.
    """
    load = rate * service
    if load >= 1:
        raise ValueError(f"a load of {load:.2f} is not below 1")
    return load * service / (2 * (1 - load))


def processes_needed(rate: float, each: float, utilisation: float) -> int:
    """Processes that take `each` messages a second at most, so that together they take `rate` at
    this share of what they can; at least one."""
    exactly = rate / (each * utilisation)
    return max(1, -int(-exactly // 1))
