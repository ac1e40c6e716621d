"""What became of each response: good, bad or unknown. Silence is unknown, never success."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from services.feedback.domain.history import Response, Signal, TicketHistory

Verdict = Literal["good", "bad", "unknown"]
SATISFIED = 4
"""A rating from here on is a good one."""
DISSATISFIED = 2
"""A rating up to here is a bad one."""


@dataclass(frozen=True, slots=True)
class JudgedResponse:
    """A response with its verdict.

    `because` are the codes of the signals behind the verdict, `ratings` all stars it was given.
    """

    ticket_id: str
    response: Response
    verdict: Verdict
    because: tuple[str, ...]
    ratings: tuple[int, ...]
    facts: int


def judge(history: TicketHistory) -> tuple[JudgedResponse, ...]:
    """Judge every response of a ticket by everything known of it.

    A bad sign outweighs any good one. Being closed as solved counts as good only where no bad sign
    speaks against it. A response that waits for a person (draft, escalate) is judged by the
    person's review alone.
    """
    signals = _by_response(history)
    return tuple(
        _judged(history, response, signals[key]) for key, response in history.responses.items()
    )


def _by_response(history: TicketHistory) -> dict[str, list[Signal]]:
    """Whose each signal is; one whose response is not known yet waits."""
    found: dict[str, list[Signal]] = defaultdict(list)
    for signal in history.signals.values():
        response = _named(history, signal)
        if response is not None:
            found[response].append(signal)
    return found


def _named(history: TicketHistory, signal: Signal) -> str | None:
    """The key of the response the signal is about."""
    if signal.response is not None:
        return signal.response
    earlier = [
        response
        for response in history.responses.values()
        if (signal.message_id or response.message_id) == response.message_id
        and (signal.message_id is not None or response.created_at <= signal.occurred_at)
    ]
    newest = max(earlier, key=lambda response: (response.created_at, response.key), default=None)
    return None if newest is None else newest.key


def _judged(
    history: TicketHistory, response: Response, signals: Sequence[Signal]
) -> JudgedResponse:
    counting = [s for s in signals if response.automatic or s.kind == "reviewed"]
    bad = sorted({code for s in counting if (code := _bad_sign(s, response))})
    good = sorted({code for s in counting if (code := _good_sign(s))})
    verdict: Verdict = "bad" if bad else "good" if good else "unknown"
    ratings = sorted(s.value for s in signals if s.kind == "rating" and isinstance(s.value, int))
    return JudgedResponse(
        history.ticket_id, response, verdict, tuple(bad or good), tuple(ratings), history.facts
    )


def _bad_sign(signal: Signal, response: Response) -> str | None:
    match signal.kind, signal.value:
        case "rating", int(stars) if stars <= DISSATISFIED:
            return "rated_low"
        case "thumbs", "down":
            return "thumbs_down"
        case "reviewed", "rejected":
            return "rejected"
        case "intent_corrected", str(intent) if intent != response.intent:
            return "intent_corrected"
        case "reopened", _:
            return "reopened"
    return None


def _good_sign(signal: Signal) -> str | None:
    match signal.kind, signal.value:
        case "rating", int(stars) if stars >= SATISFIED:
            return "rated_high"
        case "thumbs", "up":
            return "thumbs_up"
        case "reviewed", "approved":
            return "approved"
        case "resolved", _:
            return "resolved"
    return None
