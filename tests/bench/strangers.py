"""How well the classifier of the seed reads real people's tickets.

The tickets are others' and lie in a folder of the user's; what they want is our own reading of
them, in `strangers.csv`: one reading each, with a second intent where one may think otherwise.
"""

import csv
import json
from collections.abc import Callable, Sequence
from pathlib import Path

from deploy.runtime import Say
from deploy.system import artifacts
from services.classify.domain.reading import Reading
from services.classify.encoder import StoredModels
from services.classify.training.scope import OUTSIDE
from shared.modelstore import ModelStore
from tests.bench.figures import Figure, Result

LABELS = Path(__file__).with_name("strangers.csv")
FILES = {"en": "real_en.jsonl", "zh": "real_zh.jsonl"}

Labels = dict[str, str]


def measure(data: Path, home: Path, say: Say) -> Result:
    """Reads every text once, however often it was sent."""
    store = str(home / "models")
    artifacts.ensure(store, home / "cache", say)
    model = StoredModels(ModelStore(store), home / "cache", threads=1, evidence_words=0).load(None)
    with LABELS.open(encoding="utf-8", newline="") as rows:
        labels = {row["ticket_id"]: row for row in csv.DictReader(rows)}
    figures: list[Figure] = []
    for language, name in FILES.items():
        tickets = [json.loads(line) for line in (data / name).read_text("utf-8").splitlines()]
        known = {ticket["body"]: labels[ticket["ticket_id"]] for ticket in tickets}
        say(f"{len(known)} tickets of {name}")
        figures += _judged(language, list(known.values()), model.read(list(known)))
    notes = [
        "Labelled by ourselves, one reading each. Most Chinese ones ask for a restaurant, a hotel "
        "or a sight: a question about a service or a booking, as one takes it.",
        "What the seed should cover was extended after looking at mistakes on these tickets.",
    ]
    return Result(f"Real tickets, {model.version}", figures, notes)


def _judged(language: str, labels: Sequence[Labels], readings: Sequence[Reading]) -> list[Figure]:
    pairs = list(zip(labels, readings, strict=True))
    inside = [(row, said) for row, said in pairs if row["intent"] not in OUTSIDE]
    judged: list[tuple[str, list[bool]]] = [
        ("intent", _told(pairs, lambda row, said: said.intents[0].label == row["intent"])),
        (
            "intent, or the second one",
            _told(pairs, lambda row, said: said.intents[0].label in (row["intent"], row["second"])),
        ),
        ("sentiment", _told(pairs, lambda row, said: said.sentiments[0].label == row["sentiment"])),
        ("priority", _told(pairs, lambda row, said: said.priorities[0].label == row["priority"])),
        ("called out of scope falsely", _told(inside, lambda _, said: said.is_out_of_scope)),
    ]
    return [
        Figure(f"{language}: {what}", f"{sum(right) / len(right):.3f} of {len(right)}")
        for what, right in judged
    ]


def _told(
    pairs: Sequence[tuple[Labels, Reading]], judge: Callable[[Labels, Reading], bool]
) -> list[bool]:
    return [judge(row, said) for row, said in pairs]
