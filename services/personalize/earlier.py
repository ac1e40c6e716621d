"""What the first release stored otherwise: it kept neither times of tickets nor views as text."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from services.personalize.domain.tickets import TicketState
from services.personalize.domain.view import View

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
COUNTS = ("by_intent", "languages", "channels", "interactions")


def tickets_of(ids: Sequence[str]) -> tuple[TicketState, ...]:
    """Tickets that are known to have been; of none is it known that it is open."""
    return tuple(TicketState(LONG_AGO, one, is_open=False, written=True) for one in sorted(ids))


def view_of(document: Mapping[str, Any]) -> View:
    """The view in a document of its own."""
    fields: dict[str, Any] = {
        "personalized_at" if name == "made_at" else name: dict(value) if name in COUNTS else value
        for name, value in document.items()
    }
    return View(**fields)
