"""An incoming message, read: what is stored of it and what goes on to classify."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.ingest import record
from services.ingest.domain import cleaning
from services.ingest.domain.personal import Kind
from services.ingest.domain.reading import LONGEST_FIELD, File, Message, Read, Rules, read, scrubbed
from services.ingest.domain.threads import LONGEST_SAID, Said, Thread
from services.ingest.incoming import Incoming
from services.ingest.keys import Keys
from services.ingest.ports import Accepted, AttachmentText, ThreadChange
from services.ingest.record import SOURCE
from shared.envelope import Event, new_event
from shared.events import (
    CUSTOMER_ID,
    AttachmentRead,
    Customer,
    Identity,
    Payload,
    Ticket,
    TicketAccepted,
    TicketReceived,
    Turn,
)


@dataclass(frozen=True, slots=True)
class Taken:
    """What is to be stored of a message, and the event that goes on when it is."""

    change: ThreadChange
    accepted: Accepted
    event: Event[Payload]


class Reader:
    """Reads messages by the rules; `keys` seal and name what is personal."""

    def __init__(self, keys: Keys, rules: Rules) -> None:
        self._keys = keys
        self._rules = rules

    def read(
        self,
        item: Incoming,
        files: Sequence[AttachmentText],
        thread: Thread | None,
        now: datetime,
    ) -> Taken:
        """`files` are what its first attachments say, `thread` is its ticket as it is stored."""
        data = item.event.data
        readings = _one_each(files, data)
        before = thread or Thread()
        result = read(
            _message(data, readings),
            before,
            self._rules,
            fingerprint=lambda written: self._keys.original(data.ticket_id, written),
            now=now,
        )
        text = cleaning.cut(result.text, LONGEST_SAID).text
        said = Said(before.turn_of(item.key), text, result.created_at)
        after = before.with_message(item.key, result.language, result.placeholders, said)
        ticket = self._ticket(item, result, readings, before, now)
        event = new_event(
            TicketAccepted(ticket=ticket),
            cause=item.key,
            source=SOURCE,
            now=now,
            traceparent=item.event.traceparent,
        )
        accepted = Accepted(
            item.key,
            data.ticket_id,
            item.content,
            item.place,
            record.written(event),
            now,
            self._whole(data, result),
            item.customer_key,
        )
        return Taken(ThreadChange(data.ticket_id, thread, after), accepted, event)

    def _ticket(
        self,
        item: Incoming,
        result: Read,
        readings: Sequence[AttachmentText],
        before: Thread,
        now: datetime,
    ) -> Ticket:
        data = item.event.data
        turn = before.turn_of(item.key)
        attachments = zip(data.attachments, result.files, readings, strict=True)
        return Ticket(
            ticket_id=data.ticket_id,
            message_id=item.message_id,
            turn=turn,
            source=self._label(data.source),
            channel=self._label(data.channel),
            subject=result.subject,
            text=result.text,
            language=result.language,
            language_confidence=result.language_confidence,
            languages=dict(result.languages),
            quoted=result.quoted,
            signature=result.signature,
            words=result.words,
            history=tuple(
                Turn(turn=past.turn, text=past.text, created_at=past.created_at)
                for past in before.before(turn)
            ),
            customer_key=item.customer_key,
            sealed=self._keys.seal(self._originals(data, result), data.ticket_id),
            created_at=result.created_at,
            received_at=now,
            attachments=tuple(
                AttachmentRead(
                    url=file.url, media_type=given.media_type, status=read.status, text=file.text
                )
                for given, file, read in attachments
            ),
            flags=result.flags,
            metadata=result.metadata,
            identity=_identity(data.customer),
            consent=data.customer.consent,
            preferences=data.customer.preferences,
            attributes=result.attributes,
        )

    def _originals(self, data: TicketReceived, result: Read) -> dict[str, str]:
        """What is sealed: whoever acts for the customer has to know who that is."""
        if data.customer.customer_id is None:
            return result.originals
        return {**result.originals, CUSTOMER_ID: data.customer.customer_id}

    def _whole(self, data: TicketReceived, result: Read) -> str | None:
        """The sealed body where the event has not all of it."""
        if "body_truncated" not in result.flags:
            return None
        return self._keys.seal({"body": data.body}, data.ticket_id)

    def _label(self, text: str) -> str:
        line = cleaning.clean_line(text, LONGEST_FIELD).text
        return scrubbed(line, self._rules) or "unknown"


def _identity(customer: Customer) -> Identity:
    """As the ticket system says; if it does not, an id or an address is a claim."""
    claimed = customer.customer_id is not None or bool(customer.email)
    return customer.identity or ("claimed" if claimed else "unknown")


def _one_each(files: Sequence[AttachmentText], data: TicketReceived) -> list[AttachmentText]:
    """A reading for every attachment; the last ones may not have been tried."""
    untried = AttachmentText("not_read")
    return [*files, *[untried] * (len(data.attachments) - len(files))]


def _message(data: TicketReceived, readings: Sequence[AttachmentText]) -> Message:
    """The message as the domain sees it."""
    customer = data.customer
    own: dict[Kind, str] = {
        "NAME": customer.name or "",
        "EMAIL": customer.email or "",
        "PHONE": customer.phone or "",
    }
    return Message(
        subject=data.subject,
        body=data.body,
        own=own,
        language=data.language,
        created_at=data.created_at,
        files=tuple(
            File(attachment.url, read.text)
            for attachment, read in zip(data.attachments, readings, strict=True)
        ),
        metadata=data.metadata,
        attributes=customer.attributes,
    )
