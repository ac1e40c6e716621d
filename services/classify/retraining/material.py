"""What a retraining learns from, and what it keeps back to be judged by."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from services.classify.artifact import EncoderReference
from services.classify.domain.heads import HEADS
from services.classify.retraining.holdout import divided, is_held_out
from services.classify.training import taxonomy as taxonomies
from services.classify.training.data import Example
from services.classify.training.taxonomy import Taxonomy
from shared.rows import DataError, refuse, rows_of

SOURCES = ("correction", "confirmed")


@dataclass(frozen=True)
class Row:
    """A message whose intent a person corrected, or whose reply proved good, and where it comes
    from. It does not say who they are: that stays with those who selected it."""

    text: str
    language: str
    intent: str
    source: str
    ticket_id: str
    message_id: str
    at: str


@dataclass(frozen=True)
class Plan:
    """`least_rows` a new intent needs to be learned; the others as in training."""

    seed: int = 0
    false_alarms: float = 0.05
    least_rows: int = 5


@dataclass(frozen=True)
class Material:
    """All that a version follows from."""

    base: Sequence[Example]
    rows: Sequence[Row]
    taxonomy: Taxonomy
    encoder: EncoderReference
    plan: Plan


@dataclass(frozen=True)
class Lessons:
    """`learned` from, by a taxonomy that holds the new intents; the rest was not learned from.

    `held_out` are messages of the base and corrections in the frozen tenth, some with an intent.
    `corrections` are all corrections whose intent is known, and whether they were learned from.
    `too_few` are new intents that rows name, too few of them.
    """

    learned: Sequence[Example]
    taxonomy: Taxonomy
    held_out: Sequence[Example]
    corrections: Sequence[tuple[Row, bool]]
    too_few: Mapping[str, int]


def read_rows(path: Path) -> list[Row]:
    """The rows of a JSONL or CSV file. Raises DataError with every line that cannot be used."""
    problems: list[str] = []
    rows: list[Row] = []
    for line, content in rows_of(path, ("text", "intent", "source")):
        complaint = _complaint(content)
        if complaint:
            problems.append(f"{path}:{line}: {complaint}")
        else:
            told = {name: content.get(name) or "" for name in Row.__dataclass_fields__}
            rows.append(Row(**{**told, "language": told["language"] or "und"}))
    refuse(problems)
    return rows


def lessons(material: Material) -> Lessons:
    """Base and rows, less the frozen tenth. A row's intent replaces that of the same text in the
    base: what people say here and now counts. Raises DataError if too little is left."""
    learned, held_out = divided(material.base)
    known = {example.labels["intent"] for example in learned if "intent" in example.labels}
    seen = [row for row in material.rows if not is_held_out(row.text)]
    new = Counter(row.intent for row in seen if row.intent not in known)
    too_few = {label: n for label, n in sorted(new.items()) if n < material.plan.least_rows}
    usable = [row for row in seen if row.intent not in too_few]
    kept_back = [row for row in material.rows if is_held_out(row.text)]
    unseen = [row for row in kept_back if row.source == "correction"]
    learned = list(_with(learned, usable).values())
    _refuse_too_few(learned)
    judged = list(_with(held_out, unseen).values())
    if not any("intent" in example.labels for example in judged):
        raise DataError("too little data to judge by: no text is in the frozen tenth")
    taught = [(row, True) for row in usable if row.source == "correction"]
    return Lessons(
        learned,
        _extended(material.taxonomy, {e.labels["intent"] for e in learned if "intent" in e.labels}),
        judged,
        [*taught, *((row, False) for row in unseen)],
        too_few,
    )


def _complaint(content: Any) -> str | None:
    if not isinstance(content, Mapping):
        return "not an object"
    for name in Row.__dataclass_fields__:
        if not isinstance(content.get(name), str | None):
            return f"{name} is not text"
    for name in ("text", "intent"):
        if not (content.get(name) or "").strip():
            return f"{name} is empty"
    if content.get("source") not in SOURCES:
        return f"source is none of {', '.join(SOURCES)}"
    return None


def _with(examples: Sequence[Example], rows: Iterable[Row]) -> dict[str, Example]:
    """By text, the examples and the rows, the first of which for a text counts."""
    by_text = {example.text: example for example in examples}
    told: dict[str, Row] = {}
    for row in rows:
        told.setdefault(row.text, row)
    for text, row in told.items():
        known = by_text.get(text, Example(text, row.language, {}))
        by_text[text] = replace(known, labels={**known.labels, "intent": row.intent})
    return by_text


def _refuse_too_few(learned: Sequence[Example]) -> None:
    problems = []
    for head in HEADS:
        counts = Counter(e.labels[head] for e in learned if head in e.labels)
        problems += [f"{head}: fewer than two labels to learn"] * (len(counts) < 2)
        problems += [
            f"{head} {label!r}: fewer than two rows to learn from"
            for label, n in counts.items()
            if n < 2
        ]
    if problems:
        raise DataError("\n".join(problems))


def _extended(taxonomy: Taxonomy, intents: Iterable[str]) -> Taxonomy:
    """With the intents that it does not describe yet, of which only the names are known."""
    new = taxonomies.derived(intent for intent in intents if intent not in taxonomy.intents)
    described = {**taxonomy.intents, **new.intents}
    labels = {**taxonomy.labels, "intent": tuple(described)}
    return Taxonomy(labels, described, taxonomy.examples)
