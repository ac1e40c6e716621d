"""Usage forecasts against repeating the last week, on made-up customers of many kinds."""

import numpy as np
import pytest

from services.personalize.behaviour.backtest import backtest
from services.personalize.domain.forecasting import seasonal_naive
from tests.unit.personalize.test_usage import KINDS, made


def test_the_errors_are_those_computed_by_hand() -> None:
    # The unit is 1: each day is one more or less than a week before. All coming days are 2 off.
    days = np.array([0.0] * 7 + [1.0] * 7 + [3.0] * 7)
    found = backtest([days], 7, lambda past, horizon: np.full(horizon, 1.0))
    assert found is not None
    assert (found.mase, found.rmsse, found.forecasts) == (2.0, 2.0, 1)
    assert (found.naive_mase, found.naive_rmsse) == (2.0, 2.0)


def test_the_naive_forecast_is_as_good_as_itself() -> None:
    found = backtest([made("weekly", np.random.default_rng(0))], 14, seasonal_naive)
    assert found is not None
    assert (found.mase, found.rmsse) == (found.naive_mase, found.naive_rmsse)


@pytest.mark.parametrize("days", [np.zeros(10), np.ones(60)])
def test_what_is_too_short_or_repeats_itself_is_not_judged(days: np.ndarray) -> None:
    assert backtest([days], 7) is None


def test_a_forecast_is_never_worse_than_the_last_week_over_again() -> None:
    ratios = []
    for kind in KINDS:
        found = backtest([made(kind, np.random.default_rng(seed)) for seed in range(3)], 28)
        assert found is not None
        assert found.rmsse <= 1.02 * found.naive_rmsse, kind
        assert found.mase <= 1.02 * found.naive_mase, kind
        ratios.append(found.rmsse / found.naive_rmsse)
    assert np.mean(ratios) < 0.95
