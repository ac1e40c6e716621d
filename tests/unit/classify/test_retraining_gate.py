"""What the gate lets through, and what it stops."""

import json
from collections.abc import Mapping

import numpy as np
import pytest

from services.classify.retraining.bootstrap import calibration_difference, mean_difference
from services.classify.retraining.gate import Answers, Corrected, gate
from services.classify.retraining.heads import Marks
from services.classify.retraining.limits import Limits
from services.classify.retraining.verdict import Check, Verdict
from services.classify.training.report import calibration_error

LABELS = tuple(f"intent_{n:02}" for n in range(25))
TRUTH = [label for label in LABELS for _ in range(38)]
FIXED = Corrected(wrong=20, fixed=18, unseen_wrong=5, unseen_fixed=4)
NONE = Corrected(0, 0, 0, 0)
SAME = ([1.0, 1.1, 0.9], [1.0, 1.1, 0.9])
HALF = np.tile([0.0, 1.0], 400)
KEPT = {"sentiment": Marks(HALF, HALF), "priority": Marks(HALF, HALF)}


def answers(
    seed: int, error: float = 0.1, *, confidence: float | None = None, worse: str = ""
) -> Answers:
    """Right but for `error` of the rows, all of those of the label that is `worse`; as sure as
    that unless told how."""
    rng = np.random.default_rng(seed)
    wrong = rng.random(len(TRUTH)) < error
    said = [
        LABELS[(LABELS.index(true) + 1) % len(LABELS)] if miss or true == worse else true
        for true, miss in zip(TRUTH, wrong, strict=True)
    ]
    return Answers(said, [1 - error if confidence is None else confidence] * len(TRUTH))


def judged(
    current: Answers,
    candidate: Answers,
    *,
    heads: Mapping[str, Marks] = KEPT,
    corrected: Corrected = FIXED,
    seconds: tuple[list[float], list[float]] = SAME,
    truth: list[str] = TRUTH,
) -> Verdict:
    return gate(
        truth,
        current,
        candidate,
        heads=heads,
        corrected=corrected,
        seconds=seconds,
        limits=Limits(),
        seed=0,
    )


def failed(verdict: Verdict) -> list[str]:
    return [check.name for check in verdict.checks if not check.passed]


def mended(current: Answers, rows: int) -> Answers:
    """The same, with so many of the wrong rows right, and as sure as it may be."""
    said = list(current.intents)
    wrong = [i for i, (a, b) in enumerate(zip(said, TRUTH, strict=True)) if a != b]
    for i in wrong[:rows]:
        said[i] = TRUTH[i]
    accuracy = float(np.mean([a == b for a, b in zip(said, TRUTH, strict=True)]))
    return Answers(said, [accuracy] * len(TRUTH))


def test_a_better_model_passes_with_all_its_figures() -> None:
    current = answers(1)
    verdict = judged(current, mended(current, 40))
    assert verdict.passed and failed(verdict) == []
    assert [check.name for check in verdict.checks] == [
        "overall", "labels", "sentiment", "priority", "calibration", "latency", "corrected",
    ]  # fmt: skip
    overall = verdict.checks[0].figures
    assert overall["difference"] == pytest.approx(40 / 950)
    assert 0 < overall["low"] < 40 / 950 < overall["high"]
    told = json.loads(json.dumps(verdict.as_json()))
    assert told["passed"] is True and told["rows"] == 950
    assert told["checks"][6]["figures"] == {
        "wrong": 20, "fixed": 18, "unseen_wrong": 5, "unseen_fixed": 4,
    }  # fmt: skip
    assert "overall      passed  accuracy is better (current 0." in verdict.table()


def test_the_same_model_passes_only_if_corrected_cases_are_fixed() -> None:
    current = answers(1)
    assert judged(current, current).passed
    assert failed(judged(current, current, corrected=NONE)) == ["overall"]


def test_a_model_that_may_be_a_point_worse_does_not_pass() -> None:
    current = answers(1, 0.05)
    assert "overall" in failed(judged(mended(current, 20), current))


def test_one_lost_label_stops_a_model_that_is_better_overall() -> None:
    current = answers(1, 0.3)
    candidate = answers(2, 0.05, worse="intent_07")
    verdict = judged(current, candidate)
    assert failed(verdict) == ["labels"]
    assert verdict.reason == "worse: intent_07"
    assert verdict.checks[1].figures["loss of intent_07"] > 0.5


