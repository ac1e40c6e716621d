"""The delivered catalogue, and messages whose entities classify's own finder found."""

from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from services.classify import catalogue as products
from services.classify.domain.entities import find_entities
from services.generate.actions import executor
from services.generate.domain.actions.catalogue import Action, Catalogue
from services.generate.domain.actions.filling import Filled, Known, fill
from services.generate.domain.actions.orders import Step
from services.generate.domain.actions.parsing import parse
from shared.events import Entity

MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
FILE = Path(executor.__file__).with_name("catalogue.toml")
PRODUCTS = products.read_catalogue(Path(products.__file__).with_name("seed") / "catalogue.csv")


@cache
def delivered() -> Catalogue:
    return parse(FILE.read_text("utf-8"))


def action(name: str) -> Action:
    found = delivered().named(name)
    assert found is not None
    return found


def entities(text: str) -> list[Entity]:
    return [
        Entity(
            type=one.type,
            text=one.text,
            value=one.value,
            unit=one.unit,
            start=one.start,
            end=one.end,
        )
        for one in find_entities(text, MONDAY, PRODUCTS)
    ]


def told(name: str, text: str, known: Known | None = None) -> Filled:
    """What a message tells of an action's arguments."""
    return fill(action(name), text, entities(text), known)


def step(name: str = "transfer", turn: int = 1, **given: object) -> Step:
    """A step that was done, but for what is given."""
    fields: dict[str, object] = {
        "response_id": f"r{turn}",
        "key": f"k{turn}",
        "ticket_id": "T-1",
        "message_id": f"m{turn}",
        "turn": turn,
        "action": name,
        "arguments": {"amount": "500.00 CNY", "payee": "[ACCOUNT_1]"},
        "status": "done",
    }
    return Step(**{**fields, **given})  # type: ignore[arg-type]
