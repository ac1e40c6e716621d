"""The model card of a classifier: what it is, what it was trained on, how well it did."""

from collections.abc import Mapping
from typing import Any

from services.classify.training.classifier import Trained
from services.classify.training.report import table
from services.classify.training.taxonomy import Taxonomy

NAME = "model-card.md"


def written(trained: Trained, taxonomy: Taxonomy, described: Mapping[str, Any]) -> str:
    """The card as Markdown; equal arguments give equal text."""
    settings = "\n".join(f"- {name}: {value}" for name, value in described.items())
    chosen = "\n".join(f"- {name}: {value}" for name, value in trained.chosen.items())
    labels = "\n".join(
        f"- `{label}`: {told['meaning'] or told['en']}" for label, told in taxonomy.intents.items()
    )
    return f"""# Classifier

Reads customer-service messages: intent, sentiment, priority, and whether a message is out of scope.
Linear heads on `{trained.encoder.name}@{trained.encoder.version}` and on the words themselves,
calibrated on texts they had not seen.

## Figures on unseen texts

```
{table(trained.figures)}
```

## Settings

{settings}

## Chosen by validation

{chosen}

## Intents

{labels}

## Limits

Confidence holds for messages like those it was trained on; what is unlike them is told by the
out-of-scope score, not by the confidence. Sentiment is the tone as written. It is meant to route
and answer customers' messages, not to judge people.
"""
