"""Classify against its parts: the bare encoder, full precision, evidence switched off, memory."""

import asyncio
import csv
import gc
import random
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from deploy import topics as topic_admin
from deploy.runtime import Runtime, Say, start
from deploy.system import artifacts
from deploy.system.processes import WorkerProcess
from services.classify.encoder import StoredModels
from services.classify.train import SEED_FILES
from shared.encoder import build, checkpoint
from shared.encoder.encoder import Encoder
from shared.envelope import encode
from shared.modelstore import ModelStore
from shared.topics import CLASSIFY, PERSONALIZE
from tests.bench import bare
from tests.bench.figures import Figure, Result, memory_of_worker, over
from tests.bench.machine import vector_extensions
from tests.bench.memory import resident
from tests.bench.trips import Trips
from tests.integration.samples import accepted

ROUNDS = 5
TEXTS = 1_500
EXACT_TEXTS = 200
TURN = 100
SPEED_GOAL, EVIDENCE_GOAL, COSINE_GOAL, MEMORY_GOAL = 0.90, 0.97, 0.99, 600
EIGHT_BITS_GOALS = {"vnni": 3.0, "avx2": 1.7}
EVIDENCE_WORDS = 5


def measure(folder: Path, home: Path, say: Say) -> Result:
    """Everything of classify, each with its yardstick in turns."""
    artifacts.ensure(str(home / "models"), home / "cache", say)
    texts = _texts()
    figures = [
        *_worker(folder, home, texts, say),
        _evidence(home, texts),
        *_precision(folder, home, texts, say),
    ]
    return Result("Classify", figures, _notes())


def _texts() -> list[str]:
    """Messages of the seed, both languages mixed, always the same ones."""
    found: list[str] = []
    for path in SEED_FILES:
        with path.open(encoding="utf-8", newline="") as rows:
            found += [row["text"] for row in csv.DictReader(rows)]
    return random.Random(0).sample(found, TEXTS)


def _worker(folder: Path, home: Path, texts: Sequence[str], say: Say) -> list[Figure]:
    """The worker on Kafka, and the encoder alone on the same texts."""
    encoder = bare.served_encoder(home)
    with start(folder / "classify", say=say) as runtime:
        topic_admin.apply(runtime.endpoints.kafka)
        worker = WorkerProcess("classify", _environment(runtime, home), folder / "classify.log")
        worker.start()
        try:
            worker.wait_until_ready()
            ours, yardstick = asyncio.run(_turns(runtime, encoder, texts, say))
            memory = resident(worker.pid)
        finally:
            worker.stop()
    return [
        over("worker on Kafka, over the bare encoder", "texts/s", ours, yardstick, SPEED_GOAL),
        memory_of_worker(memory, MEMORY_GOAL),
    ]


def _environment(runtime: Runtime, home: Path) -> dict[str, str]:
    return {
        "KAFKA_BOOTSTRAP_SERVERS": runtime.endpoints.kafka,
        "MONGO_URL": runtime.endpoints.mongo,
        "MODEL_STORE": str(home / "models"),
        "MODEL_CACHE": str(home / "cache"),
        "ENCODER_THREADS": "1",
    }


async def _turns(
    runtime: Runtime, encoder: Encoder, texts: Sequence[str], say: Say
) -> tuple[list[float], list[float]]:
    """Texts a second of the worker and of the encoder, by round; the first round warms both."""
    ours: list[float] = []
    yardstick: list[float] = []
    async with Trips(runtime.endpoints.kafka, CLASSIFY.name, PERSONALIZE.name) as trips:
        for number in range(ROUNDS + 1):
            messages = {
                f"R{number}T{place}": encode(accepted(f"R{number}T{place}", 1, text))
                for place, text in enumerate(texts)
            }
            began = time.perf_counter()
            for ticket_id, (_, value, headers) in messages.items():
                await trips.send(ticket_id, value, headers)
            await trips.answers(set(messages))
            worker = len(texts) / (time.perf_counter() - began)
            alone = _speed(lambda: encoder.encode(texts), len(texts))
            if number:
                ours.append(worker)
                yardstick.append(alone)
                say(f"classify, round {number} of {ROUNDS}: {worker:.0f}/s, bare {alone:.0f}/s")
    return ours, yardstick


