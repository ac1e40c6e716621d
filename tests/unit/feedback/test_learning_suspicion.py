"""One hostile or careless source is found, and cannot steer what is learned."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from services.feedback.domain.learning.caps import Caps
from services.feedback.domain.learning.rows import Label, Message, Selection, TrainingRow
from services.feedback.domain.learning.selection import select
from services.feedback.domain.learning.significance import holm
from services.feedback.domain.learning.suspicion import Caution, Suspect, suspects

INTENTS = tuple(f"intent_{n}" for n in range(8))
START = datetime(2026, 11, 1, tzinfo=UTC)
CAUTION = Caution(cosine=0.9)
ERRORS = 0.03
"""How often an honest agent errs."""


class World:
    """Messages about one of eight wishes, whose vectors lie around their wish's; `agents` label
    `each` of them, but for `hostile` ones that flip every label."""

    def __init__(self, seed: int, *, agents: int = 20, each: int = 50, hostile: int = 0) -> None:
        rng = np.random.default_rng(seed)
        centres = rng.normal(size=(len(INTENTS), 32))
        centres /= np.linalg.norm(centres, axis=1, keepdims=True)
        self.truth: dict[str, str] = {}
        self.vectors: dict[str, np.ndarray[tuple[int], np.dtype[np.float32]]] = {}
        self.messages: list[Message] = []
        for number in range(agents * each):
            true, agent = int(rng.integers(len(INTENTS))), number % agents
            errs, other = rng.random() < ERRORS, int(rng.integers(1, len(INTENTS)))
            flipped = agent < hostile or errs
            told = (true + other) % len(INTENTS) if flipped else true
            ticket, moment = f"T{number}", START + timedelta(minutes=number)
            vector = centres[true] + rng.normal(scale=0.04, size=32)
            self.truth[ticket] = INTENTS[true]
            self.vectors[ticket] = (vector / np.linalg.norm(vector)).astype(np.float32)
            label = Label(INTENTS[told], f"a{agent}", moment)
            said = INTENTS[int(rng.integers(len(INTENTS)))]
            self.messages.append(
                Message(ticket, "m1", f"text {number}", "en", said, f"c{number}", (label,))
            )

    def vectors_of(self, rows: Sequence[TrainingRow]) -> np.ndarray:
        return np.stack([self.vectors[row.ticket_id] for row in rows])

    def selected(self, caution: Caution = CAUTION, beside: int = 8500) -> Selection:
        caps = Caps(0.05, 20)
        return select(self.messages, self.vectors_of, caps=caps, caution=caution, beside=beside)

    def accuracy(self, found: Selection) -> float:
        return float(np.mean([self.truth[r.ticket_id] == r.intent for r in found.rows]))


def flagged_in(found: Selection) -> set[str | None]:
    return {one.row.agent_key for one in found.aside if one.reason.startswith("flagged")}


@pytest.mark.parametrize("seed", range(10))
def test_an_agent_flipping_all_of_5_percent_moves_the_labels_less_than_half_a_point(
    seed: int,
) -> None:
    honest, attacked = World(seed), World(seed, hostile=1)
    found = attacked.selected()
    assert flagged_in(found) == {"a0"}
    assert len(found.rows) == 950
    change = honest.accuracy(honest.selected()) - attacked.accuracy(found)
    assert abs(change) < 0.005


def test_even_unfound_a_flood_is_no_more_than_its_cap() -> None:
    """One of 20 agents sends 20 times as much as the others, all flipped, and no test looks."""
    world = World(0, agents=20, each=50)
    loud = World(1, agents=1, each=1000, hostile=1)
    for told in loud.messages:
        ticket = f"F{told.ticket_id}"
        world.truth[ticket] = loud.truth[told.ticket_id]
        world.vectors[ticket] = loud.vectors[told.ticket_id]
        labels = tuple(Label(one.intent, "loud", one.at) for one in told.labels)
        text = f"flood {told.text}"
        world.messages.append(
            Message(ticket, "m1", text, "en", told.said, f"f{told.ticket_id}", labels)
        )
    blind = Caution(judged=10**6)
    found = world.selected(blind, beside=0)
    rows = [row for row in found.rows if row.agent_key == "loud"]
    assert 0 < len(rows) <= 0.05 * len(found.rows)
    assert world.accuracy(found) > 1 - ERRORS - 0.05 - 0.02


def test_honest_agents_are_hardly_ever_flagged() -> None:
    wrongly = [flagged_in(World(seed, each=30).selected()) for seed in range(40)]
    assert sum(map(bool, wrongly)) <= 1


def test_two_hostile_of_twenty_are_both_found() -> None:
    assert flagged_in(World(3, hostile=2).selected()) == {"a0", "a1"}


def suspected(labels: Sequence[tuple[str, str]], near: bool = True) -> dict[str, Suspect]:
    """Rows by agent and intent, all about one thing or each about another."""
    rows = [
        TrainingRow(f"{'x' * n}", "en", intent, "correction", f"T{n}", "m1", f"c{n}", agent, START)
        for n, (agent, intent) in enumerate(labels, 1)
    ]
    vectors = np.eye(len(rows), dtype=np.float32)
    vectors = np.tile(vectors[0], (len(rows), 1)) if near else vectors
    return {one.speaker[1]: one for one in suspects(rows, vectors, CAUTION)}


def test_whoever_contradicts_those_who_agree_is_flagged() -> None:
    honest = [(agent, "refund") for agent in ("a1", "a2", "a4") for _ in range(12)]
    found = suspected([*honest, *[("a3", "loan")] * 10])
    assert {name for name, one in found.items() if one.flagged} == {"a3"}
    assert (found["a3"].contradicted, found["a3"].judged) == (10, 10)
    # None of the others' 36, by the rule of succession 1 of 38; four agents are tested.
    assert found["a3"].expected == pytest.approx(1 / 38)
    assert found["a3"].chance == pytest.approx(4 * (1 / 38) ** 10)
    assert found["a3"].reason.startswith("flagged: 10 of 10 labels contradict what others say, 3%")


def test_where_nobody_is_near_nobody_is_contradicted() -> None:
    labels = [(agent, "refund") for agent in ("a1", "a2", "a4") for _ in range(12)]
    assert suspected([*labels, *[("a3", "loan")] * 10], near=False) == {}


def test_too_few_rows_are_not_judged() -> None:
    honest = [(agent, "refund") for agent in ("a1", "a2", "a4") for _ in range(12)]
    assert "a3" not in suspected([*honest, *[("a3", "loan")] * 4])


def test_nobody_vouches_for_themselves() -> None:
    """Two agents at one place: for each there is one other voice, where two are needed."""
    told = [("a1", n) for n in range(6)] + [("a2", 6)]
    rows = [
        TrainingRow("x", "en", "loan", "correction", f"T{n}", "m1", f"c{n}", agent, START)
        for agent, n in told
    ]
    together = np.tile(np.array([1, 0], np.float32), (len(rows), 1))
    assert suspects(rows, together, CAUTION) == []


def test_holm_by_hand() -> None:
    # Ascending: 3 x 0.01, 2 x 0.03, 1 x 0.04 held up to 0.06.
    assert holm([0.04, 0.01, 0.03]) == pytest.approx([0.06, 0.03, 0.06])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []
