"""Everything classify says of a message: what the model read, what stands in it, what rules add."""

import base64
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import datetime
from typing import NamedTuple, cast

from services.classify.domain.entities import Catalogue, Entity, find_entities
from services.classify.domain.heads import Floats, Ranked
from services.classify.domain.priority import raised, rules_of
from services.classify.domain.reading import Reading
from services.classify.ports import Model
from shared.events import Priority, Sentiment, Understanding

Message = tuple[str, datetime]
"""A text, and when it was written."""


class Understander:
    """Reads messages: one pass of the model, then entities and rules. Blocking, stateless.

    `model` gives the one in force, or raises TemporaryError.
    """

    def __init__(self, model: Callable[[], Model], catalogue: Catalogue) -> None:
        self._model = model
        self._catalogue = catalogue

    def understand(
        self, texts: Sequence[str], moments: Sequence[datetime], now: datetime
    ) -> list[Understanding]:
        """One understanding a text. `moments` are when they were written: dates such as
        "yesterday" are counted from there. The same arguments and model give the same."""
        model = self._model()
        messages = list(zip(texts, moments, strict=True))
        # Beside the model's pass, which leaves the interpreter to others most of the time.
        with ThreadPoolExecutor(1, "patterns") as beside:
            finding = beside.submit(self._found, messages)
            readings = model.read(texts)
            found = finding.result()
        return [
            _understood(message, reading, by_patterns, model, now)
            for (message, _), reading, by_patterns in zip(messages, readings, found, strict=True)
        ]

    def _found(self, messages: Sequence[Message]) -> list["_Found"]:
        found = []
        for text, written_at in messages:
            entities = find_entities(text, written_at, self._catalogue)
            found.append(_Found(entities, rules_of(text, entities, written_at)))
        return found


class _Found(NamedTuple):
    """What patterns find in a message: entities, and the names of the rules that hold."""

    entities: Sequence[Entity]
    rules: Sequence[str]


def _understood(
    text: str, reading: Reading, found: _Found, model: Model, now: datetime
) -> Understanding:
    intent, sentiment, priority = (
        ranked[0] for ranked in (reading.intents, reading.sentiments, reading.priorities)
    )
    # The heads' labels are the contract's: training refuses others.
    by_rules = cast(Priority, raised(priority.label, found.rules))
    return Understanding(
        intent=intent.label,
        confidence=_probability(intent),
        # As mappings: a contract object each would cost a tenth of the model's pass.
        intents=tuple(
            {"label": ranked.label, "probability": _probability(ranked)}
            for ranked in reading.intents
        ),
        out_of_scope=round(reading.out_of_scope, 4),
        is_out_of_scope=reading.is_out_of_scope,
        evidence=_evidence(text, reading),
        entities=tuple(asdict(entity) for entity in found.entities),
        sentiment=cast(Sentiment, sentiment.label),
        sentiment_confidence=_probability(sentiment),
        priority=by_rules,
        priority_confidence=_confidence(reading.priorities, by_rules),
        priority_rules=tuple(found.rules),
        model_version=model.version,
        vector={
            "model": model.encoder_name,
            "version": model.encoder_version,
            "data": packed(reading.vector),
        },
        classified_at=now,
    )


def packed(vector: Floats) -> str:
    """Little-endian fp16 in base64: 1 KB for 384 values, cosine with the original over 0.999999."""
    return base64.b64encode(vector.astype("<f2").tobytes()).decode("ascii")


def _evidence(text: str, reading: Reading) -> tuple[dict[str, object], ...]:
    return tuple(
        {
            "decision": decision,
            "token": text[clue.start : clue.end],
            "weight": round(clue.weight, 4),
            "start": clue.start,
            "end": clue.end,
        }
        for decision, clues in reading.clues.items()
        for clue in clues
    )


def _confidence(priorities: Sequence[Ranked], chosen: str) -> float:
    """What the model thinks of a priority that rules may have raised: 0 if it never learned it."""
    return next((_probability(ranked) for ranked in priorities if ranked.label == chosen), 0.0)


def _probability(ranked: Ranked) -> float:
    return round(min(1.0, max(0.0, ranked.probability)), 4)
