"""Matrix factorisation of implicit feedback by alternating least squares."""

from collections.abc import Iterator, Sequence

from implicit.als import AlternatingLeastSquares

from services.personalize.domain.histories import Histories
from services.personalize.domain.recommending import Code, Scorer
from services.personalize.recommender.log import matrix
from services.personalize.recommender.models import Candidate, Settings
from services.personalize.recommender.scorers import Factors

GRID: Sequence[Settings] = (
    {"factors": 32, "regularisation": 0.1, "alpha": 5.0},
    {"factors": 64, "regularisation": 0.1, "alpha": 5.0},
    {"factors": 64, "regularisation": 10.0, "alpha": 10.0},
    {"factors": 128, "regularisation": 30.0, "alpha": 20.0},
)
_ITERATIONS = 15


class Factorisation:
    """Customers and items as vectors whose product tells what was taken (Hu, Koren, Volinsky
    2008)."""

    name = "factors"
    label = "ALS"
    code: Code = "bought_together"
    grid = GRID

    def __init__(self, items: int, seed: int) -> None:
        self._items = items
        self._seed = seed

    def candidates(self, past: Histories) -> Iterator[Candidate]:
        for settings in self.grid:
            yield Candidate(settings, self.fit(past, settings))

    def fit(self, past: Histories, settings: Settings) -> Scorer:
        model = AlternatingLeastSquares(
            factors=int(settings["factors"]),
            regularization=float(settings["regularisation"]),
            alpha=float(settings["alpha"]),
            iterations=_ITERATIONS,
            num_threads=1,
            random_state=self._seed,
        )
        model.fit(matrix(past, past.weights, self._items), show_progress=False)
        return Factors(model.item_factors, float(model.regularization), float(model.alpha))
