"""What the programs that run on Kubernetes read from their environment."""

import importlib

from deploy.retraining.settings import RetrainingSettings
from services.feedback.insights.settings import InsightsSettings
from services.generate.llm.settings import LlmSettings
from shared.settings import KafkaSettings, WorkerSettings


def settings_of(name: str) -> type[KafkaSettings]:
    """Of a worker, a daily job, or the operators' commands."""
    if name == "operators":
        return KafkaSettings
    if name == "retraining":
        return RetrainingSettings
    if name == "insights":
        return InsightsSettings
    module = importlib.import_module(f"services.{name}.settings")
    (found,) = {
        one
        for one in vars(module).values()
        if isinstance(one, type)
        and issubclass(one, WorkerSettings)
        and one.__module__ == module.__name__
    }
    return found


def known_to(name: str) -> set[str]:
    """The variables that it reads."""
    known = {field.upper() for field in settings_of(name).model_fields} | {"SECRETS_DIR"}
    if name == "generate":
        known |= {f"LLM_{field.upper()}" for field in LlmSettings.model_fields}
    return known
