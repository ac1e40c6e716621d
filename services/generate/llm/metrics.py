"""What the language model costs and how it fares: `written`, or the reason for its failure."""

from prometheus_client import Counter, Gauge, Histogram

from services.generate.breaker import Circuit

REQUESTS = Counter(
    "careloop_llm_requests_total",
    "Bodies asked for, by outcome: written, or why the composer's text went out instead",
    ["outcome"],
)
RETRIES = Counter("careloop_llm_retries_total", "Calls of the model made again", ["reason"])
TOKENS = Counter("careloop_llm_tokens_total", "Tokens used, by direction: in or out", ["direction"])
for _direction in ("in", "out"):
    TOKENS.labels(_direction)
COST = Counter("careloop_llm_cost_total", "What they cost, in the currency of the prices set")
SECONDS = Histogram(
    "careloop_llm_seconds",
    "From a body asked for to its outcome, waiting and retries included",
    buckets=(0.01, 0.1, 0.25, 0.5, 1, 2, 4, 8, 16, 32, 64),
)
CIRCUIT = Gauge(
    "careloop_llm_circuit", "1 for the state the circuit breaker is in, 0 for the others", ["state"]
)


def show_circuit(current: Circuit) -> None:
    """Say which state it is in."""
    for state in Circuit:
        CIRCUIT.labels(state.value).set(state is current)