def _evidence(home: Path, texts: Sequence[str]) -> Figure:
    """The model with and without telling the words that carried its decisions."""
    store = ModelStore(str(home / "models"))
    models = [
        StoredModels(store, home / "cache", threads=1, evidence_words=words).load(None)
        for words in (EVIDENCE_WORDS, 0)
    ]
    # As the worker does when it is loaded.
    gc.collect()
    gc.freeze()
    speeds = _by_turns([lambda some, model=model: model.read(some) for model in models], texts)  # type: ignore[misc]
    gc.unfreeze()
    return over("evidence told, over not told", "texts/s", speeds[0], speeds[1], EVIDENCE_GOAL)


def _precision(folder: Path, home: Path, texts: Sequence[str], say: Say) -> list[Figure]:
    """Eight bits on ONNX Runtime against torch in full precision: speed and likeness."""
    import torch  # noqa: PLC0415

    say("building the encoder in full precision")
    torch.set_num_threads(1)
    store = ModelStore(str(folder / "exact"))
    name, version = build.ensure_encoder(store, checkpoint.default(), keep_weights=True)
    fetched = store.fetch(name, version, folder / "exact-cache")
    served = Encoder.load(fetched, 1)
    exact = Encoder.load(fetched, 1, "torch")
    some = texts[:EXACT_TEXTS]
    speeds = _by_turns(
        [lambda part, encoder=encoder: encoder.encode(part) for encoder in (served, exact)],  # type: ignore[misc]
        some,
    )
    cosines = np.einsum("ij,ij->i", served.encode(some), exact.encode(some))
    extensions = vector_extensions()
    kind = "vnni" if any("vnni" in name for name in extensions) else "avx2"
    return [
        over(
            f"8 bits over 32 of torch ({', '.join(extensions)})",
            "texts/s",
            speeds[0],
            speeds[1],
            EIGHT_BITS_GOALS[kind],
        ),
        Figure(
            f"smallest cosine of their vectors, {len(some)} texts",
            f"{cosines.min():.4f}",
            f"median {np.median(cosines):.4f}",
            goal=f"at least {COSINE_GOAL}",
            reached=bool(cosines.min() >= COSINE_GOAL),
        ),
    ]


def _by_turns(
    works: Sequence[Callable[[Sequence[str]], object]], texts: Sequence[str]
) -> list[list[float]]:
    """Texts a second of each by round: they take turns every few texts, so that whatever else the
    machine does weighs on all alike."""
    speeds: list[list[float]] = [[] for _ in works]
    for _ in range(ROUNDS):
        seconds = [0.0] * len(works)
        for turn, first in enumerate(range(0, len(texts), TURN)):
            some = texts[first : first + TURN]
            for place in range(len(works)):
                one = (turn + place) % len(works)
                began = time.perf_counter()
                works[one](some)
                seconds[one] += time.perf_counter() - began
        for found, spent in zip(speeds, seconds, strict=True):
            found.append(len(texts) / spent)
    return speeds


def _speed(work: Callable[[], object], texts: int) -> float:
    began = time.perf_counter()
    work()
    return texts / (time.perf_counter() - began)


def _notes() -> list[str]:
    return [
        f"{TEXTS} messages of the seed in both languages, {ROUNDS} rounds in turns, one thread for "
        "a pass; ratios are the rounds' median (smallest to largest).",
        "The worker's time is from the first message sent to the last answer read: Kafka, contract "
        "checks, heads, evidence, entities and rules are in it, and the broker and this process "
        "share the machine's cores.",
    ]
