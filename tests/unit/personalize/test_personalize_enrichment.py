"""What a ticket is told: everything of who agrees, nothing that consent forbids."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from services.personalize.behaviour.model import BehaviourModel, Prediction
from services.personalize.domain.consent import Allowed
from services.personalize.domain.histories import Past
from services.personalize.domain.next_need import Transitions, with_transition
from services.personalize.domain.population import Population
from services.personalize.domain.recommending import Recommended, Recommender
from services.personalize.domain.usage import Prior
from services.personalize.enrichment import Rules
from services.personalize.models import Models
from shared.events import Consent, CustomerView
from tests.unit.personalize.kit import (
    AGREES,
    DAY,
    FRIENDLY,
    NOON,
    Counted,
    MemoryProfiles,
    churn,
    interaction,
    message,
    personalized,
    process,
    recommender,
    served,
    usage,
    view,
)

OFFERS = Rules(Allowed(personalization=True, recommendations=True))


def following(**counts: int) -> Population:
    """After an order_status came these intents so often."""
    table = Transitions()
    for intent, count in counts.items():
        for _ in range(count):
            table = with_transition(table, "order_status", intent)
    return Population(100, transitions=table)


async def told(
    *interactions: object, models: Models | None = None, rules: Rules = OFFERS, **ticket: object
) -> CustomerView:
    """What the ticket of a customer who did that is told."""
    handler = process(MemoryProfiles(), lambda: models or served(), following(refund=8), rules)
    await handler.learn(interactions)  # type: ignore[arg-type]
    (event,) = await personalized(handler, message(0, **ticket))  # type: ignore[arg-type]
    return view(event)


async def test_everything_goes_with_the_ticket_of_who_agrees() -> None:
    bought = interaction(5, "purchased", item_id="lamp", value=20.0, order_id="o1")
    found = await told(
        bought,
        rules=Rules(),
        consent=AGREES,
        preferences=FRIENDLY,
        attributes={"tenure": "2"},
    )
    assert found.consent == AGREES
    assert found.preferences == FRIENDLY
    assert (found.orders, found.interactions) == (1, {"purchased": 1})
    assert found.segment is not None
    assert (found.segment.name, found.segment.frequency, found.segment.monetary) == ("new", 1, 20.0)
    (prediction,) = found.predictions
    assert (prediction.target, prediction.positive, prediction.cold) == ("Churn", "Yes", False)
    assert prediction.probability == pytest.approx(0.924, abs=0.001)
    assert prediction.influences[0].column == "tenure"
    assert prediction.model_version == "behaviour-churn@1"
    assert found.next_needs is not None
    assert (found.next_needs.ranked[0].label, found.next_needs.cold) == ("refund", False)
    first, *others = found.recommendations
    assert (first.item_id, first.title, first.reason) == ("bulb", "Bulb", "bought_together")
    assert first.because == "Lamp"
    assert {one.reason for one in others} == {"popular"}
    assert not {"lamp", "sold out"} & {one.item_id for one in found.recommendations}
    assert (found.manner.tone, found.manner.brief, found.manner.selling) == ("friendly", True, True)


@pytest.mark.parametrize(
    ("consent", "unsaid", "predicted", "recommended"),
    [
        (Consent(), Allowed(), True, False),
        (Consent(recommendations=True), Allowed(), True, True),
        (Consent(recommendations=False), OFFERS.unsaid, True, False),
        (Consent(personalization=False), OFFERS.unsaid, False, False),
        (Consent(personalization=False, recommendations=True), Allowed(), False, False),
        (Consent(), Allowed(False, True), False, False),
    ],
)
async def test_nothing_goes_that_consent_forbids(
    consent: Consent, unsaid: Allowed, predicted: bool, recommended: bool
) -> None:
    found = await told(
        *usage(6.0, 16),
        interaction(5, "purchased", item_id="lamp"),
        rules=Rules(unsaid),
        consent=consent,
        attributes={"tenure": "2"},
    )
    predictions = (found.segment, found.next_needs, found.predictions, found.usage)
    assert [bool(one) for one in predictions] == [predicted] * 4
    assert bool(found.recommendations) == recommended
    assert found.manner.selling == recommended
    # What happened is no prediction.
    assert (found.known, found.orders) == (True, 1)


async def test_a_no_of_an_earlier_message_holds_for_the_next() -> None:
    handler = process(MemoryProfiles(), served, rules=OFFERS)
    await personalized(handler, message(0, consent=Consent(personalization=False)))
    (event,) = await personalized(handler, message(1))
    assert view(event).consent.personalization is False
    assert (view(event).segment, view(event).recommendations) == (None, ())
    await personalized(handler, message(2, consent=AGREES))
    (event,) = await personalized(handler, message(3))
    assert view(event).segment is not None


async def test_of_a_cold_customer_everything_says_so() -> None:
    found = await told(models=served(), intent="never seen")
    assert not found.known
    assert found.predictions[0].cold
    assert found.predictions[0].probability == 0.25
    assert found.next_needs is not None
    assert (found.next_needs.cold, found.next_needs.ranked[0].label) == (True, "refund")
    assert {one.reason for one in found.recommendations} == {"popular"}
    assert found.segment is not None
    assert (found.segment.name, found.segment.recency_days) == ("new", None)


async def test_a_cold_outlook_is_others_usage_and_offers_no_plan() -> None:
    population = Population(10, priors={"S": Prior(10, 90.0, 900.0)})
    handler = process(MemoryProfiles(), Models, population, OFFERS)
    await handler.learn(usage(0.1, 3))
    (event,) = await personalized(handler, message(0))
    (outlook,) = view(event).usage
    assert outlook.cold
    assert outlook.probability > 0.5
    assert view(event).recommendations == ()


async def test_who_will_exceed_their_plan_is_offered_the_next_one_first() -> None:
    found = await told(*usage(6.0, 16), interaction(5, "purchased", item_id="lamp"))
    (outlook,) = found.usage
    assert (outlook.plan, outlook.allowance, outlook.cold) == ("S", 100.0, False)
    assert outlook.used == pytest.approx(96.0)
    assert outlook.probability > 0.9
    assert outlook.lead_days is not None
    assert 0 < outlook.lead_days < 2
    assert outlook.exceeds_at is not None
    assert NOON < outlook.exceeds_at < outlook.period_end
    plan, item, *_ = found.recommendations
    assert (plan.item_id, plan.title, plan.reason, plan.because) == (
        "M",
        "Plan M",
        "exceeds_plan",
        "Plan S",
    )
    assert item.item_id == "bulb"


async def test_plans_are_offered_without_any_recommender_but_not_without_need() -> None:
    needed = await told(*usage(6.0, 16), models=Models())
    assert [one.item_id for one in needed.recommendations] == ["M"]
    enough = await told(*usage(1.0, 16), models=Models())
    assert enough.usage[0].probability < 0.1
    assert enough.recommendations == ()


async def test_the_probability_from_which_a_plan_is_offered_can_be_set() -> None:
    once = interaction(1, "used", item_id="S", value=9.0, occurred_at=NOON - 5 * DAY)
    uneven = [*usage(3.0, 16), once]
    found = await told(*uneven, models=Models())
    probability = found.usage[0].probability
    assert 0.5 < probability < 0.99
    assert len(found.recommendations) == 1
    strict = replace(OFFERS, plan_probability=probability + 0.005)
    assert (await told(*uneven, models=Models(), rules=strict)).recommendations == ()


async def test_no_more_is_recommended_than_is_set() -> None:
    found = await told(*usage(6.0, 16), rules=replace(OFFERS, most_recommendations=2))
    assert len(found.recommendations) == 2
    assert (await told(rules=replace(OFFERS, most_recommendations=0))).recommendations == ()


async def test_a_returned_item_is_neither_owned_news_nor_a_reason() -> None:
    found = await told(
        interaction(9, "purchased", item_id="lamp"), interaction(5, "returned", item_id="lamp")
    )
    assert {one.reason for one in found.recommendations} == {"popular"}
    assert "lamp" not in {one.item_id for one in found.recommendations}


async def test_the_figures_of_the_profile_stand_in_for_what_was_not_told() -> None:
    model = served().behaviours["behaviour-churn"][1]
    column = replace(model.schema.columns[0], name="tickets")
    counting = replace(model, schema=replace(model.schema, columns=(column,)))
    models = Models(None, {"behaviour-churn": ("1", counting)})
    handler = process(MemoryProfiles(), lambda: models)
    events = [message(n) for n in range(3)]
    found = [view((await personalized(handler, one))[0]).predictions[0] for one in events]
    assert not any(one.cold for one in found)
    assert found[0].probability > found[1].probability > found[2].probability
    (event,) = await personalized(handler, message(9, attributes={"tickets": "12"}))
    assert view(event).predictions[0].probability == 0.5


async def test_an_angry_customer_in_the_middle_of_trouble_is_sold_nothing() -> None:
    handler = process(MemoryProfiles(), served, rules=OFFERS)
    (angry,) = await personalized(handler, message(0, sentiment="very_negative"))
    assert (view(angry).manner.empathy_first, view(angry).manner.selling) == (True, False)
    (calm,) = await personalized(handler, message(1, "c2", intent="delivery_problem"))
    assert not view(calm).manner.selling
    (other,) = await personalized(handler, message(2, "c2", intent="product_info"))
    assert view(other).open_tickets == 1
    assert not view(other).manner.selling
    (third,) = await personalized(handler, message(3, "c3", intent="product_info"))
    assert view(third).manner.selling


class Batches:
    """Remembers how many customers each call was about."""

    def __init__(self, of: Recommender) -> None:
        self._of = of
        self.sizes: list[int] = []
        self.catalogue = of.catalogue

    def recommend(self, customers: list[list[Past]], most: int) -> list[tuple[Recommended, ...]]:
        self.sizes.append(len(customers))
        return self._of.recommend(customers, most)


class Rows:
    """Remembers how many customers each call was about."""

    target, positive = "Churn", "Yes"

    def __init__(self, of: BehaviourModel) -> None:
        self._of = of
        self.sizes: list[int] = []

    def predict(self, rows: Sequence[Mapping[str, object]]) -> list[Prediction]:
        self.sizes.append(len(rows))
        return self._of.predict(rows)


async def test_one_read_one_write_and_one_call_of_each_model_serve_a_wave() -> None:
    """And no model is asked about who does not want it."""
    batches, rows = Batches(recommender()), Rows(churn())
    models = Models(batches, {"behaviour-churn": ("1", rows)})  # type: ignore[arg-type, dict-item]
    store = Counted(MemoryProfiles())
    handler = process(store, lambda: models, rules=OFFERS)
    wave = [message(n, f"c{n % 40}") for n in range(100)]
    wave[7] = message(7, "c7", consent=Consent(recommendations=False))
    wave[8] = message(8, "c8", consent=Consent(personalization=False))
    await personalized(handler, *wave)
    assert store.calls == {"load": 1, "save": 1}
    # Three messages each are of these two customers.
    assert (batches.sizes, rows.sizes) == ([94], [97])
    store.calls.clear()
    await personalized(handler, *wave)
    assert store.calls == {"load": 1}
    assert (batches.sizes, rows.sizes) == ([94], [97])


async def test_large_catalogues_are_scored_in_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    batches = Batches(recommender())
    models = Models(batches)  # type: ignore[arg-type]
    handler = process(MemoryProfiles(), lambda: models, rules=OFFERS)
    monkeypatch.setattr("services.personalize.enrichment.CELLS", 20)
    events = await personalized(handler, *[message(n, f"c{n}") for n in range(10)])
    assert batches.sizes == [4, 4, 2]
    assert all(len(view(event).recommendations) == 3 for event in events)


def fields(found: CustomerView) -> Mapping[str, object]:
    return found.model_dump(exclude={"personalized_at"}, exclude_defaults=True)


async def test_of_somebody_without_an_id_only_the_message_speaks() -> None:
    handler = process(MemoryProfiles(), served, rules=OFFERS)
    stranger = message(0, None, sentiment="negative", preferences=FRIENDLY)
    (event,) = await personalized(handler, stranger)
    assert fields(view(event)) == {
        "preferences": {"tone": "friendly", "length": "brief"},
        "manner": {"tone": "friendly", "brief": True, "empathy_first": True},
    }
    assert view(event).personalized_at == stranger.time


async def test_figures_are_as_of_the_message_not_of_when_it_was_read() -> None:
    bought = interaction(0, "purchased", item_id="lamp", occurred_at=NOON - 10 * DAY)
    found = await told(bought)
    assert found.segment is not None
    assert found.segment.recency_days == 10.0
    assert found.personalized_at > NOON + timedelta(hours=1)
