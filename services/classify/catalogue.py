"""Reads a catalogue file: what the company sells, by the names customers use."""

import csv
from pathlib import Path

from services.classify.domain.entities import Catalogue, Product

_TYPES = ("product", "plan")
_COLUMNS = ("id", "type", "names")


class CatalogueError(Exception):
    """The catalogue cannot be used; the message gives file, line and reason."""


def read_catalogue(path: Path) -> Catalogue:
    """A CSV with the columns id, type (product or plan) and names, parted by |."""
    products: list[Product] = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = [name for name in _COLUMNS if name not in (reader.fieldnames or ())]
            if missing:
                raise CatalogueError(f"{path}:1: the header lacks {', '.join(missing)}")
            for row in reader:
                products.append(_product(row, f"{path}:{reader.line_num}"))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CatalogueError(f"{path}: {error}") from None
    return Catalogue(products)


def _product(row: dict[str, str | None], place: str) -> Product:
    names = tuple(name.strip() for name in (row["names"] or "").split("|") if name.strip())
    if not row["id"] or not names:
        raise CatalogueError(f"{place}: id and names must not be empty")
    for known in _TYPES:
        if row["type"] == known:
            return Product(row["id"], known, names)  # type: ignore[arg-type]
    raise CatalogueError(f"{place}: type is {row['type']!r}, not product or plan")
