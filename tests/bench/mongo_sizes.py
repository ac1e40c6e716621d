"""How much the workers keep in their databases."""

import bson

from tests.e2e.mongo import dump


def kept(url: str) -> dict[str, tuple[int, int]]:
    """Documents and their bytes in BSON by `database.collection`, without indexes and before the
    database compresses them."""
    return {
        name: (len(documents), sum(len(bson.encode(one)) for one in documents.values()))
        for name, documents in dump(url).items()
    }
