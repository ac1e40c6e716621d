"""What one worker has and the others have not."""

from collections.abc import Mapping

from deploy.monitoring import limits
from deploy.monitoring.board import Row
from deploy.monitoring.panels import Panel, Query, graph, stat
from deploy.monitoring.promql import quantile, rate, ratio

CLASSIFIER = Panel(
    "table",
    "Classifier",
    "The version each process of classify serves.",
    "text",
    (Query("max by (instance, version) (careloop_classifier_info)"),),
    height=6,
)
KNOWLEDGE = Panel(
    "table",
    "Knowledge base",
    "The version each process of generate answers from.",
    "text",
    (Query("max by (instance, version) (careloop_knowledge_info)"),),
    height=6,
)
OUT_OF_SCOPE = graph(
    "Out of scope",
    "Share of messages no label stands for. A rise says that customers want something new.",
    "share",
    Query(
        ratio(
            rate("careloop_out_of_scope_total"),
            rate('careloop_processed_total{topic="classify", result="done"}'),
        ),
        "out of scope",
    ),
    top=1,
)
CONFIDENCE = Panel(
    "heatmap",
    "Confidence",
    "How sure classify was of the intent, as messages a second in each tenth.",
    "messages/s",
    (Query("sum by (le) (rate(careloop_confidence_bucket[$__rate_interval]))", "{{le}}"),),
)
REPLY_TIME = graph(
    "Reply time, p95",
    "From the ticket's created_at to its reply published, by decision.",
    "seconds",
    Query(quantile(0.95, "careloop_end_to_end_seconds", "decision"), "{{decision}}"),
    bad=limits.REPLY_SECONDS,
)
ACTIONS = graph(
    "Actions",
    "What was done or tried in the company's systems, by action and outcome.",
    "operations/s",
    Query(rate("careloop_actions_total", "action, status"), "{{action}} {{status}}"),
    stacked=True,
)


def circuit(title: str, description: str, metric: str) -> Panel:
    """The states of a circuit breaker over time, worst process first."""
    queries = tuple(
        Query(f'max({metric}{{state="{state}"}})', state) for state in ("open", "half_open")
    )
    return Panel("state-timeline", title, description, "yes or no", queries, height=6, bad=1)


BACK_OFFICE = circuit(
    "Back office circuit",
    "Open: the company's systems failed several times in a row and are left alone for a while; "
    "what would have been done goes to a person.",
    "careloop_back_office_circuit",
)

RESPONSES = "max by (intent, decision) (careloop_quality_responses)"

OWN: Mapping[str, tuple[Row, ...]] = {
    "ingest": (
        Row(
            "At the door",
            (
                graph(
                    "Duplicates",
                    "Messages that were sent again; they get no second response.",
                    "messages/s",
                    Query(rate("careloop_duplicates_total"), "duplicates"),
                    width=12,
                ),
                graph(
                    "Attachments",
                    "Files that came with messages, by what became of them.",
                    "messages/s",
                    Query(rate("careloop_attachments_total", "status"), "{{status}}"),
                    width=12,
                ),
            ),
        ),
    ),
    "classify": (
        Row(
            "Understanding",
            (
                CONFIDENCE,
                OUT_OF_SCOPE,
                CLASSIFIER,
            ),
        ),
    ),
    "personalize": (
        Row(
            "Customers",
            (
                stat(
                    "Population",
                    "Profiles that segments, next needs and usage priors were counted over.",
                    "count",
                    "max(careloop_personalize_population)",
                    height=6,
                ),
                stat(
                    "Models refused, 24 h",
                    "Promoted models that could not be served; the ones before go on.",
                    "count",
                    "sum(increase(careloop_personalize_models_refused_total[24h]))",
                    height=6,
                    bad=1,
                ),
                Panel(
                    "table",
                    "Models",
                    "What each process serves, by name; empty where none was trained.",
                    "text",
                    (Query("max by (instance, name, version) (careloop_personalize_model_info)"),),
                    width=16,
                    height=6,
                ),
            ),
        ),
    ),
    "generate": (
        Row(
            "Replies",
            (
                graph(
                    "Decisions",
                    "First responses, by what was decided.",
                    "messages/s",
                    Query(rate("careloop_decisions_total", "decision"), "{{decision}}"),
                    stacked=True,
                ),
                REPLY_TIME,
                graph(
                    "Intents",
                    "First responses, by what the customer wants.",
                    "messages/s",
                    Query(f"topk(10, {rate('careloop_decisions_total', 'intent')})", "{{intent}}"),
                    stacked=True,
                ),
                ACTIONS,
                BACK_OFFICE,
                KNOWLEDGE,
            ),
        ),
    ),
    "feedback": (
        Row(
            "What comes back",
            (
                stat(
                    "Waiting",
                    "Signals whose response is not known yet.",
                    "count",
                    "max(careloop_quality_waiting)",
                    height=6,
                ),
                stat(
                    "Orphans",
                    "Signals whose response never came.",
                    "count",
                    "max(careloop_quality_orphans)",
                    height=6,
                ),
                stat(
                    "Policy",
                    "Version in force; 0 before the first.",
                    "version",
                    "max(careloop_policy_version)",
                    height=6,
                ),
                graph(
                    "Responses in the window",
                    "Replies of the last QUALITY_DAYS (30) that figures are made of, by decision.",
                    "count",
                    Query(f"sum by (decision) ({RESPONSES})", "{{decision}}"),
                    width=12,
                    height=6,
                    stacked=True,
                ),
            ),
        ),
    ),
}
