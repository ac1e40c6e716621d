"""The plans a company sells, and which one to offer to whom theirs will not do."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from services.personalize.domain.offers import Offer
from services.personalize.domain.view import PlanOutlook

EXCEEDS_PLAN = "exceeds_plan"
_ANY = "en"


@dataclass(frozen=True)
class Plan:
    """`titles` by language; `next` is the id of the next bigger plan, None for the biggest."""

    plan_id: str
    titles: Mapping[str, str] = field(default_factory=dict)
    next: str | None = None

    def title(self, language: str) -> str:
        """In the language (a BCP 47 tag), else in English, else in any, else the id."""
        spoken = self.titles.get(language.lower().partition("-")[0])
        return spoken or self.titles.get(_ANY) or next(iter(self.titles.values()), self.plan_id)


Plans = Mapping[str, Plan]


def bigger_plans(
    plans: Plans, outlooks: Iterable[PlanOutlook], least: float, language: str
) -> list[Offer]:
    """The next plan for each one that is exceeded with at least this probability.

    While too little is known of a customer, others' usage is no reason to sell them something: only
    what is used up already is. Nor is a plan offered that they have.
    """
    known = list(outlooks)
    offers: dict[str, Offer] = {}
    for one in known:
        plan = plans.get(one.plan)
        bigger = plans.get(plan.next) if plan and plan.next else None
        if plan is None or bigger is None or bigger.plan_id in {other.plan for other in known}:
            continue
        certain = one.used > one.allowance
        if certain or (not one.cold and one.probability >= least):
            offer = Offer(
                bigger.plan_id, bigger.title(language), EXCEEDS_PLAN, plan.title(language)
            )
            offers.setdefault(offer.item_id, offer)
    return list(offers.values())
