"""Quality: what customers got, how far it proved right, and by which policy.

Every process of feedback tells the same figures, from the database: `max` takes one of them.
"""

from deploy.monitoring.board import Board, Row
from deploy.monitoring.dashboards.own import CLASSIFIER, KNOWLEDGE
from deploy.monitoring.panels import Panel, Query, band, graph, stat
from deploy.monitoring.promql import rate

ALL = 'intent="(all)"'
EACH = 'intent!="(all)"'


def _max(metric: str, by: str = "") -> str:
    return f"max by ({by}) ({metric})" if by else f"max({metric})"


def _share(title: str, description: str, figure: str, *more: Query) -> Panel:
    """A share over all intents, with its 95 % Wilson interval."""
    name = f"careloop_quality_{figure}"
    value, low, high = (_max(f"{name}{end}{{{ALL}}}") for end in ("", "_low", "_high"))
    return graph(title, description, "share", *band(value, low, high, name=title), *more, top=1)


def _by_intent(title: str, description: str, unit: str, metric: str) -> Panel:
    query = Query(f"sort_desc({_max(f'{metric}{{{EACH}}}', 'intent')})", "{{intent}}")
    return Panel("bargauge", title, description, unit, (query,), height=12)


SHARES = Row(
    "Over all intents, the last QUALITY_DAYS (30) days, with 95 % intervals",
    (
        _share("Automation", "Responses that reached the customer without a person.",
               "automation_rate"),
        _share(
            "Verified resolution",
            "Automatic answers and actions that proved right, among those no longer pending. "
            "Silence is no success.",
            "verified_rate",
        ),
        _share(
            "Wrong",
            "Bad among the judged automatic replies, and what the promise allows (POLICY_ALPHA).",
            "wrong_rate",
            Query(_max("careloop_policy_alpha"), "allowed"),
        ),
        _share("Satisfied", "Last ratings of 4 or 5 among all replies that were rated.",
               "satisfied_rate"),
        _share("Escalated", "Responses handed to a person without a draft.", "escalated_rate"),
        _share("Drafts accepted", "Drafts approved as they were, among those reviewed.",
               "accepted_rate"),
    ),
)  # fmt: skip
NUMBERS = Row(
    "Numbers",
    (
        stat(
            "Mean rating",
            "1 to 5, of all replies that were rated.",
            "stars",
            _max(f"careloop_quality_satisfaction{{{ALL}}}"),
        ),
        stat(
            "First reply, median",
            "From a ticket's first message to the first reply that reached the customer.",
            "seconds",
            _max(f'careloop_quality_first_response_seconds{{{ALL}, quantile="0.5"}}'),
        ),
        stat(
            "Draft changed",
            "Mean share of a draft that agents changed before it went out.",
            "share",
            _max(f"careloop_quality_edit_distance{{{ALL}}}"),
        ),
        stat(
            "Contacts a customer",
            "Messages of a customer that answer no question of ours.",
            "count",
            _max(f"careloop_quality_contacts_per_customer{{{ALL}}}"),
        ),
        stat(
            "Tokens a resolved ticket",
            "Language-model tokens per ticket resolved without a person.",
            "count",
            _max(f"careloop_quality_tokens_per_resolved{{{ALL}}}"),
        ),
        stat(
            "Returning",
            "Customers who wrote more than once.",
            "share",
            _max(f"careloop_quality_returning_rate{{{ALL}}}"),
        ),
    ),
)
WHY = Row(
    "Why, and for whom",
    (
        Panel(
            "bargauge",
            "Escalated because",
            "Hand-overs in the window by reason; one may have several.",
            "count",
            (Query(f"sort_desc({_max('careloop_quality_escalations', 'reason')})", "{{reason}}"),),
            height=12,
        ),
        _by_intent(
            "Automation by intent",
            "Responses that reached the customer without a person.",
            "share",
            "careloop_quality_automation_rate",
        ),
        _by_intent(
            "Wrong by intent",
            "Bad among the judged automatic replies; few judged replies make it jump.",
            "share",
            "careloop_quality_wrong_rate",
        ),
        graph(
            "Automatic replies by verdict",
            "Good, bad, silent when nobody said anything, pending while somebody may.",
            "count",
            Query(
                "sum by (verdict) (max by (intent, verdict) (careloop_quality_judged))",
                "{{verdict}}",
            ),
            stacked=True,
        ),
        graph(
            "Decisions now",
            "Responses by what was decided.",
            "messages/s",
            Query(rate("careloop_decisions_total", "decision"), "{{decision}}"),
            stacked=True,
        ),
        graph(
            "First reply",
            "From a ticket's first message to the first reply that reached the customer.",
            "seconds",
            Query(
                _max(f"careloop_quality_first_response_seconds{{{ALL}}}", "quantile"),
                "quantile {{quantile}}",
            ),
        ),
    ),
)
POLICY = Row(
    "Policy and versions",
    (
        Panel(
            "bargauge",
            "Thresholds",
            "Confidence an automatic reply needs; (all) is the default.",
            "share",
            (Query(f"sort_desc({_max('careloop_policy_threshold', 'intent')})", "{{intent}}"),),
            height=12,
            top=1,
        ),
        graph(
            "Policy version",
            "The version in force, and the one each process of generate goes by.",
            "version",
            Query(_max("careloop_policy_version"), "in force"),
            Query("careloop_generate_policy_version", "{{instance}}"),
            height=6,
        ),
        CLASSIFIER,
        KNOWLEDGE,
    ),
)

QUALITY = Board(
    "careloop-quality",
    "careloop / Quality",
    "What customers got, how far it proved right, and by which policy.",
    (SHARES, NUMBERS, WHY, POLICY),
    since="now-7d",
)
