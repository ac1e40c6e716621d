"""Processes that share the cores of one machine."""


def stretch(processes: int, cores: int, slowdown: float, others: float) -> float:
    """How many times longer a busy process takes for its work beside the others.

    `slowdown`: so many times longer each of two takes because they share caches and memory, with
    a core each. `others`: CPU seconds that the rest of the machine spends for each of a process
    that works alone. When all together want more than there are cores, each gets its share:
    `processes * (slowdown + others)` core-seconds are wanted for what one process does in one
    second alone, and `cores` a second are there.
    """
    beside = slowdown if processes > 1 else 1.0
    return max(beside, processes * (beside + others) / cores)
