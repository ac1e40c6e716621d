"""The three names an error can have, by what the delivery loop must do about it.

`TemporaryError`  retry with backoff, then pause the partition; never drop.
`InvalidEvent`    dead letter at once, with the reason.
anything else     a bug: dead letter after its retries; too many of them stop the worker.
"""


class TemporaryError(Exception):
    """Something outside is away for now (database, broker, model): later it may work."""


class InvalidEvent(Exception):
    """An event no retry can mend.

    `code` is a stable, dotted reason code, `field` the part of the event it is about, `why` one
    sentence for people. None of them may quote the event's content: they go to headers and logs.
    """

    def __init__(self, code: str, why: str, field: str | None = None) -> None:
        super().__init__(f"{field}: {why}" if field else why)
        self.code = code
        self.why = why
        self.field = field


class FatalError(Exception):
    """The worker must stop: going on would do harm. The message says what to mend."""
