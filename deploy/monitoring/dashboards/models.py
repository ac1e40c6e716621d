"""Models: how sure they are, whether the world moved away from them, and what they cost."""

from deploy.monitoring.board import Board, Row
from deploy.monitoring.dashboards.own import (
    CLASSIFIER,
    CONFIDENCE,
    KNOWLEDGE,
    OUT_OF_SCOPE,
    circuit,
)
from deploy.monitoring.panels import Panel, Query, graph, stat
from deploy.monitoring.promql import quantile, rate, ratio

REQUESTS = "careloop_llm_requests_total"

READING = Row(
    "Reading",
    (
        CONFIDENCE,
        OUT_OF_SCOPE,
        Panel(
            "state-timeline",
            "Drift",
            "Whether the newest messages differ from those the classifier was taught on, by test.",
            "yes or no",
            (Query("max by (test) (careloop_drift)", "{{test}}"),),
            bad=1,
        ),
        CLASSIFIER,
        KNOWLEDGE,
        stat(
            "Models refused, 24 h",
            "Promoted classifiers and other models that could not be served; those before go on.",
            "count",
            [
                Query("sum(increase(careloop_classifiers_refused_total[24h]))", "classifiers"),
                Query("sum(increase(careloop_personalize_models_refused_total[24h]))", "others"),
            ],
            height=6,
            width=8,
            bad=1,
        ),
    ),
)
WRITING = Row(
    "Language model (LLM_BACKEND; nothing to see while it is none)",
    (
        graph(
            "Bodies asked for",
            "By outcome: written, or why the composer's text went out instead.",
            "messages/s",
            Query(rate(REQUESTS, "outcome"), "{{outcome}}"),
            stacked=True,
        ),
        graph(
            "Not written",
            "Share of bodies asked for that the composer had to write.",
            "share",
            Query(ratio(rate(f'{REQUESTS}{{outcome!="written"}}'), rate(REQUESTS)), "not written"),
            top=1,
        ),
        graph(
            "Time",
            "From a body asked for to its outcome, waiting and retries included.",
            "seconds",
            *(Query(quantile(q, "careloop_llm_seconds"), f"p{100 * q:g}") for q in (0.5, 0.95)),
        ),
        graph(
            "Tokens",
            "Tokens used, by direction: in or out.",
            "operations/s",
            Query(rate("careloop_llm_tokens_total", "direction"), "{{direction}}"),
            stacked=True,
        ),
        graph(
            "Cost",
            "Within the last hour, in the currency of LLM_PRICE_IN and LLM_PRICE_OUT.",
            "money",
            Query("sum(increase(careloop_llm_cost_total[1h]))", "an hour"),
        ),
        graph(
            "Retries",
            "Calls made again, by reason.",
            "operations/s",
            Query(rate("careloop_llm_retries_total", "reason"), "{{reason}}"),
        ),
        circuit(
            "Circuit",
            "Open: the model failed several times in a row and is left alone for a while; the "
            "composer writes.",
            "careloop_llm_circuit",
        ),
    ),
)

MODELS = Board(
    "careloop-models",
    "careloop / Models",
    "How sure models are, whether the world moved away from them, and what they cost.",
    (READING, WRITING),
    since="now-24h",
)
