"""Products and queues whose customers have to write again."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from services.feedback.domain.insight.limits import Limits
from services.feedback.domain.insight.message import Message, customers, in_order
from services.feedback.domain.insight.periods import Periods
from services.feedback.domain.insight.rates import adjusted, larger_share
from services.feedback.domain.quality import Share

Kind = Literal["product", "queue"]
LEAST_CUSTOMERS = 3
"""One customer who writes every day is no sign of a bad product."""


@dataclass(frozen=True, slots=True)
class Contact:
    """A ticket's first message, and the first one of another ticket that repeats it, if any."""

    message: Message
    again: Message | None


@dataclass(frozen=True, slots=True)
class Cause:
    """A product or queue with significantly more repeat contacts than all the others.

    `share` is the share of its contacts that were repeated, `others` that of all other contacts.
    `repeated` are the contacts with what repeated them.
    """

    kind: Kind
    name: str
    share: Share
    others: Share
    q_value: float
    repeated: tuple[Contact, ...]

    @property
    def customers(self) -> int:
        return customers(contact.message for contact in self.repeated)

    @property
    def messages(self) -> tuple[Message, ...]:
        """The first messages and those that repeat them."""
        again = [contact.again for contact in self.repeated if contact.again is not None]
        return in_order([*(contact.message for contact in self.repeated), *again])


def contacts(messages: Sequence[Message], periods: Periods, limits: Limits) -> tuple[Contact, ...]:
    """The contacts of a period as long as this one, ended so many hours earlier that each had its
    whole time to be repeated; the oldest first.

    A contact is repeated when the same customer opens another ticket within the set hours, with
    the same intent or about one of the same products. Contacts of unknown customers are left out.
    """
    window = timedelta(hours=limits.repeat_hours)
    of_customer: dict[str, dict[str, Message]] = defaultdict(dict)
    for message in in_order(messages):
        if message.customer_key is not None and message.at <= periods.end:
            of_customer[message.customer_key].setdefault(message.ticket_id, message)
    found = [
        Contact(first, _again(first, list(opened.values())[place + 1 :], window))
        for opened in of_customer.values()
        for place, first in enumerate(opened.values())
        if periods.start - window < first.at <= periods.end - window
    ]
    return tuple(sorted(found, key=lambda contact: (contact.message.at, contact.message.key)))


def causes(messages: Sequence[Message], periods: Periods, limits: Limits) -> tuple[Cause, ...]:
    """Products and queues that are repeated significantly more often than the others, those with
    most repeats beyond the others' share first."""
    whole = contacts(messages, periods, limits)
    candidates = [
        candidate
        for kind, named in (("product", _by_product(whole)), ("queue", _by_queue(whole)))
        for name, told in sorted(named.items())
        if (candidate := _candidate(kind, name, told, whole)) is not None
        and candidate.share.part >= limits.least_repeats
        and candidate.customers >= LEAST_CUSTOMERS
    ]
    q_values = adjusted([candidate.q_value for candidate in candidates])
    found = [
        Cause(one.kind, one.name, one.share, one.others, q_value, one.repeated)
        for one, q_value in zip(candidates, q_values, strict=True)
        if q_value <= limits.false_discoveries
    ]
    found.sort(key=lambda cause: (-excess(cause), cause.kind, cause.name))
    return tuple(found[: limits.most])


def excess(cause: Cause) -> float:
    """Repeats beyond those there would be at the others' share."""
    return cause.share.part - cause.share.whole * cause.others.value


def _again(first: Message, later: Iterable[Message], window: timedelta) -> Message | None:
    for message in later:
        if message.at - first.at > window:
            return None
        if message.intent == first.intent or set(message.products) & set(first.products):
            return message
    return None


def _by_product(whole: Iterable[Contact]) -> Mapping[str, list[Contact]]:
    named: dict[str, list[Contact]] = defaultdict(list)
    for contact in whole:
        for product in dict.fromkeys(contact.message.products):
            named[product].append(contact)
    return named


def _by_queue(whole: Iterable[Contact]) -> Mapping[str, list[Contact]]:
    named: dict[str, list[Contact]] = defaultdict(list)
    for contact in whole:
        if contact.message.queue is not None:
            named[contact.message.queue].append(contact)
    return named


def _candidate(
    kind: str, name: str, told: Sequence[Contact], whole: Sequence[Contact]
) -> Cause | None:
    """With its p-value not adjusted yet; None when there is nothing else to compare with."""
    repeated = tuple(contact for contact in told if contact.again is not None)
    everywhere = sum(contact.again is not None for contact in whole)
    share = Share(len(repeated), len(told))
    others = Share(everywhere - len(repeated), len(whole) - len(told))
    if not others.whole:
        return None
    p_value = larger_share(share.part, share.whole, others.part, others.whole)
    of_kind: Kind = "product" if kind == "product" else "queue"
    return Cause(of_kind, name, share, others, p_value, repeated)
