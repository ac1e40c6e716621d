"""Workers that die at a step of their own, by SIGKILL, all of them in one stream."""

import asyncio
import random
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from deploy.runtime.child import KILLED
from deploy.system import WORKERS
from services.personalize.domain.recommending import Catalogue, Recommender
from services.personalize.recommender import artifact
from shared.envelope import Event, new_event
from shared.events import KnowledgeUpdated, ModelPromoted, Payload
from shared.modelstore import ModelStore
from tests.chaos.arena import NOON, Arena, ended
from tests.chaos.armed import APPLIES
from tests.chaos.faults.stops import busy

LONG, SHORT = 600, 150
LATEST = 4
"""The last passage at which one dies."""
SOURCE = "/careloop/feedback"


async def at_step(arena: Arena, step: str) -> str:
    """Each worker that has the step dies at a passage drawn by the seed, and is started again."""
    drawn = random.Random(f"{arena.seed} {step}")
    victims = APPLIES[step]
    stream = arena.stream(SHORT if arena.quick else LONG)
    rounds = 1 if arena.quick else 2
    part = len(stream) // rounds
    await arena.emptied()
    places = []
    for number in range(rounds):
        passages = {name: drawn.randint(1, LATEST) for name in victims}
        await _arm(arena, step, passages)
        places += await arena.wire.publish(stream[number * part : (number + 1) * part])
        await _replaced(arena, victims, step)
        # What is still on its way would kill those of the next round before they are ready.
        await arena.wire.settled(240)
    told = await arena.balanced(stream, places)
    return f"{rounds * len(victims)} killed; {told}"


async def rebalancing(arena: Arena) -> str:
    """Each worker dies when it is to hand over partitions to a second process that came, amid
    traffic; the second goes on alone."""
    step = "while_rebalancing"
    stream = arena.stream(SHORT if arena.quick else LONG)
    await arena.emptied()
    await _arm(arena, step, dict.fromkeys(WORKERS, 1))
    half = len(stream) // 2
    before, _ = await arena.wire.progress("feedback", "feedback")
    places = await arena.wire.publish(stream[:half])
    await busy(arena, "feedback", before)
    for name in WORKERS:
        arena.started(name, "-second")
    await _dead(arena, WORKERS, step)
    for name in WORKERS:
        del arena.workers[name]
    places += await arena.wire.publish(stream[half:])
    await arena.ready()
    told = await arena.balanced(stream, places)
    return f"{len(WORKERS)} killed; {told}"


async def swapping(arena: Arena) -> str:
    """Workers that follow promotions die when the new model is loaded and not remembered yet."""
    step = "while_swapping"
    victims = APPLIES[step]
    stream = arena.stream(SHORT if arena.quick else LONG)
    told = _promotions(ModelStore(arena.system.environment["MODEL_STORE"]))
    await arena.emptied()
    await _arm(arena, step, dict.fromkeys(victims, 1))
    half = len(stream) // 2
    places = await arena.wire.publish(stream[:half])
    await arena.tell("feedback", told)
    await _replaced(arena, victims, step)
    places += await arena.wire.publish(stream[half:])
    await arena.ready()
    found = await arena.balanced(stream, places, told)
    return f"{len(victims)} killed; {found}"


async def _arm(arena: Arena, step: str, passages: dict[str, int]) -> None:
    """Have armed processes where there are victims, and sound ones elsewhere; all ready."""
    await asyncio.gather(
        *(asyncio.to_thread(arena.workers[name].stop) for name in passages if name in arena.workers)
    )
    for name in WORKERS:
        if name in passages:
            arena.armed(name, step, passages[name])
        elif name not in arena.workers:
            arena.started(name)
    await arena.ready()


async def _replaced(arena: Arena, victims: Sequence[str], step: str) -> None:
    """Each victim is dead by its own hand, and at once a sound process starts in its place."""

    async def one(name: str) -> None:
        await _dead(arena, [name], step)
        arena.started(name)

    await asyncio.gather(*map(one, victims))


async def _dead(arena: Arena, victims: Sequence[str], step: str) -> None:
    for name in victims:
        victim = arena.workers[name]
        await ended(victim, f"{name} dies {step}")
        assert victim.exit_code() == KILLED, f"{name} ended with {victim.exit_code()}"


def _promotions(store: ModelStore) -> list[Event[Payload]]:
    """A promotion for each worker that follows some. The models are the newest, so that replies
    are what they were."""
    recommender = store.latest(artifact.NAME) or _small_recommender(store)
    classifier, knowledge = (store.require_latest(name) for name in ("classifier", "knowledge"))
    now = NOON
    told: list[Payload] = [
        ModelPromoted(name="classifier", version=classifier, promoted_at=now),
        ModelPromoted(name=artifact.NAME, version=recommender, promoted_at=now),
        KnowledgeUpdated(version=knowledge, updated_at=now),
    ]
    return [new_event(one, cause=str(one.key), source=SOURCE, now=now) for one in told]


def _small_recommender(store: ModelStore) -> str:
    """Two things to offer, by their popularity alone."""
    catalogue = Catalogue(("lamp", "watch"), ("Lamp", "Watch"), np.ones(2, bool), np.ones(2, bool))
    with tempfile.TemporaryDirectory() as folder:
        artifact.save(Path(folder), Recommender(catalogue, np.array([0.6, 0.4]), 1.0, ()), {})
        return store.put(artifact.NAME, Path(folder), {"format": artifact.FORMAT})
