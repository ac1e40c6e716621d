"""How good usage forecasts are: made at several points of the past, and held against what came."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from services.personalize.behaviour.schema import Floats
from services.personalize.domain.forecasting import WEEK, forecast, seasonal_naive
from services.personalize.domain.usage import ENOUGH_DAYS

Forecaster = Callable[[Floats, int], Floats]


@dataclass(frozen=True)
class Backtest:
    """Mean errors of forecasts, in units of what repeating the week before was off in the past.

    mase: of the absolute error (Hyndman and Koehler 2006); rmsse: of the root of the squared one
    (Makridakis et al. 2022). The naive ones are those of the last week over again. forecasts: how
    many were made.
    """

    mase: float
    rmsse: float
    naive_mase: float
    naive_rmsse: float
    forecasts: int


def own_forecast(days: Floats, horizon: int) -> Floats:
    """The forecast that is served."""
    return forecast(days, horizon).days


def backtest(
    series: Iterable[Floats],
    horizon: int,
    forecaster: Forecaster = own_forecast,
    every: int = WEEK,
) -> Backtest | None:
    """Forecasts of `horizon` days from every few days on, each from what came before alone.

    series: daily amounts of one customer each. Where the past repeats itself exactly there is no
    unit, and nothing is judged. None if nothing could be.
    """
    rows = [
        (*_errors(forecaster, past, after), *_errors(seasonal_naive, past, after))
        for days in series
        for past, after in _origins(days, horizon, every)
    ]
    if not rows:
        return None
    mase, rmsse, naive_mase, naive_rmsse = np.mean(rows, axis=0).tolist()
    return Backtest(mase, rmsse, naive_mase, naive_rmsse, len(rows))


def _origins(days: Floats, horizon: int, every: int) -> Iterable[tuple[Floats, Floats]]:
    for end in range(ENOUGH_DAYS, len(days) - horizon + 1, every):
        past = days[:end]
        if not np.array_equal(past[WEEK:], past[:-WEEK]):
            yield past, days[end : end + horizon]


def _errors(forecaster: Forecaster, past: Floats, after: Floats) -> tuple[float, float]:
    """Scaled absolute and squared error."""
    missed = after - forecaster(past, len(after))
    usual = past[WEEK:] - past[:-WEEK]
    absolute = float(np.abs(missed).mean() / np.abs(usual).mean())
    return absolute, float(np.sqrt((missed**2).mean() / (usual**2).mean()))
