"""A customer as a row that behaviour models are asked with."""

from services.personalize.domain.amounts import amount
from services.personalize.domain.facts import Message
from services.personalize.domain.mood import trend
from services.personalize.domain.profile import Profile, attributes_of
from services.personalize.domain.tickets import open_others
from services.personalize.domain.told import values, with_told
from services.personalize.domain.usage import DAY

FIGURES = {
    "tickets": "tickets so far",
    "messages": "messages so far",
    "open_tickets": "open tickets, without this message's",
    "days_since_contact": "days from the last message before this one; missing if there was none",
    "sentiment_trend": "mean sentiment of past messages, newer ones weighing more, -1 to 1",
    "satisfaction": "mean rating, 1 to 5; missing without ratings",
    "orders": "orders that were not returned",
    "spent": "money for purchases less returns, in the upstream's currency",
    "days_since_order": "days from the last purchase; missing if there was none",
}
"""The columns that every customer has, and what they mean: a table to learn from may use them."""


def row_of(profile: Profile, message: Message) -> dict[str, object]:
    """The figures of before this message, as of when it was written, and the attributes that the
    ticket system told; of one called like a figure, what was told counts."""
    bought = profile.purchases.last_at
    written = profile.last_contact_at
    figures: dict[str, object] = {
        "tickets": profile.tickets,
        "messages": profile.messages,
        "open_tickets": len(open_others(profile.ticket_states, message.ticket_id)),
        "days_since_contact": max(0.0, (message.at - written) / DAY) if written else None,
        "sentiment_trend": trend(profile.moods) if profile.moods else None,
        "satisfaction": profile.satisfaction,
        "orders": profile.purchases.count,
        "spent": amount(profile.purchases.spent),
        "days_since_order": max(0.0, (message.at - bought) / DAY) if bought else None,
    }
    told = with_told(profile.attributes, attributes_of(message), message.at)
    return {**figures, **values(told)}
