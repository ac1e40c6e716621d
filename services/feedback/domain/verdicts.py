"""What became of each response of a ticket, as `definitions` has it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.feedback.domain.contacts import answers_to_questions, repeated_in_ticket
from services.feedback.domain.definitions import bad_sign, good_sign
from services.feedback.domain.edit_distance import edit_distance
from services.feedback.domain.history import (
    RESOLVING,
    Response,
    Signal,
    TicketHistory,
    Verdict,
)

__all__ = ["JudgedResponse", "Verdict", "Waiting", "judge", "waiting"]


@dataclass(frozen=True, slots=True)
class JudgedResponse:
    """A response with its verdict.

    `because` are the codes of the signs behind the verdict, `rating` the last stars it was given.
    `review` is an agent's verdict on a draft and `edit_distance` how much of it they changed.
    `is_contact`: its message was no answer to a question. `first_response_ms`: it was the first
    that reached the customer, so long after their first message. `resolved`: the ticket ended here,
    without a person. `read_right`: an agent's last label of the message is the intent it was taken
    for; None where no agent labelled it.
    """

    ticket_id: str
    response: Response
    verdict: Verdict
    because: tuple[str, ...]
    facts: int
    rating: int | None = None
    review: str | None = None
    edit_distance: float | None = None
    is_contact: bool = True
    first_response_ms: float | None = None
    resolved: bool = False
    read_right: bool | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """The signals of a ticket whose response is not known, with when each was said."""

    ticket_id: str
    signals: Mapping[str, datetime]
    facts: int


def judge(history: TicketHistory) -> tuple[JudgedResponse, ...]:
    """Judge every response of a ticket by everything known of it."""
    if not history.responses:
        return ()
    signals = _by_response(history)
    answers = answers_to_questions(history)
    newest = max(history.responses.values(), key=_age).key
    first = _first_response(history, signals)
    judged = []
    for key, response in history.responses.items():
        verdict, because = _verdict(history, response, signals[key], answers)
        review = _review(signals[key])
        judged.append(
            JudgedResponse(
                history.ticket_id,
                response,
                verdict,
                because,
                history.facts,
                rating=_last_rating(signals[key]),
                review=str(review.value) if review else None,
                edit_distance=_changed(response, review),
                is_contact=key not in answers,
                first_response_ms=first.get(key),
                resolved=key == newest and verdict == "good" and response.decision in RESOLVING,
                read_right=_read_right(signals[key], response),
            )
        )
    return tuple(judged)


def waiting(history: TicketHistory) -> Waiting:
    """What waits for a response: of what names none, all while the ticket has none."""
    late = {
        key: signal.occurred_at
        for key, signal in history.signals.items()
        if _about(history, signal) is None and (_names_one(signal) or not history.responses)
    }
    return Waiting(history.ticket_id, late, history.facts)


def _names_one(signal: Signal) -> bool:
    return signal.response is not None or signal.message_id is not None


def _by_response(history: TicketHistory) -> dict[str, list[Signal]]:
    """Whose each signal is, in their order; one whose response is not known yet waits."""
    found: dict[str, list[Signal]] = defaultdict(list)
    for signal in sorted(history.signals.values(), key=lambda one: (one.occurred_at, one.key)):
        response = _about(history, signal)
        if response is not None:
            found[response].append(signal)
    return found


def _about(history: TicketHistory, signal: Signal) -> str | None:
    """The key of the response the signal is about."""
    if signal.response is not None:
        sent = history.signals.get(signal.response)
        named = sent.response if sent and sent.kind == "sent" else signal.response
        return named if named in history.responses else None
    earlier = [
        response
        for response in history.responses.values()
        if (signal.message_id or response.message_id) == response.message_id
        and (signal.message_id is not None or response.created_at <= signal.occurred_at)
    ]
    newest = max(earlier, key=_age, default=None)
    return None if newest is None else newest.key


def _age(response: Response) -> tuple[datetime, str]:
    return response.created_at, response.key


def _verdict(
    history: TicketHistory,
    response: Response,
    signals: Sequence[Signal],
    answers: frozenset[str],
) -> tuple[Verdict, tuple[str, ...]]:
    counting = [s for s in signals if response.automatic or s.kind == "reviewed"]
    bad = {code for s in counting if (code := bad_sign(s, response))}
    if response.automatic and repeated_in_ticket(history, response, answers):
        bad.add("repeated")
    if bad:
        return "bad", tuple(sorted(bad))
    good = {code for s in counting if (code := good_sign(s))}
    return ("good" if good else "unknown"), tuple(sorted(good))


def _last_rating(signals: Sequence[Signal]) -> int | None:
    ratings = [s.value for s in signals if s.kind == "rating" and isinstance(s.value, int)]
    return ratings[-1] if ratings else None


def _read_right(signals: Sequence[Signal], response: Response) -> bool | None:
    labels = [signal.value for signal in signals if signal.kind == "intent_corrected"]
    return labels[-1] == response.intent if labels else None


def _review(signals: Sequence[Signal]) -> Signal | None:
    """The first one: whoever reviews a draft again is too late."""
    return next((signal for signal in signals if signal.kind == "reviewed"), None)


def _changed(draft: Response, review: Signal | None) -> float | None:
    """How much of the draft went out changed; None where it did not, or nobody knows."""
    if review is None or review.value == "rejected":
        return None
    if review.value == "approved":
        return 0.0
    if review.text is None or draft.text is None:
        return None
    return edit_distance(draft.text, review.text)


def _first_response(
    history: TicketHistory, signals: Mapping[str, Sequence[Signal]]
) -> dict[str, float]:
    """The first reply that reached the customer, with the milliseconds it took."""
    reached = []
    for key, response in history.responses.items():
        sent = [s.occurred_at for s in signals.get(key, ()) if s.kind == "sent"]
        if response.automatic or sent:
            reached.append((response.created_at if response.automatic else min(sent), key))
    if not reached:
        return {}
    at, key = min(reached)
    began = min(response.contacted_at for response in history.responses.values())
    return {key: max(0.0, (at - began).total_seconds() * 1000)}
