"""A message on its way through the worker: what came in, what was found, what was decided."""

from dataclasses import dataclass, field

from services.generate.domain.choosing import Choice
from services.generate.domain.decision import Verdict
from services.generate.domain.message import Message
from services.generate.domain.standing import NEW, Standing
from shared import ids
from shared.envelope import Event
from shared.events import TicketPersonalized

Incoming = Event[TicketPersonalized]


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message to respond to and under which id, where its ticket stands, and the originals of its
    placeholders."""

    event: Incoming
    response_id: str
    standing: Standing = NEW
    originals: dict[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Case:
    """An arrival as it was decided, how many encoder passes that cost, how sure the nearest entry
    of the knowledge base is to answer it, and what was left to chance."""

    arrival: Arrival
    message: Message
    verdict: Verdict
    encoder_passes: int
    answerable: float
    choices: tuple[Choice, ...] = ()

    @property
    def event(self) -> Incoming:
        return self.arrival.event

    @property
    def seals(self) -> tuple[str, ...]:
        """Those that hold the originals the reply may need, this message's last."""
        plan = self.verdict.plan
        told = (*plan.arguments.values(),) if plan else ()
        earlier = [
            seal
            for step in self.arrival.standing.earlier
            if plan is not None and step.action == plan.action.name and told
            for seal in step.seals
        ]
        own = self.event.data.ticket.sealed
        return tuple(dict.fromkeys([*earlier, *([own] if own else [])]))


def response_id(data: TicketPersonalized) -> str:
    """One message has one response, whatever event brought it."""
    return ids.derived("response", data.ticket.ticket_id, data.ticket.message_id)
