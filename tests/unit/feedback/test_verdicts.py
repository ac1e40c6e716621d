"""What became of a reply, by hand-worked histories and by shuffling them."""

from datetime import UTC, datetime, timedelta

import pytest

from services.feedback.domain.history import Response, Signal, SignalKind, TicketHistory
from services.feedback.domain.verdicts import JudgedResponse, judge

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def response(key: str = "r1", minutes: float = 0, decision: str = "answer") -> Response:
    return Response(
        key, f"id of {key}", f"m of {key}", "refund", 0.8, decision, "zh", "email", "1", "0",
        at(minutes),
    )  # fmt: skip


def signal(
    kind: SignalKind,
    value: str | int | None = None,
    minutes: float = 5,
    about: str | None = None,
    message: str | None = None,
) -> Signal:
    key = f"{kind} {value} {minutes} {about}"
    return Signal(key, kind, at(minutes), value, about, message)


def judged(*facts: Response | Signal) -> dict[str, JudgedResponse]:
    history = TicketHistory(
        "T-1",
        {one.key: one for one in facts if isinstance(one, Response)},
        {one.key: one for one in facts if isinstance(one, Signal)},
    )
    return {one.response.key: one for one in judge(history)}


def verdict(*facts: Response | Signal) -> tuple[str, tuple[str, ...]]:
    found = judged(*facts)["r1"]
    return found.verdict, found.because


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ([], ("unknown", ())),
        ([signal("rating", 5)], ("good", ("rated_high",))),
        ([signal("rating", 4)], ("good", ("rated_high",))),
        ([signal("rating", 3)], ("unknown", ())),
        ([signal("rating", 2)], ("bad", ("rated_low",))),
        ([signal("thumbs", "up")], ("good", ("thumbs_up",))),
        ([signal("thumbs", "down")], ("bad", ("thumbs_down",))),
        ([signal("reviewed", "approved")], ("good", ("approved",))),
        ([signal("reviewed", "edited")], ("unknown", ())),
        ([signal("reviewed", "rejected")], ("bad", ("rejected",))),
        ([signal("resolved")], ("good", ("resolved",))),
        ([signal("reopened")], ("bad", ("reopened",))),
        ([signal("resolved"), signal("reopened", minutes=9)], ("bad", ("reopened",))),
        ([signal("rating", 5), signal("rating", 1, 6)], ("bad", ("rated_low",))),
        ([signal("resolved"), signal("rating", 3)], ("good", ("resolved",))),
        ([signal("intent_corrected", "invoice")], ("bad", ("intent_corrected",))),
        ([signal("intent_corrected", "refund")], ("unknown", ())),
        ([signal("resolved", minutes=-1)], ("unknown", ())),
    ],
)
def test_an_automatic_reply(said: list[Signal], expected: tuple[str, tuple[str, ...]]) -> None:
    assert verdict(response(), *said) == expected


@pytest.mark.parametrize("decision", ["draft", "escalate"])
def test_what_a_person_finished_is_judged_by_the_review_alone(decision: str) -> None:
    waiting = response(decision=decision)
    assert verdict(waiting, signal("resolved"), signal("rating", 5)) == ("unknown", ())
    assert verdict(waiting, signal("reviewed", "approved")) == ("good", ("approved",))


def test_a_signal_without_a_response_is_about_the_newest_one_before_it() -> None:
    found = judged(
        response("r1", 0), response("r2", 10), response("r3", 20), signal("thumbs", "down", 15)
    )
    assert {key: one.verdict for key, one in found.items()} == {
        "r1": "unknown",
        "r2": "bad",
        "r3": "unknown",
    }


def test_a_signal_that_names_its_response_or_message_belongs_there() -> None:
    found = judged(
        response("r1", 0),
        response("r2", 10),
        signal("rating", 1, 15, about="r1"),
        signal("intent_corrected", "invoice", 15, message="m of r1"),
        signal("rating", 5, 15, about="a response nobody knows"),
    )
    assert (found["r1"].verdict, found["r1"].because) == ("bad", ("intent_corrected", "rated_low"))
    assert (found["r1"].ratings, found["r2"].ratings) == ((1,), ())
    assert found["r2"].verdict == "unknown"


def test_a_rating_before_its_response_waits_for_it() -> None:
    early = signal("rating", 1, minutes=-5, about="r1")
    assert judged(early) == {}
    assert verdict(response(), early) == ("bad", ("rated_low",))
