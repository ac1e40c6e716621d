"""A candidate that reads moods or priorities worse is stopped, however well it reads wishes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest

from services.classify.domain.heads import Ranked
from services.classify.domain.reading import Reading
from services.classify.retraining.comparing import Rivals, judged
from services.classify.retraining.gate import Limits
from services.classify.retraining.material import Lessons, Row
from services.classify.retraining.verdict import Check
from services.classify.training.data import Example
from services.classify.training.taxonomy import Taxonomy

ROWS = 400
MOODS, LEVELS = ("neutral", "negative"), ("normal", "high", "low")
HELD_OUT = [
    Example(
        f"message {n}",
        "en",
        {"intent": "refund", "sentiment": MOODS[n % 2], "priority": LEVELS[n % 3]},
    )
    for n in range(ROWS)
]
CORRECTION = Row("a voucher", "en", "gift_card", "correction", "T-1", "m1", "2026-11-23")


@dataclass(frozen=True)
class Scripted:
    """Reads every wish right, and of each head but so many wrong; the correction if it `knows`."""

    wrong: dict[str, frozenset[int]]
    knows: bool
    version: str = "classifier@1"
    encoder_name: str = "e"
    encoder_version: str = "1"

    def read(self, texts: Sequence[str]) -> list[Reading]:
        return [self._reading(text) for text in texts]

    def _reading(self, text: str) -> Reading:
        if text == CORRECTION.text:
            said, labels, n = "gift_card" if self.knows else "refund", HELD_OUT[0].labels, -1
        else:
            n = int(text.split()[1])
            said, labels = "refund", HELD_OUT[n].labels

        def head(name: str) -> tuple[Ranked, ...]:
            wrong = n in self.wrong.get(name, frozenset())
            return (Ranked("another" if wrong else labels[name], 0.9),)

        vector = np.zeros(1, np.float32)
        wish = (Ranked(said, 0.9),)
        return Reading(wish, head("sentiment"), head("priority"), 0.0, False, {}, vector)


def checks(
    before: dict[str, frozenset[int]],
    after: dict[str, frozenset[int]],
    held_out: Sequence[Example] = HELD_OUT,
) -> dict[str, Check]:
    lessons = Lessons((), Taxonomy({}, {}), held_out, [(CORRECTION, True)], {})
    current = Scripted(before, knows=False)
    rivals = Rivals(current, current, Scripted(after, knows=True))
    return {one.name: one for one in judged(lessons, rivals, Limits(slower=100.0), 0).checks}


def some(share: float, seed: int) -> frozenset[int]:
    return frozenset(np.flatnonzero(np.random.default_rng(seed).random(ROWS) < share).tolist())


@pytest.mark.parametrize("head", ["sentiment", "priority"])
def test_ten_points_less_are_stopped_and_told_by_name(head: str) -> None:
    usual = {name: some(0.1, 1) for name in ("sentiment", "priority")}
    found = checks(usual, {**usual, head: usual[head] | some(0.12, 2)})
    assert [name for name, check in found.items() if not check.passed] == [head]
    assert found[head].said == f"{head} is read worse"
    assert found[head].figures["candidate"] < found[head].figures["current"] - 0.05


def test_one_that_is_as_good_is_hardly_ever_stopped() -> None:
    """100 pairs of models, each wrong in a tenth of other messages: two heads could stop each."""
    pairs = range(100)
    stopped = 0
    for n in pairs:
        before, after = (
            {"sentiment": some(0.1, 4 * n + k), "priority": some(0.1, 4 * n + k + 1)}
            for k in (0, 2)
        )
        found = checks(before, after)
        stopped += not (found["sentiment"].passed and found["priority"].passed)
    assert stopped <= 5


def test_rows_without_the_label_do_not_count_and_too_few_say_nothing() -> None:
    labelled = 19
    held_out = [
        Example(one.text, "en", {k: v for k, v in one.labels.items() if k != "sentiment" or few})
        for n, one in enumerate(HELD_OUT)
        for few in (n < labelled,)
    ]
    everything = frozenset(range(ROWS))
    found = checks({}, {"sentiment": everything, "priority": everything}, held_out)
    assert found["sentiment"].passed and found["sentiment"].figures == {"rows": labelled}
    assert found["sentiment"].said == "too few rows to judge by"
    assert not found["priority"].passed
