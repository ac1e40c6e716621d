"""The labels a classifier may learn."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

import yaml

from shared.events import Priority, Sentiment

DEFAULT = Path(__file__).parent.with_name("taxonomy.yaml")


class TaxonomyError(Exception):
    """The taxonomy file cannot be used; the message says why."""


@dataclass(frozen=True)
class Taxonomy:
    """Permitted labels by head, the intents' descriptions as written in the file, and what messages
    with each intent look like (none are needed)."""

    labels: Mapping[str, tuple[str, ...]]
    intents: Mapping[str, Mapping[str, str]]
    examples: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def derived(labels: Iterable[str]) -> Taxonomy:
    """A taxonomy of the intents that occur: their names are all that is known of them."""
    names = {label: label.replace("_", " ") for label in sorted(set(labels))}
    intents = {
        label: {"en": name, "zh": name, "meaning": "", "owner": "general"}
        for label, name in names.items()
    }
    return _taxonomy(intents, {})


def read_taxonomy(path: Path) -> Taxonomy:
    """Reads a taxonomy file; sentiment and priority are fixed by the event contract."""
    try:
        content: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
        intents = {
            str(label): {
                key: str(described[key]).strip() for key in ("en", "zh", "meaning", "owner")
            }
            for label, described in content["intents"].items()
        }
        examples = {
            str(label): _texts(described.get("examples", []))
            for label, described in content["intents"].items()
        }
    except OSError as error:
        raise TaxonomyError(f"{path}: {error.strerror}") from None
    except yaml.YAMLError as error:
        raise TaxonomyError(f"{path}: not YAML: {error}") from None
    except KeyError as error:
        raise TaxonomyError(f"{path}: {error} is missing") from None
    except (TypeError, AttributeError):
        raise TaxonomyError(
            f"{path}: `intents` must hold a label's en, zh, meaning, owner and a list of examples"
        ) from None
    return _taxonomy(intents, examples)


def _texts(listed: object) -> tuple[str, ...]:
    """Raises TypeError unless it is a list: a lone text would be read letter by letter."""
    if not isinstance(listed, list):
        raise TypeError
    return tuple(str(text).strip() for text in listed)


def _taxonomy(
    intents: Mapping[str, Mapping[str, str]], examples: Mapping[str, tuple[str, ...]]
) -> Taxonomy:
    """Sentiment and priority are fixed by the event contract."""
    labels = {
        "intent": tuple(intents),
        "sentiment": get_args(Sentiment),
        "priority": get_args(Priority),
    }
    return Taxonomy(labels, intents, examples)
