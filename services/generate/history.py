"""Where tickets stand: read from what was responded, done and released before."""

import asyncio
from collections.abc import Mapping, Sequence

from services.generate.domain.standing import HANDED_OVER, Standing
from services.generate.ports import Releases, Responses, Steps
from shared.events import Ticket


class History:
    """Looks up follow-ups only: the first message of a ticket has no past."""

    def __init__(self, responses: Responses, releases: Releases, steps: Steps) -> None:
        self._responses = responses
        self._releases = releases
        self._steps = steps

    async def standings(self, tickets: Sequence[Ticket]) -> Mapping[str, Standing]:
        """By ticket id, for those that have a past. Raises TemporaryError."""
        turns = {ticket.ticket_id: ticket.turn for ticket in tickets if ticket.turn > 1}
        if not turns:
            return {}
        last, released, steps = await asyncio.gather(
            self._responses.last_before(turns),
            self._releases.of(list(turns)),
            self._steps.before(turns),
        )
        standings = {}
        for ticket_id in turns:
            response = last.get(ticket_id)
            handed_over = (
                response is not None
                and response.event.data.decision in HANDED_OVER
                and response.turn > released.get(ticket_id, 0)
            )
            standings[ticket_id] = Standing(handed_over, tuple(steps.get(ticket_id, ())))
        return standings
