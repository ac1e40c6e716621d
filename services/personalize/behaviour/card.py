"""The model card of a behaviour model: what it is, what it was trained on, how well it did."""

from collections.abc import Mapping
from typing import Any

from services.personalize.behaviour.figures import table
from services.personalize.behaviour.training import Trained

NAME = "model-card.md"


def written(trained: Trained, settings: Mapping[str, Any]) -> str:
    """The card as Markdown; equal arguments give equal text."""
    model = trained.model
    return f"""# Probability that {model.target} is {model.positive}

{trained.chosen["model"]}, calibrated on rows it had not seen.

## Figures on unseen rows

```
{table(trained.figures)}
```

Each row was predicted by a model that was chosen, fitted and calibrated without the row's fold.

## Settings

{_lines(settings)}

## Share of all influence

{_lines(trained.matter)}

## Columns that may give the answer away

{_lines(trained.leaks) or "None was found."}

## Left out

{_items(trained.left_out) or "No column."}

## Limits

Probabilities hold for rows like those it was trained on. Influences say what moved a prediction,
not what would change the customer's mind. Where little is known of a customer the share of all
rows is told, and that it is only this. It is meant to serve customers better, not to deny them
anything.
"""


def _lines(told: Mapping[str, Any]) -> str:
    return "\n".join(f"- {name}: {value}" for name, value in told.items())


def _items(told: list[str]) -> str:
    return "\n".join(f"- {what}" for what in told)
