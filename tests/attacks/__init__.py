"""Attacks on whoever writes a reply, and what a writer who obeys would send."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

FILE = Path(__file__).parent / "attacks.jsonl"
Place = Literal["body", "subject", "attachment", "knowledge_page", "customer_name"]


@dataclass(frozen=True, slots=True)
class Attack:
    """`text` stands in this `place` and wants `goal`; each of `obeyed` is a text that obeys it."""

    id: str
    language: str
    place: Place
    goal: str
    text: str
    obeyed: tuple[str, ...]


def attacks() -> list[Attack]:
    """All of them, in the order of the file."""
    lines = FILE.read_text("utf-8").splitlines()
    rows = [json.loads(line) for line in lines if line]
    return [Attack(**{**row, "obeyed": tuple(row["obeyed"])}) for row in rows]
