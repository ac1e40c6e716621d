"""What became of a reply, by hand-worked histories and by shuffling them."""

from datetime import UTC, datetime, timedelta

import pytest

from services.feedback.domain.history import Response, Signal, SignalKind, TicketHistory
from services.feedback.domain.verdicts import JudgedResponse, judge, waiting

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def response(
    key: str = "r1",
    minutes: float = 0,
    decision: str = "answer",
    intent: str | None = None,
    *,
    asked: float | None = None,
    text: str | None = None,
) -> Response:
    """Of a wish of its own, unless it is told which."""
    return Response(
        key, f"id of {key}", f"m of {key}", intent or f"wish of {key}", 0.8, decision, "zh",
        "email", "1", "0", at(minutes), asked_at=None if asked is None else at(asked), text=text,
    )  # fmt: skip


def signal(
    kind: SignalKind,
    value: str | int | None = None,
    minutes: float = 5,
    about: str | None = None,
    *,
    message: str | None = None,
    text: str | None = None,
) -> Signal:
    key = f"{kind} {value} {minutes} {about}"
    return Signal(key, kind, at(minutes), value, about, message, text)


def sent(draft: str, minutes: float, key: str = "final") -> Signal:
    return Signal(key, "sent", at(minutes), None, draft)


def history(*facts: Response | Signal) -> TicketHistory:
    return TicketHistory(
        "T-1",
        {one.key: one for one in facts if isinstance(one, Response)},
        {one.key: one for one in facts if isinstance(one, Signal)},
    )


def judged(*facts: Response | Signal) -> dict[str, JudgedResponse]:
    return {one.response.key: one for one in judge(history(*facts))}


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
        ([signal("resolved", "customer")], ("good", ("resolved",))),
        ([signal("resolved", "agent")], ("good", ("resolved",))),
        ([signal("resolved", "system")], ("unknown", ())),
        ([signal("reopened")], ("bad", ("reopened",))),
        ([signal("resolved", "customer"), signal("reopened", minutes=9)], ("bad", ("reopened",))),
        ([signal("rating", 5), signal("rating", 1, 6)], ("bad", ("rated_low",))),
        ([signal("resolved", "customer"), signal("rating", 3)], ("good", ("resolved",))),
        ([signal("intent_corrected", "invoice")], ("bad", ("intent_corrected",))),
        ([signal("intent_corrected", "wish of r1")], ("unknown", ())),
        # Three days are 4320 minutes: later, coming back is a story of its own.
        ([signal("reopened", minutes=4320)], ("bad", ("reopened",))),
        ([signal("reopened", minutes=4321)], ("unknown", ())),
        ([signal("repeated", "T-2", 4320, about="r1")], ("bad", ("repeated",))),
        ([signal("repeated", "T-2", 4321, about="r1")], ("unknown", ())),
        # What is said of this very reply counts whenever it is said.
        ([signal("rating", 5), signal("rating", 1, 9999)], ("bad", ("rated_low",))),
        ([signal("resolved", "customer", minutes=-1)], ("unknown", ())),
    ],
)
def test_an_automatic_reply(said: list[Signal], expected: tuple[str, tuple[str, ...]]) -> None:
    assert verdict(response(), *said) == expected


@pytest.mark.parametrize("decision", ["draft", "escalate"])
def test_what_a_person_finished_is_judged_by_the_review_alone(decision: str) -> None:
    waiting = response(decision=decision)
    assert verdict(waiting, signal("resolved", "agent"), signal("rating", 5)) == ("unknown", ())
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
    assert (found["r1"].rating, found["r2"].rating) == (1, None)
    assert found["r2"].verdict == "unknown"


def test_a_rating_before_its_response_waits_for_it() -> None:
    early = signal("rating", 1, minutes=-5, about="r1")
    assert judged(early) == {}
    assert verdict(response(), early) == ("bad", ("rated_low",))


