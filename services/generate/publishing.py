"""A stored response as it is published: ready to send on `responses`, and on `feedback` with its
placeholders and what was asked, both with the same id."""

from services.generate.domain import composer
from services.generate.domain.actions.filling import PLACEHOLDER
from services.generate.domain.actions.wording import revealed
from services.generate.domain.names import usable_name
from services.generate.domain.phrases import NAME
from services.generate.ports import Kept
from services.generate.seals import Seals
from shared.envelope import Event
from shared.outcome import DONE, Outcome, Outgoing
from shared.topics import FEEDBACK, RESPONSES


def published(kept: Kept, seals: Seals) -> Outcome:
    """Both events; none where the customer was erased."""
    if kept.erased:
        return DONE
    stored = kept.event
    originals = seals.opened(kept.seals, stored.data.ticket_id)
    ready = stored.data.model_copy(update={"text": _filled(kept, originals), "asked": None})
    sent = Event(stored.id, stored.source, stored.time, stored.traceparent, ready)
    return Outcome(publish=(Outgoing(RESPONSES, sent), Outgoing(FEEDBACK, stored)))


def _filled(kept: Kept, originals: dict[str, str]) -> str:
    """The text as people read it. An agent's own text gets back all that was taken out of it; of
    ours only the greeting and what is said of an action: an entry may show placeholders."""
    data = kept.event.data
    if data.written_by == "agent":
        return PLACEHOLDER.sub(lambda match: originals.get(match[0], match[0]), data.text)
    text = composer.with_name(data.text, usable_name(originals.get(NAME)))
    return revealed(text, originals) if data.action is not None else text
