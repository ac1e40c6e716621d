"""What every quality figure means: all definitions, with examples that are run as tests.

**Reply**: a response of careloop's. It is *automatic* if it reached the customer without a person
(answer, ask, act); a draft or an escalation waits for a person. What is sent once an agent finished
a draft is no reply of its own: what is said of it is said of the draft.

**Bad signs** of a reply: a rating of 1 or 2, thumbs down, a review that rejects it, a corrected
intent; these are said of this very reply and count whenever they come. And within 72 hours: the
ticket is reopened, or the customer makes a **repeat contact**, that is, writes again with the same
intent, in another ticket, or in the same one unless that answers a question of ours.

**Good signs**: a rating of 4 or 5, thumbs up, a review that approves it, or the ticket is closed
explicitly, by the customer or an agent. A ticket system that closes it by itself says nothing.

**Verdict**: *bad* with any bad sign; else *good* with any good sign; else nobody said anything:
*pending* for 72 hours after the reply and *silent* from then on. Silence is never success. A reply
that waits for a person is judged by that person's review alone.

What a signal is about: the response or message it names, else the newest response before it.

**Orphan**: a signal for a response or a ticket that is still unknown 72 hours after it was said.
When the response comes after all, it counts as if it had come in time.

The figures are those of `Quality`; each share has its 95 % Wilson interval and its count. A mean
has its t interval and a ratio of two sums one by the delta method (`intervals` says by whom), where
enough is known for an honest one, and its count always.

**Time and cost of a ticket**, by decision: what all its replies with that decision took together,
good, bad and failed ones alike, so that a ticket with replies of two decisions counts in both. Time
runs from receipt to the reply; a ticket counts where that of all those replies is known. A step's
time runs from the result of the step before it to its own, waiting in its queue included; its share
is that of its sum in the sum of all steps. What ended as a dead letter has no reply and no part.

>>> from services.feedback.domain.efficiency import Effort, Pairs, Sample
>>> drafts = Effort(  # three tickets that took 2, 4 and 9 s, of which `generate` had 1, 2 and 7
...     tickets=3, replies=4, time=Sample(3, 15_000, 101_000_000), tokens=Sample(3, 600, 360_000),
...     steps={"generate": Pairs(3, 10_000, 15_000, 54_000_000, 101_000_000, 73_000_000)},
... )
>>> drafts.time_per_ticket.value, drafts.time_per_ticket.low, round(drafts.time_per_ticket.high)
(5000.0, 0.0, 13957)
>>> drafts.tokens_per_ticket.value, round(drafts.share("generate").value, 3)
(200.0, 0.667)
>>> drafts.share("generate").low  # of three tickets a ratio has no honest interval
nan

**People's time**: a draft or an escalation waits for a person until the first of these: the draft
is reviewed, what became of it is sent, or the ticket is closed explicitly after it. The time from
the reply until then is the wait, the person's queue and nights included. While nothing of this was
told it is not known, so that among recent replies the long waits are missing.

**What would save most**: intents by the people's time they take, that is, their replies that waited
times the median wait. An intent with less than six known waits borrows the median of all. It is an
*upper limit* of what could be saved: a person works for a part of that time only, and some of those
replies will always need one. The share of a product of a count and a median has no interval; the
median has that of the binomial count below it.

>>> from services.feedback.domain.quality import bucket_of
>>> from services.feedback.domain.savings import Waits, most_saving
>>> hour, three = bucket_of(3_600_000), bucket_of(3 * 3_600_000)
>>> first, second = most_saving([
...     Waits("refund", 300, 120, {"below_threshold": 90, "urgent": 40}, {hour: 20}),
...     Waits("invoice", 50, 40, {"complaint": 40}, {three: 30}),
... ])  # 120 times an hour, and 40 times three: the same, but for the buckets' 5 %
>>> sorted([first.waits.intent, second.waits.intent]), round(first.share, 1), second.borrowed
(['invoice', 'refund'], 0.5, False)
>>> few = most_saving([
...     Waits("refund", 300, 120, {}, {hour: 20}), Waits("login", 30, 30, {}, {three: 5}),
... ])[1]  # five waits of three hours are too few: it is reckoned with the hour of all
>>> few.waits.intent, few.known.count, few.borrowed, round(few.share, 2)
('login', 5, True, 0.2)
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.feedback.domain.history import AUTOMATIC, RESOLVING, Response, Signal
from services.feedback.domain.intervals import Sample, mean_of
from services.feedback.domain.quality import (
    Contacts,
    Estimate,
    Group,
    first_responses,
    quantile,
)
from services.feedback.domain.wilson import Share

WINDOW = timedelta(hours=72)
"""How long after a reply coming back speaks against it."""
ORPHAN_AFTER = timedelta(hours=72)
"""How long a signal waits for its response before it counts as orphan, unless set otherwise."""
SATISFIED = 4
"""A rating from here on is a good one."""
DISSATISFIED = 2
"""A rating up to here is a bad one."""
REWRITTEN = 0.5
"""A draft of which an agent changed more than this share could not have been sent by itself."""
EXPLICIT = ("customer", "agent")
"""Who closes a ticket explicitly."""


def is_soon(replied_at: datetime, moment: datetime) -> bool:
    """Whether something happened after the reply and within 72 hours of it.

    >>> noon = datetime(2026, 11, 23, 12)
    >>> [is_soon(noon, noon + timedelta(hours=hours)) for hours in (0, 1, 72, 73)]
    [False, True, True, False]
    """
    return replied_at < moment <= replied_at + WINDOW


def bad_sign(signal: Signal, response: Response) -> str | None:
    """The code of what speaks against the response, if the signal does."""
    match signal.kind, signal.value:
        case "rating", int(stars) if stars <= DISSATISFIED:
            return "rated_low"
        case "thumbs", "down":
            return "thumbs_down"
        case "reviewed", "rejected":
            return "rejected"
        case "intent_corrected", str(intent) if intent != response.intent:
            return "intent_corrected"
        case "reopened" | "repeated", _ if is_soon(response.created_at, signal.occurred_at):
            return signal.kind
    return None


def good_sign(signal: Signal) -> str | None:
    """The code of what speaks for the response, if the signal does."""
    match signal.kind, signal.value:
        case "rating", int(stars) if stars >= SATISFIED:
            return "rated_high"
        case "thumbs", "up":
            return "thumbs_up"
        case "reviewed", "approved":
            return "approved"
        case "resolved", who if who in EXPLICIT:
            return "resolved"
    return None


NOBODY = Contacts()


@dataclass(frozen=True, slots=True)
class Quality:
    """The figures of some replies: all of them, or those of one value of a dimension.

    >>> refund = Quality(
    ...     (
    ...         Group("refund", "answer", "good", 6, ratings=3, stars=14, satisfied=3, resolved=5,
    ...               encoder_passes=6, llm_tokens=600, stars_squared=66),
    ...         Group("refund", "answer", "bad", 2, ratings=1, stars=1, llm_tokens=150,
    ...               stars_squared=1),
    ...         Group("refund", "answer", "unknown", 2),
    ...         Group("refund", "answer", "unknown", 5, settled=False),
    ...         Group("refund", "ask", "unknown", 1),
    ...         Group("refund", "escalate", "unknown", 3),
    ...         Group("refund", "draft", "good", 1, reviews=1, approved=1, compared=1),
    ...         Group("refund", "draft", "unknown", 3, reviews=3, compared=3, edit_distance=0.6,
    ...               edit_distance_squared=0.2),
    ...     ),
    ...     Contacts(customers=20, contacts=23, returning=2, contacts_squared=31),
    ... )
    >>> refund.automation, refund.wrong
    (Share(part=16, whole=23), Share(part=2, whole=8))
    >>> refund.verified, refund.silent, refund.pending
    (Share(part=6, whole=10), Share(part=2, whole=10), 5)
    >>> refund.satisfied, refund.satisfaction, round(refund.mean_rating.low, 2)
    (Share(part=3, whole=4), 3.75, 1.0)
    >>> refund.accepted, round(refund.edit_distance, 2), round(refund.mean_edited.high, 3)
    (Share(part=1, whole=4), 0.15, 0.455)
    >>> refund.escalated, refund.contact_rate, refund.returning
    (Share(part=3, whole=23), 1.15, Share(part=2, whole=20))
    >>> round(refund.mean_contacts.low, 2), round(refund.mean_contacts.high, 2)
    (1.0, 1.38)
    >>> refund.tokens_per_resolved, refund.passes_per_resolved
    (150.0, 1.2)
    """

    groups: tuple[Group, ...]
    contacts: Contacts = NOBODY

    @property
    def responses(self) -> int:
        """All replies: 23 in the example."""
        return sum(group.responses for group in self.groups)

    @property
    def automation(self) -> Share:
        """**Automation rate**: automatic among all replies. The example: 16 of 23."""
        return Share(self._count(_is_automatic), self.responses)

    @property
    def verified(self) -> Share:
        """**Verified resolution**: automatic answers and actions with a good verdict, among all
        that are not pending. The example: 6 of 6 good, 2 bad and 2 silent."""
        settled = sum(self._resolving(state) for state in ("good", "bad", "silent"))
        return Share(self._resolving("good"), settled)

    @property
    def silent(self) -> Share:
        """**Silence**: automatic answers and actions nobody said anything of, among all that are
        not pending. The example: 2 of 10."""
        return Share(self._resolving("silent"), self.verified.whole)

    @property
    def pending(self) -> int:
        """Automatic answers and actions it is too early to judge. The example: 5."""
        return self._resolving("pending")

    @property
    def wrong(self) -> Share:
        """**Wrong automation**: bad among the automatic replies with a good or bad verdict; what
        nobody said anything of makes it no better. The example: 2 of 8."""
        return Share(self.judged("bad"), self.judged("bad") + self.judged("good"))

    @property
    def satisfied(self) -> Share:
        """**Satisfaction**: last ratings of 4 or 5 among the replies that were rated. The example:
        3 of 4."""
        return Share(sum(g.satisfied for g in self.groups), sum(g.ratings for g in self.groups))

    @property
    def satisfaction(self) -> float:
        """The mean of the same ratings, 1 to 5; NaN without any. The example: 15 / 4."""
        return self.mean_rating.value

    @property
    def mean_rating(self) -> Estimate:
        """That mean with its interval. The example, of squares that sum up to 67: 3.75 less 3.182
        times sqrt((67 - 4 * 3.75^2) / 3 / 4), and no rating is below 1."""
        stars = sum(g.stars for g in self.groups)
        squares = sum(g.stars_squared for g in self.groups)
        return mean_of(Sample(self.satisfied.whole, stars, squares), 1.0, 5.0)

    @property
    def accepted(self) -> Share:
        """**Acceptance of drafts**: approved as they were, among those that agents reviewed. The
        example: 1 of 4."""
        return Share(sum(g.approved for g in self.groups), sum(g.reviews for g in self.groups))

    @property
    def compared(self) -> int:
        """Drafts that went out and whose final text is known. The example: 4."""
        return sum(group.compared for group in self.groups)

    @property
    def edit_distance(self) -> float:
        """**Edit distance**: the mean share of a draft that agents changed (normalised Levenshtein;
        0 where approved as it was), over those compared; NaN without any. The example: 0.6 / 4."""
        return self.mean_edited.value

    @property
    def mean_edited(self) -> Estimate:
        """That mean with its interval. The example: 0.15 and 3.182 times
        sqrt((0.2 - 4 * 0.15^2) / 3 / 4) more."""
        changed = sum(g.edit_distance for g in self.groups)
        squares = sum(g.edit_distance_squared for g in self.groups)
        return mean_of(Sample(self.compared, changed, squares), 0.0, 1.0)

    @property
    def escalated(self) -> Share:
        """**Escalation**: handed to a person without a draft, among all. The example: 3 of 23. Its
        reasons are the typed codes of those replies; one may have several."""
        return Share(self.decided("escalate"), self.responses)

    def first_response(self, share: float) -> Estimate:
        """**Time to first response**: milliseconds from a ticket's first message to the first reply
        that reached the customer, an automatic one or an agent's draft; an escalation is none. The
        median is `share` 0.5."""
        return quantile(first_responses(self.groups), share)

    @property
    def contact_rate(self) -> float:
        """**Contact rate**: messages of a customer that are no answer to a question of ours; NaN
        without any known customer. The example: 23 / 20."""
        return self.mean_contacts.value

    @property
    def mean_contacts(self) -> Estimate:
        """That mean with its interval, over customers; whoever counts wrote once at least."""
        of = self.contacts
        return mean_of(Sample(of.customers, of.contacts, of.contacts_squared), 1.0)

    @property
    def returning(self) -> Share:
        """Customers with two such messages or more. The example: 2 of 20."""
        return Share(self.contacts.returning, self.contacts.customers)

    @property
    def resolved(self) -> int:
        """**Resolved tickets**: those whose newest reply is a verified resolution. In the example:
        5."""
        return sum(group.resolved for group in self.groups)

    @property
    def tokens_per_resolved(self) -> float:
        """**Cost per resolved ticket**: language-model tokens of all replies, the failed ones
        included, over resolved tickets; NaN without any. The example: 750 / 5."""
        return _mean(sum(g.llm_tokens for g in self.groups), self.resolved)

    @property
    def passes_per_resolved(self) -> float:
        """The same in encoder passes. The example: 6 / 5."""
        return _mean(sum(g.encoder_passes for g in self.groups), self.resolved)

    def judged(self, state: str) -> int:
        """Automatic replies that are good, bad, silent or pending. Of silent ones the example has
        3: two answers and a question."""
        return self._count(lambda group: _is_automatic(group) and state_of(group) == state)

    def decided(self, decision: str) -> int:
        """Replies with this decision."""
        return self._count(lambda group: group.decision == decision)

    def _resolving(self, state: str) -> int:
        return self._count(lambda g: g.decision in RESOLVING and state_of(g) == state)

    def _count(self, wanted: Callable[[Group], bool]) -> int:
        return sum(group.responses for group in self.groups if wanted(group))


STATES = ("good", "bad", "silent", "pending")


def state_of(group: Group) -> str:
    """The verdict, with what nobody said anything of told apart by age."""
    if group.verdict != "unknown":
        return group.verdict
    return "silent" if group.settled else "pending"


def _is_automatic(group: Group) -> bool:
    return group.decision in AUTOMATIC


def _mean(total: float, count: int) -> float:
    return total / count if count else math.nan
