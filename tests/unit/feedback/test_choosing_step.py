"""The periodic step: learns from older choices, judges by newer ones, and publishes what passed."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from services.feedback.domain.choosing.gate import Reason
from services.feedback.domain.choosing.sample import Logged
from services.feedback.domain.choosing.weights import ANY, Slot, Weights, chosen, starting
from services.feedback.policy.choices import Choosing, Learning, Publication

TONE = Slot("tone", ("formal", "friendly"))
OFFER = Slot("offer", ("none", "one"))
TRUTH = {"formal": 0.5, "friendly": 0.8, "none": 0.6, "one": 0.2}
EVEN = {"formal": 0.5, "friendly": 0.5}


class Desk:
    """Logs and weights in force, kept in memory as a database would keep them."""

    def __init__(self, weights: Sequence[Weights] = (), logs: Sequence[Logged] = ()) -> None:
        self.in_force = tuple(weights)
        self.all = list(logs)

    async def logged(self, slot: str) -> Sequence[Logged]:
        return [one for one in self.all if one.slot == slot]

    async def weights(self) -> Sequence[Weights]:
        return self.in_force

    def step(self, *slots: Slot, learning: Learning | None = None, seed: int = 0) -> Publication:
        step = Choosing(self, self, slots or (TONE,), learning or Learning(), seed=seed)
        return asyncio.run(step.run_once())


def days(weights: Weights, count: int, each: int = 100, first: int = 0) -> list[Logged]:
    rng = np.random.default_rng([first, count])
    found = []
    for day in range(first, first + count):
        for draw, luck in rng.random((each, 2)):
            option, propensity = chosen(weights, float(draw))
            reward = float(luck < TRUTH[option])
            found.append(Logged(weights.slot, "refund/zh", option, propensity, reward, day))
    return found


def even(context: str = ANY) -> Weights:
    return Weights("tone", context, EVEN)


def test_the_first_time_the_usual_option_is_published_with_the_others_at_the_floor() -> None:
    publication = Desk().step(TONE, OFFER)
    assert publication.changed
    assert [one.change for one in publication.decisions] == ["started", "started"]
    assert publication.weights == (*starting(TONE, 0.05).weights, *starting(OFFER, 0.05).weights)


def test_with_nothing_logged_all_stays() -> None:
    publication = Desk([even()]).step()
    assert not publication.changed
    assert publication.weights == (even(),)


def test_what_does_better_is_taken_more_often() -> None:
    publication = Desk([even()], days(even(), 12)).step()
    (decision,) = publication.decisions
    assert decision.change == "learned"
    assert decision.judgement is not None and decision.judgement.reason == Reason.BETTER
    assert decision.policy.at("refund/zh").probabilities["friendly"] > 0.9


def test_once_in_force_the_same_choices_give_nothing_new() -> None:
    desk = Desk([even()], days(even(), 12))
    first = desk.step()
    assert first == desk.step()
    desk.in_force = first.weights
    again = desk.step()
    assert not again.changed
    assert again.weights == first.weights


def test_it_is_judged_by_newer_choices_than_it_was_learned_from() -> None:
    """Friendly did well until day 11 and ill from then on: learned from the one, refused by the
    other."""
    older = days(even(), 12)
    newer = [
        replace(one, reward=float(one.option == "formal")) for one in days(even(), 6, first=12)
    ]
    (decision,) = Desk([even()], older + newer).step().decisions
    assert decision.proposed is not None
    assert decision.proposed.at("refund/zh").probabilities["friendly"] > 0.9
    assert decision.judgement is not None and decision.judgement.reason == Reason.WORSE
    assert (decision.change, decision.policy.weights) == ("kept", (even(),))


def test_little_evidence_changes_nothing_and_says_so() -> None:
    publication = Desk([even()], days(even(), 6, each=10)).step()
    (decision,) = publication.decisions
    assert not publication.changed
    assert decision.judgement is not None and decision.judgement.reason == Reason.TOO_FEW


def test_slots_learn_apart() -> None:
    offers = Weights("offer", ANY, {"none": 0.5, "one": 0.5})
    desk = Desk([even(), offers], days(even(), 12) + days(offers, 12))
    both, alone = desk.step(TONE, OFFER), desk.step(OFFER)
    assert [one.change for one in both.decisions] == ["learned", "learned"]
    assert both.decisions[1] == alone.decisions[0]
    assert both.decisions[1].policy.at("refund/zh").probabilities["none"] > 0.9


def test_a_new_option_is_tried_at_the_floor_before_it_can_be_judged() -> None:
    wider = Slot("tone", ("formal", "friendly", "brief"))
    publication = Desk([even()], days(even(), 12)).step(wider)
    (decision,) = publication.decisions
    assert decision.change == "options"
    assert decision.policy.at(ANY).probabilities == pytest.approx(
        {"formal": 0.475, "friendly": 0.475, "brief": 0.05}
    )


def test_choices_from_before_an_option_had_a_chance_are_left_out() -> None:
    """Else the present policy would be judged by what it could not do then."""
    only_formal = [Logged("tone", "refund/zh", "formal", 1.0, 0.0, day) for day in range(500)]
    (decision,) = Desk([even()], only_formal + days(even(), 12, first=500)).step().decisions
    assert decision.judgement is not None
    # Eleven of the twelve days, a third of them judged: the first one completes the options.
    assert decision.judgement.support.choices == 400
    assert decision.change == "learned"


def test_one_wrong_propensity_stops_the_learning_of_its_slot() -> None:
    wrong = Logged("tone", "refund/zh", "formal", 0.0, 1.0, 0)
    (decision,) = Desk([even()], [wrong, *days(even(), 12)]).step().decisions
    assert decision.change == "kept"
    assert decision.judgement is not None
    assert decision.judgement.reason == Reason.NO_PROPENSITY
    assert decision.judgement.support.impossible == 1


def test_where_evidence_does_not_reach_all_the_way_a_part_of_it_is_taken() -> None:
    """Of 20 choices one was friendly: too few for going over to it, enough for leaning to it."""
    (careful,) = starting(TONE, 0.05).weights
    (decision,) = Desk([careful], days(careful, 30)).step().decisions
    assert decision.change == "learned"
    assert 0.1 < decision.policy.at("refund/zh").probabilities["friendly"] < 0.6


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_both_learning_and_judging_need_choices(share: float) -> None:
    with pytest.raises(ValueError, match="judge by"):
        Learning(judged=share)


def test_over_time_it_comes_near_the_best_that_the_floor_allows() -> None:
    """From the careful start on, with its own choices alone, a step a day."""
    desk = Desk(starting(TONE, 0.05).weights)
    for day in range(25):
        desk.in_force = desk.step(seed=day).weights
        policy = {one.context: one for one in desk.in_force}
        desk.all += days(policy.get("refund/zh", policy[ANY]), 1, first=day)
    final = {one.context: one for one in desk.in_force}["refund/zh"].probabilities
    assert final["friendly"] > 0.9