def test_of_several_ratings_the_last_one_counts_and_the_bad_one_speaks() -> None:
    first, last = signal("rating", 1, 5), signal("rating", 4, 6)
    for found in (judged(response(), first, last), judged(response(), last, first)):
        one = found["r1"]
        assert (one.rating, one.verdict, one.because) == (4, "bad", ("rated_low",))


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        # Asked again an hour later: the first answer did not help.
        ([response("r1", 0, intent="x"), response("r2", 60, intent="x", asked=59)], "bad"),
        # Written before the answer was there.
        ([response("r1", 0, intent="x"), response("r2", 1, intent="x", asked=-1)], "unknown"),
        # Another wish; the same one, three days later.
        ([response("r1", 0, intent="x"), response("r2", 60, intent="y")], "unknown"),
        ([response("r1", 0, intent="x"), response("r2", 4321, intent="x")], "unknown"),
        # The answer to our question.
        ([response("r1", 0, "ask", "x"), response("r2", 60, intent="x", asked=59)], "unknown"),
        # The question was asked in between, and the message before it was a repeat.
        (
            [
                response("r1", 0, intent="x"),
                response("r2", 60, "ask", "x", asked=59),
                response("r3", 70, intent="x", asked=69),
            ],
            "bad",
        ),
    ],
)
def test_a_further_turn_on_the_same_wish(facts: list[Response], expected: str) -> None:
    assert judged(*facts)["r1"].verdict == expected


def test_only_what_answers_a_question_is_no_contact_of_its_own() -> None:
    found = judged(
        response("r1", 0, "ask"), response("r2", 10, asked=9), response("r3", 20, asked=19)
    )
    assert {key: one.is_contact for key, one in found.items()} == {
        "r1": True,
        "r2": False,
        "r3": True,
    }


def test_what_is_said_of_a_finished_draft_is_said_of_the_draft() -> None:
    draft = response("d", 0, "draft")
    found = judged(draft, sent("d", 30), signal("rating", 5, 40, about="final"))
    assert list(found) == ["d"]
    assert found["d"].rating == 5
    # Without the response that was sent, nobody knows what is rated.
    early = history(draft, signal("rating", 5, 40, about="final"))
    assert judge(early)[0].rating is None
    assert list(waiting(early).signals.values()) == [at(40)]


@pytest.mark.parametrize(
    ("verdict", "final", "expected"),
    [
        ("approved", None, 0.0),
        ("edited", "Dear customer, it is there.", 1 / 27),
        ("edited", None, None),
        ("rejected", None, None),
    ],
)
def test_how_much_of_a_draft_was_changed(
    verdict: str, final: str | None, expected: float | None
) -> None:
    draft = response("d", 0, "draft", text="Dear customer, it is here.")
    found = judged(draft, signal("reviewed", verdict, about="d", text=final))["d"]
    assert (found.review, found.edit_distance) == (verdict, expected)


def test_the_first_review_of_a_draft_counts() -> None:
    found = judged(
        response("d", 0, "draft"),
        signal("reviewed", "edited", 6, about="d", text="too late"),
        signal("reviewed", "approved", 5, about="d"),
    )["d"]
    assert (found.review, found.edit_distance) == ("approved", 0.0)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ([response("r1", 2, asked=1)], {"r1": 60_000}),
        # An escalation is no response; the draft is one when it is sent.
        (
            [
                response("r1", 2, "escalate", asked=0),
                response("r2", 5, "draft", asked=4),
                sent("r2", 10),
                response("r3", 20, asked=19),
            ],
            {"r2": 600_000},
        ),
        ([response("r1", 2, "draft", asked=0)], {}),
    ],
)
def test_the_time_to_the_first_response(
    facts: list[Response | Signal], expected: dict[str, float]
) -> None:
    found = judged(*facts)
    times = {key: one.first_response_ms for key, one in found.items()}
    assert {key: time for key, time in times.items() if time is not None} == expected


def test_a_ticket_is_resolved_where_its_newest_answer_is_verified() -> None:
    praised = signal("thumbs", "up", 5, about="r1")
    assert judged(response(), praised)["r1"].resolved
    assert not judged(response(decision="ask"), praised)["r1"].resolved
    assert not judged(response(), praised, response("r2", 60, "escalate"))["r1"].resolved


def test_what_waits() -> None:
    closed, named = signal("resolved", "agent", 5), signal("rating", 5, 6, about="r9")
    by_message = signal("intent_corrected", "x", 7, message="nobody's")
    nothing_known = waiting(history(closed, named, by_message))
    assert sorted(nothing_known.signals.values()) == [at(5), at(6), at(7)]
    # In a ticket that is known, what came before its first response is about nothing of ours.
    known = waiting(history(response(minutes=10), closed, named, by_message))
    assert sorted(known.signals.values()) == [at(6), at(7)]
    assert waiting(history(response("r9"), closed, named)).signals == {}
