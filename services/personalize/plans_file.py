"""Reads the file with the plans a company sells."""

import tomllib
from pathlib import Path
from typing import Any

from services.personalize.domain.plans import Plan, Plans


class PlansError(Exception):
    """The plans cannot be used; the message gives the file and the reason."""


def read_plans(path: Path) -> Plans:
    """A TOML file: a table for each plan by its id, with `title` (a text, or one by language) and
    `next`, the id of the bigger plan. Raises PlansError."""
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PlansError(f"{path}: {error}") from None
    plans = {plan_id: _plan(plan_id, told, path) for plan_id, told in content.items()}
    for plan in plans.values():
        if plan.next is not None and plan.next not in plans:
            raise PlansError(f"{path}: {plan.plan_id}: next is {plan.next!r}, which is no plan")
    return plans


def _plan(plan_id: str, told: Any, path: Path) -> Plan:
    if not isinstance(told, dict) or not told.keys() <= {"title", "next"}:
        raise PlansError(f"{path}: {plan_id}: a plan has title and next, nothing else")
    title, bigger = told.get("title", plan_id), told.get("next")
    titles = {"en": title} if isinstance(title, str) else title
    texts = [*titles.values(), bigger or plan_id] if isinstance(titles, dict) else [None]
    if not all(isinstance(text, str) and text for text in texts):
        raise PlansError(f"{path}: {plan_id}: titles and next are texts")
    return Plan(plan_id, titles, bigger)
