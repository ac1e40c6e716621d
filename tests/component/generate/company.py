"""The worker with the company's systems behind it, and messages for it."""

from typing import Any

from services.generate.actions.backoffice import HttpBackOffice
from services.generate.current import Current
from services.generate.domain.actions.catalogue import Catalogue
from shared.envelope import Event, new_event
from shared.events import (
    CUSTOMER_ID,
    CustomerView,
    Entity,
    ResponseGenerated,
    ResponseReviewed,
    TicketPersonalized,
    TicketReleased,
)
from shared.mongo import Mongo
from tests.component.generate.kit import (
    RING,
    handler_over,
    people_over,
    sent,
)
from tests.unit.generate.kit import NOON, ticket_event


class Company:
    """The worker with the company's systems behind it; `faults` may be set."""

    def __init__(
        self, mongo: Mongo, current: Current, catalogue: Catalogue, office: HttpBackOffice, url: str
    ) -> None:
        self.mongo = mongo
        self.catalogue = catalogue
        self.office = office
        self.url = url
        self.handler = handler_over(mongo, current, catalogue=catalogue, back_office=office)
        self.people = people_over(mongo, catalogue=catalogue, back_office=office)

    async def reply(self, event: Event[TicketPersonalized]) -> ResponseGenerated:
        (response,) = sent(await self.handler.respond([event]))
        return response

    async def moved(self) -> list[Any]:
        async with self.office._http().get(f"{self.url}/ledger") as response:
            ledger = await response.json()
        return list(ledger["movements"] if isinstance(ledger, dict) else ledger)


def said(
    text: str,
    intent: str,
    *entities: tuple[str, str, str | None],
    ticket: str = "T-1",
    turn: int = 1,
    customer: str | None = "C-1002",
    originals: dict[str, str] | None = None,
    **more: Any,
) -> Event[TicketPersonalized]:
    """A message of a ticket from a customer who is logged in; entities as (type, written, unit)."""
    sealed = {**({CUSTOMER_ID: customer} if customer else {}), **(originals or {})}
    view = more.pop("view", {})
    event = ticket_event(
        text,
        ticket,
        intent=intent,
        turn=turn,
        message_id=f"m{turn}",
        identity=more.pop("identity", "verified"),
        sealed=RING.seal(sealed, ticket) if sealed else None,
        **more,
    )
    found = tuple(
        Entity(
            type=kind,
            text=written,
            value="".join(filter(str.isalnum, written)) if kind == "order" else written,
            unit=unit,
            start=text.index(written),
            end=text.index(written) + len(written),
        )
        for kind, written, unit in entities
    )
    data = event.data.model_copy(
        update={
            "understanding": event.data.understanding.model_copy(update={"entities": found}),
            "customer": CustomerView(
                personalized_at=event.data.customer.personalized_at, known=True, **view
            ),
        }
    )
    return Event(event.id, event.source, event.time, event.traceparent, data)


def reviewed(
    response: ResponseGenerated, verdict: str, cause: str = "review", **more: Any
) -> Event[Any]:
    data = ResponseReviewed(
        ticket_id=response.ticket_id,
        response_id=response.response_id,
        verdict=verdict,
        occurred_at=NOON,
        **more,
    )
    return new_event(data, cause=cause, source="/careloop/ingest", now=NOON)


def released(ticket: str = "T-1", cause: str = "release") -> Event[Any]:
    data = TicketReleased(ticket_id=ticket, occurred_at=NOON)
    return new_event(data, cause=cause, source="/careloop/ingest", now=NOON)


STATUS = said("Where is my order 20261119-2001?", "order_status", ("order", "20261119-2001", None))
HELD = said(
    "Please transfer 900 GBP to account [ACCOUNT_1]",
    "transfer",
    ("amount", "900", "GBP"),
    originals={"[ACCOUNT_1]": "GB94BARC10201530093459"},
)
SMALL = said(
    "Please transfer 100 GBP to account [ACCOUNT_1]",
    "transfer",
    ("amount", "100", "GBP"),
    originals={"[ACCOUNT_1]": "GB94BARC10201530093459"},
)