def test_a_label_with_fewer_than_20_rows_is_not_judged_alone() -> None:
    truth = ["common"] * 300 + ["rare"] * 19
    right = Answers(truth, [0.9] * 319)
    lost = Answers(["common"] * 319, [0.9] * 319)
    for rare, stopped in ((19, False), (20, True)):
        rows = truth[: 300 + 19] + ["rare"] * (rare - 19)
        before = Answers([*right.intents, *["rare"] * (rare - 19)], [0.9] * len(rows))
        after = Answers([*lost.intents, *["common"] * (rare - 19)], [0.9] * len(rows))
        verdict = judged(before, after, truth=rows)
        assert ("labels" in failed(verdict)) is stopped


def test_models_as_good_as_each_other_are_hardly_ever_stopped_by_a_label() -> None:
    """40 pairs of models with independent errors on 1 row in 20: 25 labels each could fail."""
    stopped = [
        "labels" in failed(judged(answers(2 * seed, 0.05), answers(2 * seed + 1, 0.05)))
        for seed in range(40)
    ]
    assert sum(stopped) <= 4


@pytest.mark.parametrize("head", ["sentiment", "priority"])
def test_a_head_that_reads_worse_stops_a_model_that_is_better_overall(head: str) -> None:
    current = answers(1)
    worse = {**KEPT, head: Marks(HALF, np.where(np.arange(800) % 20 == 1, 0.0, HALF))}
    verdict = judged(current, mended(current, 40), heads=worse)
    assert failed(verdict) == [head]
    assert verdict.reason == f"{head} is read worse"
    assert f"{head:<12} FAILED  {head} is read worse (rows 800, current 0.5, " in verdict.table()


def test_overconfidence_stops_it() -> None:
    current = answers(1)
    candidate = Answers(mended(current, 30).intents, [0.999] * len(TRUTH))
    verdict = judged(current, candidate)
    assert failed(verdict) == ["calibration"]
    assert verdict.reason == "calibration error grows"


def test_a_slower_model_is_stopped_but_one_hiccup_is_not() -> None:
    current = answers(1)
    candidate = mended(current, 40)
    slow = ([1.0, 1.0, 1.0], [1.3, 1.3, 1.3])
    assert failed(judged(current, candidate, seconds=slow)) == ["latency"]
    hiccup = ([1.0, 1.0, 1.0], [1.0, 9.0, 1.0])
    assert judged(current, candidate, seconds=hiccup).passed


def test_corrections_that_are_not_learned_stop_it() -> None:
    current = answers(1)
    ignored = Corrected(wrong=20, fixed=9, unseen_wrong=0, unseen_fixed=0)
    verdict = judged(current, mended(current, 40), corrected=ignored)
    assert failed(verdict) == ["corrected"]
    assert verdict.reason == "9 of 20 corrected cases fixed"


def test_the_same_seed_gives_the_same_verdict() -> None:
    assert judged(answers(1), answers(2)) == judged(answers(1), answers(2))


def test_further_checks_count() -> None:
    verdict = Verdict(1, (Check("a", True, {}, "fine"),))
    assert verdict.passed
    assert not verdict.with_check(Check("b", False, {}, "bad")).passed
    assert verdict.with_check(Check("b", False, {}, "bad")).reason == "bad"


def test_the_interval_of_a_mean_agrees_with_the_normal_one() -> None:
    gains = np.array([1.0] * 30 + [-1.0] * 10 + [0.0] * 360)
    found = mean_difference(np.zeros(400), gains, np.random.default_rng(0))
    assert found.seen == pytest.approx(0.05)
    half = 1.96 * gains.std() / 20
    assert found.interval() == pytest.approx((0.05 - half, 0.05 + half), abs=0.003)
    assert found.chance_at_least(-1) == 1.0
    assert found.chance_at_least(0.05) == pytest.approx(0.5, abs=0.08)


def test_calibration_is_that_of_the_training_report() -> None:
    rng = np.random.default_rng(0)
    sure = rng.random(500)
    told = [(sure**power, (rng.random(500) < sure).astype(float)) for power in (1.0, 2.0)]
    expected = [
        calibration_error(confidence.astype(np.float32), right.astype(bool))
        for confidence, right in told
    ]
    found = calibration_difference(told[0], told[1], rng)
    assert found.seen == pytest.approx(expected[1] - expected[0], abs=1e-5)
    low, high = found.interval()
    assert 0 < low < found.seen < high
