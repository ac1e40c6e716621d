"""The views of a wave's messages: what is known of each customer, and what follows from it.

A view is made once, before the write that makes its message count, and stored with it: whatever
model is promoted later, the same message gets the same view.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from services.personalize.behaviour.model import Prediction as Predicted
from services.personalize.domain.consent import Allowed, allowed
from services.personalize.domain.describing import (
    DIGITS,
    consent_of,
    needs_of,
    outlooks_of,
    summary,
)
from services.personalize.domain.figures import row_of
from services.personalize.domain.handled import Handled
from services.personalize.domain.histories import Past
from services.personalize.domain.ledger import Moment
from services.personalize.domain.offers import Offer, first_of
from services.personalize.domain.plans import Plans, bigger_plans
from services.personalize.domain.population import Population
from services.personalize.domain.recommending import Recommended, Recommender
from services.personalize.domain.segment import segment_of
from services.personalize.domain.view import Influence, PlanOutlook, Prediction, View
from services.personalize.models import Models
from services.personalize.recommender.signals import Signal, past_of

MOST_INFLUENCES = 3
CELLS = 4_000_000
"""Scores computed at once, customers times items: bounds the memory of large catalogues."""


@dataclass(frozen=True)
class Rules:
    """`unsaid` is what counts as agreed to while a customer said nothing; `most_recommendations`
    are told with a ticket; a bigger plan is offered from `plan_probability` on."""

    unsaid: Allowed = field(default_factory=Allowed)
    most_recommendations: int = 3
    plan_probability: float = 0.5


class Enrichment:
    """Makes views by the models and the population of the moment. Blocks; holds no state."""

    def __init__(
        self,
        models: Callable[[], Models],
        population: Callable[[], Population],
        plans: Plans,
        rules: Rules = Rules(),
    ) -> None:
        self._models = models
        self._population = population
        self._plans = plans
        self._rules = rules

    def views(self, moments: Sequence[Moment], now: datetime) -> Mapping[str, View]:
        """By event id. Each model is asked once, for all who allow it."""
        models, population = self._models(), self._population()
        may = [allowed(consent_of(moment), self._rules.unsaid) for moment in moments]
        known = [one for one, may_be in zip(moments, may, strict=True) if may_be.personalization]
        offered = [one for one, may_be in zip(moments, may, strict=True) if may_be.recommendations]
        predictions = _predictions(models, known)
        outlooks = {one.message.event_id: outlooks_of(one, population) for one in known}
        offers = self._offers(models.recommender, offered, outlooks)
        found = {}
        for moment, may_be in zip(moments, may, strict=True):
            key = moment.message.event_id
            view = replace(self.summary(moment), personalized_at=now)
            if may_be.personalization:
                profile, at = moment.profile, moment.message.at
                view = replace(
                    view,
                    segment=segment_of(profile.purchases, at, population.standards),
                    predictions=predictions[key],
                    next_needs=needs_of(moment, population),
                    usage=outlooks[key],
                    recommendations=offers.get(key, ()),
                )
            found[key] = view
        return found

    def summary(self, moment: Moment) -> View:
        """What follows from profile and message alone, whatever models there are."""
        return summary(moment, self._rules.unsaid)

    def _offers(
        self,
        recommender: Recommender | None,
        moments: Sequence[Moment],
        outlooks: Mapping[str, Sequence[PlanOutlook]],
    ) -> dict[str, tuple[Offer, ...]]:
        """Plans first: they are about what will go wrong."""
        most = self._rules.most_recommendations
        recommended = _recommended(recommender, moments, most)
        found = {}
        for moment, items in zip(moments, recommended, strict=True):
            message = moment.message
            plans = bigger_plans(
                self._plans,
                outlooks[message.event_id],
                self._rules.plan_probability,
                message.language,
            )
            found[message.event_id] = first_of([*plans, *items], most)
        return found


def _predictions(models: Models, moments: Sequence[Moment]) -> dict[str, tuple[Prediction, ...]]:
    rows = [row_of(moment.profile, moment.message) for moment in moments]
    told = [
        [
            _prediction(model.target, model.positive, one, f"{name}@{version}")
            for one in model.predict(rows)
        ]
        for name, (version, model) in sorted(models.behaviours.items())
    ]
    return {
        moment.message.event_id: tuple(of_model[place] for of_model in told)
        for place, moment in enumerate(moments)
    }


def _prediction(target: str, positive: str, found: Predicted, version: str) -> Prediction:
    strongest = tuple(
        Influence(one.column, round(one.log_odds, DIGITS))
        for one in found.influences[:MOST_INFLUENCES]
    )
    probability = round(found.probability, DIGITS)
    return Prediction(target, positive, probability, found.cold, strongest, version)


def _recommended(
    recommender: Recommender | None, moments: Sequence[Moment], most: int
) -> list[list[Offer]]:
    """For each of them the items that go with what they did, in their order."""
    if recommender is None or not most:
        return [[] for _ in moments]
    customers = [_past(moment.profile.handled) for moment in moments]
    portion = max(1, CELLS // max(1, len(recommender.catalogue.items)))
    return [
        [_offer(recommender, one) for one in found]
        for start in range(0, len(customers), portion)
        for found in recommender.recommend(customers[start : start + portion], most)
    ]


def _past(handled: Sequence[Handled]) -> list[Past]:
    return past_of(Signal(one.item, one.kind, one.stars) for one in handled)


def _offer(recommender: Recommender, found: Recommended) -> Offer:
    because = found.reason.because
    catalogue = recommender.catalogue
    title = None if because is None else catalogue.titles[catalogue.numbers[because]]
    return Offer(found.item, found.title, found.reason.code, title)
