"""The parts of a view that need no learned model, each from a profile and the message at hand."""

from services.personalize.domain.consent import Allowed, Consent, allowed, told
from services.personalize.domain.consumption import outlook
from services.personalize.domain.ledger import Moment
from services.personalize.domain.manner import Manner, in_trouble, manner_of
from services.personalize.domain.mood import trend
from services.personalize.domain.next_need import next_needs
from services.personalize.domain.population import Population
from services.personalize.domain.preferences import Preferences, preferred
from services.personalize.domain.tickets import open_others
from services.personalize.domain.view import Needs, PlanOutlook, Ranked, View
from services.personalize.domain.wishes import Wish, asked_by_ticket, with_wish

MOST_NEEDS = 3
DIGITS = 4
"""Of probabilities: more would only look exact."""
AMOUNT_DIGITS = 6


def consent_of(moment: Moment) -> Consent:
    """What the customer says last, this message included."""
    return told(moment.profile.consent, moment.message.consent, moment.message.at)


def summary(moment: Moment, unsaid: Allowed) -> View:
    """What needs no consent to predictions: what happened, and how to write. It is told as of the
    message."""
    profile, message = moment.profile, moment.message
    consent, wanted = consent_of(moment), _wanted(moment)
    return View(
        message.at,
        known=profile.known,
        tickets=profile.tickets,
        messages=profile.messages,
        open_tickets=len(open_others(profile.ticket_states, message.ticket_id)),
        by_intent=profile.by_intent,
        languages=profile.languages,
        channels=profile.channels,
        sentiment_trend=trend(profile.moods),
        last_contact_at=profile.last_contact_at,
        interactions=profile.interactions,
        orders=profile.purchases.count,
        satisfaction=profile.satisfaction,
        consent=consent,
        preferences=wanted,
        manner=_manner(moment, wanted, allowed(consent, unsaid)),
    )


def needs_of(moment: Moment, population: Population) -> Needs:
    """What the ticket after this one will probably be about."""
    message = moment.message
    wish = Wish(message.at, message.ticket_id, message.intent)
    history = list(asked_by_ticket(with_wish(moment.profile.wishes, wish)).values())
    found = next_needs(population.transitions, history, message.at)
    ranked = [Ranked(need.intent, round(need.probability, DIGITS)) for need in found.ranked]
    return Needs(tuple(ranked[:MOST_NEEDS]), found.cold)


def outlooks_of(moment: Moment, population: Population) -> tuple[PlanOutlook, ...]:
    """Of every plan within whose period the message was written, the likeliest to be exceeded
    first."""
    found = []
    for usage in moment.profile.usage:
        coming = outlook(usage, population.prior(usage.plan), moment.message.at)
        if coming is None or usage.allowance is None:
            continue
        found.append(
            PlanOutlook(
                usage.plan,
                usage.allowance.units,
                round(coming.used, AMOUNT_DIGITS),
                round(coming.expected, AMOUNT_DIGITS),
                round(coming.probability, DIGITS),
                coming.exceeds_at,
                None if coming.lead_days is None else round(coming.lead_days, DIGITS),
                usage.allowance.end,
                coming.cold,
            )
        )
    return tuple(sorted(found, key=lambda one: (-one.probability, one.plan)))


def _wanted(moment: Moment) -> Preferences:
    message = moment.message
    return preferred(moment.profile.preferences, message.preferences, message.at)


def _manner(moment: Moment, wanted: Preferences, may: Allowed) -> Manner:
    profile, message = moment.profile, moment.message
    troubled = in_trouble(profile.ticket_states, profile.wishes, message)
    return manner_of(message, trend(profile.moods), wanted, may.recommendations, troubled)
