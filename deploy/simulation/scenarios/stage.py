"""What all scenarios are played on."""

from collections.abc import Callable
from dataclasses import dataclass

from deploy.simulation.models import Models
from deploy.simulation.population import Population
from deploy.simulation.town import Town
from deploy.system import System
from services.feedback.domain.policy import Promise


@dataclass(frozen=True)
class Stage:
    """The system, its customers, and the promise in force; `messages` a day."""

    system: System
    town: Town
    population: Population
    models: Models
    promise: Promise
    messages: int
    say: Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table: what happened, what was wanted of it, what came, and whether that was
    reached."""

    number: int
    name: str
    happened: str
    wanted: str
    came: str
    reached: bool
