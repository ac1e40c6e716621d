"""Figures of the models side by side, for people and as JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from services.personalize.domain.histories import Doubles, Indices
from services.personalize.recommender import metrics
from services.personalize.recommender.models import text
from services.personalize.recommender.training import Choice, Chosen

SHORT, LONG = 10, 20


@dataclass(frozen=True)
class Figure:
    """A mean over users with its 95 % bootstrap interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.4f} [{self.low:.4f}, {self.high:.4f}]"


@dataclass(frozen=True)
class Row:
    """One model's figures. `coverage` is of the lists together, so no mean over users. `ahead` is
    by how much the NDCG of the same users is above item-kNN's."""

    name: str
    hit: Figure
    recall: Figure
    ndcg: Figure
    coverage: float
    ahead: Figure


def rows_of(
    lists: Mapping[str, Indices], targets: Indices, items: int, *, against: str, seed: int
) -> list[Row]:
    """A row for each model's lists [users, places], `against` one of them."""
    k = targets.shape[1]
    found = {name: metrics.hits(made, targets) for name, made in lists.items()}
    yardstick = metrics.ndcg(found[against], SHORT, k)

    def figure(values: Doubles) -> Figure:
        return Figure(float(values.mean()), *metrics.interval(values, seed))

    return [
        Row(
            name,
            figure(metrics.hit_rate(hits, SHORT)),
            figure(metrics.recall(hits, LONG, k)),
            figure(metrics.ndcg(hits, SHORT, k)),
            metrics.coverage(lists[name], SHORT, items),
            figure(metrics.ndcg(hits, SHORT, k) - yardstick),
        )
        for name, hits in found.items()
    ]


def table(rows: Sequence[Row]) -> str:
    """Lines for people."""
    wide = max(len(row.name) for row in rows)
    names = ("hit@10", "recall@20", "NDCG@10", "coverage@10", "NDCG against item-kNN")
    widths = (23, 23, 23, 11, 26)
    head = "  ".join(f"{name:<{width}}" for name, width in zip(names, widths, strict=True))
    lines = [f"{'model':<{wide}}  {head}".rstrip()]
    for row in rows:
        figures = (
            str(row.hit),
            str(row.recall),
            str(row.ndcg),
            f"{row.coverage:.3f}",
            f"{row.ahead.value:+.4f} [{row.ahead.low:+.4f}, {row.ahead.high:+.4f}]",
        )
        cells = "  ".join(f"{cell:<{width}}" for cell, width in zip(figures, widths, strict=True))
        lines.append(f"{row.name:<{wide}}  {cells}".rstrip())
    return "\n".join(lines)


def chosen_table(chosen: Chosen) -> str:
    """What validation chose, for people."""
    lines = [f"{'part':<14} {'NDCG@10':>8} {'weight':>7} {'recency':>8}  settings"]
    lines += [_line(choice.model.label, choice) for choice in chosen.parts]
    half_life = "none" if chosen.half_life is None else f"{chosen.half_life:g} days"
    lines.append(
        f"{'popularity':<14} {chosen.popular_ndcg:>8.4f} {chosen.popular_weight:>7.3f} {'':>8}"
        f"  half-life={half_life}"
    )
    lines.append(f"{'blend':<14} {chosen.ndcg:>8.4f} {1:>7.3f}")
    lines.append("for comparison, with all of a history alike:")
    lines.append(_line(chosen.baseline.model.label, chosen.baseline))
    lines.append(f"validated on the last items of {chosen.users} users")
    return "\n".join(lines)


def told(chosen: Chosen) -> dict[str, Any]:
    """What validation chose, as JSON."""
    return {
        "ndcg@10": round(chosen.ndcg, 4),
        "users": chosen.users,
        "popularity": {
            "half_life_days": chosen.half_life,
            "ndcg@10": round(chosen.popular_ndcg, 4),
            "weight": chosen.popular_weight,
        },
        "parts": {choice.model.name: _told(choice) for choice in chosen.parts},
        "item-kNN": _told(chosen.baseline),
    }


def figures(rows: Sequence[Row]) -> dict[str, Any]:
    """The rows, as JSON."""
    return {
        row.name: {
            "hit@10": asdict(row.hit),
            "recall@20": asdict(row.recall),
            "ndcg@10": asdict(row.ndcg),
            "coverage@10": row.coverage,
            "ndcg@10 against item-kNN": asdict(row.ahead),
        }
        for row in rows
    }


def _line(name: str, choice: Choice) -> str:
    return (
        f"{name:<14} {choice.ndcg:>8.4f} {choice.weight:>7.3f} {choice.recency:>8g}"
        f"  {text(choice.settings)}"
    )


def _told(choice: Choice) -> dict[str, Any]:
    return {
        "settings": dict(choice.settings),
        "recency": choice.recency,
        "ndcg@10": round(choice.ndcg, 4),
        "weight": choice.weight,
    }
