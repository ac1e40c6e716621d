"""Who writes on a day, and what about."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache

from deploy.simulation.people import Customer, Ticket
from deploy.simulation.wishes import Corpus, Wish, varied

CUSTOMERS = 4_000
"""Each writes once before anybody writes twice."""
SERVED = ("card_problem", "account_change", "payment_problem", "transfer")
"""What this company's customers want."""
FOR_PEOPLE = ("complaint", "human_agent", "praise_feedback", "out_of_scope")
"""What customers of all companies write besides."""
ASKED = 0.9
"""Share of messages that ask for what is served."""
ANSWERED = 0.9
"""Of these, the share of questions that the knowledge base has an answer to."""
HOSTILE = 0.05
"""Share of customers who turn hostile, when some do."""


@dataclass(eq=False)
class Population:
    """Draws tickets; the same seed draws the same ones. `new` is the wish nobody has at first."""

    corpus: Corpus
    new: str
    seed: int
    written: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)
        self._shelf = cache(self._wishes)

    @property
    def intents(self) -> list[str]:
        """All true wishes."""
        return sorted({*SERVED, *FOR_PEOPLE, self.new})

    def day(
        self,
        messages: int,
        *,
        new: float = 0.0,
        hostile: bool = False,
        said: Callable[[Wish], Wish] = lambda wish: wish,
        half: int | None = None,
    ) -> list[Ticket]:
        """So many tickets: a share `new` of them with the new wish, in words changed by `said`;
        with or without hostile customers. Of all that is ever written only one `half`, 0 or 1:
        so that what is learned of one can be examined by the other."""
        return [self._ticket(new, hostile, said, half) for _ in range(messages)]

    def _ticket(
        self, new: float, hostile: bool, said: Callable[[Wish], Wish], half: int | None
    ) -> Ticket:
        wish = said(varied(self._wish(new, half), self._chance))
        number = self.written
        self.written += 1
        customer = customer_of(f"customer-{number % CUSTOMERS}", hostile)
        return Ticket(f"S{self.seed}-{number}", customer, wish)

    def _wish(self, new: float, half: int | None) -> Wish:
        chance = self._chance
        if chance.random() < new:
            return chance.choice(self._shelf(self.new, None, half))
        if chance.random() < ASKED:
            intent, answered = chance.choice(SERVED), chance.random() < ANSWERED
            return chance.choice(self._shelf(intent, answered, half))
        return chance.choice(self._shelf(chance.choice(FOR_PEOPLE), None, half))

    def _wishes(self, intent: str, answered: bool | None, half: int | None) -> Sequence[Wish]:
        return [
            wish
            for wish in self.corpus.of(intent)
            if answered in (None, wish.is_answered) and half in (None, _half_of(wish))
        ]


def _half_of(wish: Wish) -> int:
    return random.Random(wish.text).randrange(2)


def customer_of(customer_id: str, hostile: bool) -> Customer:
    """The customer as they always are; some turn hostile when `hostile` says that some do."""
    nature = random.Random(customer_id)
    patience = nature.uniform(0.1, 0.5)
    return Customer(customer_id, patience, hostile and nature.random() < HOSTILE)
