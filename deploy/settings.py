"""`deploy/settings.md`, a page of all settings, from the classes that read them:
`python -m deploy.settings write`."""

import argparse
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from deploy.retraining.settings import RetrainingSettings
from services.classify.settings import ClassifySettings
from services.feedback.insights.settings import InsightsSettings
from services.feedback.settings import Settings as FeedbackSettings
from services.generate.llm.settings import LlmSettings
from services.generate.settings import Settings as GenerateSettings
from services.ingest.settings import Settings as IngestSettings
from services.personalize.settings import Settings as PersonalizeSettings
from shared.settings import FromEnvironment, WorkerSettings

PAGE = Path(__file__).with_name("settings.md")
ROOT = PAGE.parent.parent
BEGINNING = """# Settings

Read from the environment, or from files in the folder that `SECRETS_DIR` names, one each, called
like the setting in any case; what the environment says comes first. What cannot be used is named at
the start, and the process ends. This page is written by `python -m deploy.settings write`.
"""
SECTIONS: tuple[tuple[str, type[FromEnvironment], type[FromEnvironment] | None], ...] = (
    ("Every worker", WorkerSettings, None),
    ("ingest", IngestSettings, WorkerSettings),
    ("classify", ClassifySettings, WorkerSettings),
    ("personalize", PersonalizeSettings, WorkerSettings),
    ("generate", GenerateSettings, WorkerSettings),
    ("generate: language models", LlmSettings, None),
    ("feedback", FeedbackSettings, WorkerSettings),
    ("Retraining, beside feedback's", RetrainingSettings, FeedbackSettings),
    ("Reports of insights, beside feedback's", InsightsSettings, FeedbackSettings),
)
"""Title, class, and the class whose settings were told already."""
BOUNDS = {
    "minimum": "at least",
    "exclusiveMinimum": "more than",
    "maximum": "at most",
    "exclusiveMaximum": "less than",
}

Property = Mapping[str, Any]


def page() -> str:
    """The whole page, as Markdown."""
    parts = [BEGINNING]
    for title, settings, told in SECTIONS:
        parts.append(f"\n## {title}\n\n| setting | unless set | meaning |\n|---|---|---|\n")
        parts += [f"{row}\n" for row in _rows(settings, told)]
    return "".join(parts)


def _rows(settings: type[FromEnvironment], told: type[FromEnvironment] | None) -> Iterator[str]:
    known = _properties(told) if told else {}
    prefix = settings.model_config.get("env_prefix") or ""
    for name, found in _properties(settings).items():
        if found != known.get(name):
            cells = (f"`{prefix}{name}`".upper(), _default(found), _meaning(found))
            yield f"| {' | '.join(cells)} |"


def _properties(settings: type[FromEnvironment]) -> Mapping[str, Property]:
    properties: Mapping[str, Property] = settings.model_json_schema()["properties"]
    return properties


def _default(found: Property) -> str:
    default = found.get("default")
    if default is None or default in ("", [], {}):
        return ""
    return f"`{str(default).removeprefix(f'{ROOT}/')}`"


def _meaning(found: Property) -> str:
    kinds = [found, *found.get("anyOf", ())]
    told = [str(found.get("description", ""))]
    told += [
        f"{words} {kind[name]}" for kind in kinds for name, words in BOUNDS.items() if name in kind
    ]
    told += [", ".join(f"`{one}`" for one in kind["enum"]) for kind in kinds if "enum" in kind]
    return "; ".join(filter(None, told)).replace("|", "\\|")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.settings", description=__doc__)
    parser.add_argument("what", choices=["write"])
    parser.parse_args()
    PAGE.write_text(page(), encoding="utf-8")
    print(f"written to {PAGE}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
