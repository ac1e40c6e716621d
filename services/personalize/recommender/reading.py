"""What both commands read: the log and the catalogue, with a progress bar."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from tqdm import tqdm

from services.personalize.domain.histories import Floats
from services.personalize.domain.recommending import Catalogue
from services.personalize.recommender.content import TextVectors, vectors_of
from services.personalize.recommender.data import Item, read_interactions, read_items
from services.personalize.recommender.log import Log


def read(data: Path, items: Path | None) -> tuple[Log, Mapping[str, Item]]:
    """The log and what the catalogue says of its items. Raises DataError or OSError."""
    told = read_items(items) if items else {}
    with tqdm(desc="read", unit="row", mininterval=0.5) as bar:
        return read_interactions(data, told, bar.update), told


def catalogue_of(log: Log, told: Mapping[str, Item]) -> Catalogue:
    """The log's items; one the catalogue does not name is available and titled by its id."""
    items = [told.get(item, Item(item, "")) for item in log.items]
    return Catalogue(
        log.items,
        tuple(item.title for item in items),
        np.array([item.available for item in items], np.bool_),
        np.array([item.repeatable for item in items], np.bool_),
    )


def content_of(log: Log, told: Mapping[str, Item], encode: TextVectors | None) -> Floats | None:
    """float32 [items, width]: vectors of title and text; None without texts or an encoder."""
    if encode is None or not told:
        return None
    known = [told.get(item) for item in log.items]
    texts = [f"{item.title}\n{item.text}".strip() if item else "" for item in known]
    return vectors_of(texts, encode)
