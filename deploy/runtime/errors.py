"""What can go wrong with the local runtime."""


class RuntimeUnavailable(Exception):
    """Kafka or the database cannot be had here; the message says why and what helps."""
