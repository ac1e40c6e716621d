"""Weights: what a draw falls on, and what may be published."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.feedback.domain.choosing.weights import (
    ANY,
    Slot,
    SlotPolicy,
    Weights,
    allowed,
    chosen,
    floored,
    furthest,
    policy_of,
    starting,
    towards,
)

TONE = Slot("tone", ("formal", "friendly"))


def weights(context: str = ANY, /, **probabilities: float) -> Weights:
    return Weights("tone", context, probabilities)


def policy(*all_weights: Weights) -> SlotPolicy:
    return SlotPolicy("tone", {one.context: one for one in all_weights})


@pytest.mark.parametrize(
    ("draw", "option"),
    [(0.0, "answer"), (0.199, "answer"), (0.2, "draft"), (0.499, "draft"), (0.5, "wait")],
)
def test_options_lie_side_by_side(draw: float, option: str) -> None:
    shares = {"answer": 0.2, "draft": 0.3, "wait": 0.5}
    found = chosen(weights(**shares), draw)
    assert found == (option, shares[option])
    assert chosen(weights(**dict(reversed(shares.items()))), draw) == found


def test_options_are_chosen_as_often_as_they_weigh() -> None:
    shares = {"a": 0.05, "b": 0.15, "c": 0.8}
    draws = np.random.default_rng(0).random(20_000)
    found = [chosen(weights(**shares), float(draw)) for draw in draws]
    for option, share in shares.items():
        taken = [propensity for name, propensity in found if name == option]
        deviation = math.sqrt(share * (1 - share) / len(draws))
        assert abs(len(taken) / len(draws) - share) < 4 * deviation
        assert set(taken) == {share}


@given(st.lists(st.floats(0.001, 1), min_size=1, max_size=6), st.floats(0, 1, exclude_max=True))
def test_what_is_chosen_had_the_chance_that_is_logged(parts: list[float], draw: float) -> None:
    shares = {f"o{i}": part / math.fsum(parts) for i, part in enumerate(parts)}
    option, propensity = chosen(weights(never=0.0, **shares), draw)
    assert propensity == shares[option] > 0


def test_the_largest_draw_never_falls_on_what_has_no_chance() -> None:
    # Ten tenths add up to a little less than one.
    shares = {f"o{i}": 0.1 for i in range(10)}
    assert chosen(weights(zero=0.0, **shares), math.nextafter(1, 0)) == ("o9", 0.1)


@pytest.mark.parametrize("draw", [1.0, -0.1, math.nan])
def test_a_draw_is_below_one(draw: float) -> None:
    with pytest.raises(ValueError, match="draw"):
        chosen(weights(a=1.0), draw)


@pytest.mark.parametrize(
    "shares", [{"a": 0.5, "b": 0.4}, {"a": 1.2, "b": -0.2}, {"a": math.nan, "b": 1.0}, {}]
)
def test_weights_are_probabilities_of_one_choice(shares: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="tone in"):
        weights(**shares)


@pytest.mark.parametrize("options", [(), ("a", "a")])
def test_a_slot_has_each_option_once(options: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="options"):
        Slot("tone", options)


def test_everybody_starts_with_the_usual_option() -> None:
    (only,) = starting(Slot("offer", ("none", "one", "two")), 0.05).weights
    assert only.context == ANY
    assert only.probabilities == pytest.approx({"none": 0.9, "one": 0.05, "two": 0.05})


def test_the_floor_comes_first_and_the_rest_is_shared() -> None:
    assert floored({"a": 0.5, "b": 0.5, "c": 0.0}, 0.1) == pytest.approx(
        {"a": 0.45, "b": 0.45, "c": 0.1}
    )
    with pytest.raises(ValueError, match="3 options"):
        floored({"a": 1.0, "b": 0.0, "c": 0.0}, 0.4)


def test_a_context_without_weights_gets_those_of_any() -> None:
    found = policy(
        weights(formal=0.9, friendly=0.1), weights("refund/zh", formal=0.3, friendly=0.7)
    )
    assert found.at("refund/zh").probabilities["formal"] == 0.3
    assert found.at("refund/en").probabilities["formal"] == 0.9
    with pytest.raises(ValueError, match="other contexts"):
        policy(weights("refund/zh", formal=1.0))


def test_the_policy_of_a_slot_is_found_among_all() -> None:
    ours, other = weights(formal=1.0), Weights("offer", ANY, {"none": 1.0})
    assert policy_of([other, ours], "tone") == policy(ours)
    assert policy_of([other], "tone") is None


def test_what_is_allowed_stays_as_it_is() -> None:
    present = policy(weights(formal=0.95, friendly=0.05), weights("x", formal=0.4, friendly=0.6))
    assert allowed(present, TONE, 0.05) == present


def test_a_new_option_starts_at_the_floor_and_a_gone_one_is_shared_out() -> None:
    present = policy(weights(formal=0.6, curt=0.4))
    assert allowed(present, TONE, 0.05).at(ANY).probabilities == pytest.approx(
        {"formal": 0.95, "friendly": 0.05}
    )
    assert allowed(policy(weights(curt=1.0)), TONE, 0.05) == starting(TONE, 0.05)


def test_the_largest_difference_counts_contexts_that_only_one_knows() -> None:
    one = policy(weights(formal=0.9, friendly=0.1))
    other = policy(weights(formal=0.9, friendly=0.1), weights("x", formal=0.5, friendly=0.5))
    assert furthest(one, one) == 0
    assert furthest(one, other) == pytest.approx(0.4)


def test_a_part_of_the_way_lies_between_in_every_context() -> None:
    one = policy(weights(formal=0.9, friendly=0.1), weights("x", formal=0.8, friendly=0.2))
    other = policy(weights(formal=0.5, friendly=0.5), weights("y", formal=0.1, friendly=0.9))
    half = towards(one, other, 0.5)
    found = {context: half.at(context).probabilities["formal"] for context in (ANY, "x", "y")}
    assert found == pytest.approx({ANY: 0.7, "x": 0.65, "y": 0.5})
