"""How long a search among very many passages takes, over comparing the message with all of them.

The passages are made up: words by Zipf's law, vectors in clusters, as those of texts lie. Messages
are passages with noise, so that what is to be found is known.
"""

import time
from datetime import date

import numpy as np
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from deploy.runtime import Say
from services.generate.domain import retrieval
from services.generate.domain.calibration import FEATURES, Calibration
from services.generate.domain.entries import Entry
from services.generate.domain.retrieval import Floats, Index, Query, Shelf, centred
from services.generate.domain.words import WordIndex, terms
from tests.bench.figures import Figure, Result

PASSAGES = 100_000
MESSAGES = 400
WIDTH = 384
CLUSTERS = 500
WORDS, LENGTH, ASKED = 30_000, 40, 8
GOAL_MS = 30.0
TODAY = date(2026, 1, 1)


def measure(say: Say) -> Result:
    say(f"making up {PASSAGES} passages")
    rng = np.random.default_rng(0)
    index, queries, right = _made_up(rng)
    with threadpool_limits(1):
        for query in queries[:5]:
            index.search([query], TODAY)
        say("searching")
        spent, found = _search(index, queries)
        say("comparing with everything")
        limit, retrieval.EXHAUSTIVE = retrieval.EXHAUSTIVE, PASSAGES
        try:
            spent_on_all, found_of_all = _search(index, queries[:100])
        finally:
            retrieval.EXHAUSTIVE = limit
    p50, p99 = np.percentile(spent, [50, 99])
    all50, all99 = np.percentile(spent_on_all, [50, 99])
    same = np.mean([a == b for a, b in zip(found, found_of_all, strict=False)])
    hit = np.mean([a == b for a, b in zip(found, right, strict=True)])
    return Result(
        "Search",
        [
            Figure(
                f"search among {PASSAGES:,} passages, one core, p99",
                f"{p99:.1f} ms",
                f"{all99:.1f} ms, all compared",
                f"{p99 / all99:.2f}",
                f"at most {GOAL_MS:g} ms",
                bool(p99 <= GOAL_MS),
            ),
            Figure("the same, p50", f"{p50:.1f} ms", f"{all50:.1f} ms", f"{p50 / all50:.2f}"),
            Figure("first entry the same as when all are compared", f"{same:.3f}"),
            Figure("first entry the right one", f"{hit:.3f}"),
        ],
        [f"{MESSAGES} messages one at a time; passages and messages are made up."],
    )


def _made_up(rng: np.random.Generator) -> tuple[Index, list[Query], list[int]]:
    centres = rng.normal(size=(CLUSTERS, WIDTH))
    vectors = (
        centres[rng.integers(CLUSTERS, size=PASSAGES)] + rng.normal(size=(PASSAGES, WIDTH))
    ).astype(np.float32)
    nowhere = np.zeros(WIDTH, np.float32)
    said = np.minimum(rng.zipf(1.2, size=(PASSAGES, LENGTH)), WORDS)
    entries = tuple(Entry(f"en/d.md#{n}", "en/d.md", f"{n}", "", "", "en") for n in range(PASSAGES))
    shelf = Shelf(
        entries,
        centred(vectors + _noise(rng, vectors.shape), nowhere),
        centred(vectors, nowhere),
        nowhere,
        WordIndex.of([terms(f"w{word}" for word in text) for text in said]),
    )
    right = rng.choice(PASSAGES, MESSAGES, replace=False).tolist()
    queries = [
        Query(
            tuple(f"w{word}" for word in rng.choice(said[place], ASKED)),
            "en",
            vectors[place] + 2 * _noise(rng, (WIDTH,)),
        )
        for place in right
    ]
    calibration = Calibration((1.0,) * len(FEATURES), 0.0)
    return Index({"en": shelf}, calibration), queries, right


def _noise(rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:
    noise: Floats = (0.5 * rng.normal(size=shape)).astype(np.float32)
    return noise


def _search(index: Index, queries: list[Query]) -> tuple[list[float], list[int]]:
    """Milliseconds and the place of the first entry, for each query."""
    spent, found = [], []
    for query in queries:
        began = time.perf_counter()
        (match,) = index.search([query], TODAY)
        spent.append(1000 * (time.perf_counter() - began))
        found.append(int(match.best.section) if match.best else -1)
    return spent, found
