"""What personalize counts beside what every worker does. Models are few, and named by us."""

from prometheus_client import Counter, Gauge, Info

MODEL = Info("careloop_personalize_model", "The models this process serves", ["name"])
REFUSED = Counter(
    "careloop_personalize_models_refused_total", "Promoted models that could not be served"
)
POPULATION = Gauge(
    "careloop_personalize_population",
    "Profiles that segments, next needs and usage priors were counted over",
)
