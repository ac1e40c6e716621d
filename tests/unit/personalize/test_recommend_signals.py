"""One rule of what events say, for a single customer and for a whole log alike."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.personalize.domain.histories import Past
from services.personalize.recommender.log import Log, ordered
from services.personalize.recommender.signals import (
    KINDS,
    LIKED,
    OWNED,
    RATED,
    RETURNED,
    Signal,
    past_of,
    weight_of,
)

ITEMS = ("a", "b", "c")


def test_a_purchase_says_more_than_a_basket_and_that_more_than_a_look() -> None:
    assert weight_of("viewed") < weight_of("carted") < LIKED <= weight_of("purchased")
    assert weight_of(RATED, 5) == 1
    assert weight_of(RATED, 3) >= LIKED > weight_of(RATED, 2.5)
    assert weight_of(RETURNED) == 0
    with pytest.raises(KeyError):
        weight_of("sold")


def test_the_strongest_event_counts_at_the_place_of_the_last() -> None:
    signals = [Signal("a", "purchased"), Signal("b", "carted"), Signal("a", "viewed")]
    assert past_of(signals) == [Past("b", 0.5, owned=False), Past("a", 1.0)]


def test_a_return_takes_back_what_was_before_it_and_no_more() -> None:
    bought = [Signal("a", "purchased"), Signal("a", RETURNED)]
    assert past_of(bought) == [Past("a", 0.0)]
    assert past_of([*bought, Signal("a", "viewed")]) == [Past("a", 0.2)]


@given(
    st.lists(
        st.tuples(st.integers(0, 2), st.sampled_from(ITEMS), st.sampled_from(KINDS)), max_size=30
    )
)
def test_a_log_counts_as_each_of_its_users_does(events: list[tuple[int, str, str]]) -> None:
    log = ordered(
        Log(
            3,
            ITEMS,
            np.array([user for user, _, _ in events], np.int64),
            np.array([ITEMS.index(item) for _, item, _ in events], np.int64),
            np.arange(len(events), dtype=np.float64),
            np.array([weight_of(kind, 4.0) for _, _, kind in events], np.float32),
            np.array([kind in OWNED for _, _, kind in events], np.bool_),
            np.array([weight_of(kind, 4.0) >= LIKED for _, _, kind in events], np.bool_),
            np.array([kind == RETURNED for _, _, kind in events], np.bool_),
        )
    )
    found = log.pairs.histories
    for user in range(3):
        of_user = slice(found.starts[user], found.starts[user + 1])
        expected = past_of(Signal(item, kind, 4.0) for who, item, kind in events if who == user)
        assert [ITEMS[item] for item in found.items[of_user]] == [past.item for past in expected]
        assert found.weights[of_user].tolist() == pytest.approx([p.weight for p in expected])
        assert found.owned[of_user].tolist() == [past.owned for past in expected]
