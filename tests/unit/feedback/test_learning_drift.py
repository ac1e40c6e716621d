"""Drift is told when there is some, hardly ever when there is none, and then training is due."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from scipy import stats

from services.feedback.domain.learning.drift import (
    MOST,
    Drift,
    Finding,
    Window,
    drift,
    energy,
    kolmogorov_smirnov,
    label_mix,
    two_rates,
)
from services.feedback.domain.learning.triggers import (
    Drifted,
    EnoughRows,
    Scheduled,
    Triggers,
    due,
)

ALPHA = 0.05


def window(
    rng: np.random.Generator,
    count: int = 150,
    *,
    shift: float = 0.0,
    mix: tuple[float, ...] = (0.4, 0.3, 0.2, 0.1),
    confidence: tuple[float, float] = (6, 2),
    outside: float = 0.05,
) -> Window:
    vectors = rng.normal(size=(count, 16))
    vectors[:, 0] += shift
    return Window(
        (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32),
        [f"intent_{n}" for n in rng.choice(len(mix), count, p=mix)],
        rng.beta(*confidence, size=count).tolist(),
        (rng.random(count) < outside).tolist(),
    )


def compared(seed: int, **changes: object) -> Drift:
    rng = np.random.default_rng(seed)
    recent = window(rng, **changes)  # type: ignore[arg-type]
    return drift(window(rng), recent, rng, alpha=ALPHA, permutations=199)


def test_without_any_change_at_most_alpha_of_looks_cry_drift() -> None:
    """200 looks; more than 17 would be 2.3 standard errors above 5 %."""
    cried = [bool(compared(seed).drifted) for seed in range(200)]
    assert sum(cried) <= 17


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("embedding", {"shift": 1.0}),
        ("labels", {"mix": (0.2, 0.3, 0.2, 0.3)}),
        ("confidence", {"confidence": (4, 2.5)}),
        ("out_of_scope", {"outside": 0.2}),
    ],
)
def test_a_stated_change_is_found_in_9_of_10_and_by_its_test(
    kind: str, changes: dict[str, object]
) -> None:
    found = [[one.kind for one in compared(seed, **changes).drifted] for seed in range(50)]
    assert sum(kind in kinds for kinds in found) >= 45
    others = sum(len(set(kinds) - {kind}) for kinds in found)
    assert others <= 8


def test_the_same_seed_gives_the_same_findings() -> None:
    assert compared(5, shift=0.3) == compared(5, shift=0.3)


def test_long_windows_are_compared_by_a_part_of_them() -> None:
    rng = np.random.default_rng(0)
    long = window(rng, 20 * MOST)
    assert not drift(window(rng, MOST), long, rng, permutations=99).drifted


def test_energy_by_hand() -> None:
    # Between: 3 and 1, mean 2. Within before: 0. Within recent: (0 + 2 + 2 + 0) / 4 = 1.
    before, recent = np.array([[0.0]]), np.array([[1.0], [3.0]])
    statistic, chance = energy(
        before.astype(np.float32), recent.astype(np.float32), np.random.default_rng(0), 2999
    )
    assert statistic == pytest.approx(2 * 2 - 0 - 1)
    # The other two ways to choose the lone point: 3 gives 4, 1 gives 0.
    assert chance == pytest.approx(2 / 3, abs=0.03)


def test_label_mix_is_pearson_s_statistic() -> None:
    before, recent = ["a"] * 30 + ["b"] * 10 + ["c"] * 5, ["a"] * 20 + ["b"] * 25
    statistic, chance = label_mix(before, recent, np.random.default_rng(0), 9999)
    expected = stats.chi2_contingency([[30, 10, 5], [20, 25, 0]], correction=False)
    assert statistic == pytest.approx(expected.statistic)
    assert chance == pytest.approx(expected.pvalue, abs=0.002)
    assert label_mix(["a"], ["a"], np.random.default_rng(0), 99) == (0.0, 1.0)


def test_kolmogorov_smirnov_agrees_with_the_exact_test() -> None:
    rng = np.random.default_rng(1)
    for shift in (0.0, 0.3, 0.6):
        before, recent = rng.normal(size=80).tolist(), (rng.normal(size=60) + shift).tolist()
        statistic, chance = kolmogorov_smirnov(before, recent)
        expected = stats.ks_2samp(before, recent, method="exact")
        assert statistic == pytest.approx(expected.statistic)
        assert chance == pytest.approx(expected.pvalue, abs=0.02)
    assert kolmogorov_smirnov([0.5] * 9, [0.5] * 9) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("k", "n", "j", "m"), [(3, 50, 12, 50), (0, 10, 0, 20), (5, 5, 0, 6), (7, 90, 2, 20)]
)
def test_two_rates_is_fisher_s_exact_test(k: int, n: int, j: int, m: int) -> None:
    difference, chance = two_rates([True] * k + [False] * (n - k), [True] * j + [False] * (m - j))
    assert difference == pytest.approx(j / m - k / n)
    assert chance == pytest.approx(stats.fisher_exact([[k, n - k], [j, m - j]]).pvalue)


NOW = datetime(2026, 11, 20, tzinfo=UTC)
TRIGGERS = Triggers(rows=100, every=timedelta(days=30), pause=timedelta(hours=6))
CALM = Drift((Finding("labels", 1.0, 0.4, 1.0, False),))
SHIFTED = Drift((*CALM.findings, Finding("embedding", 0.2, 0.001, 0.004, True)))


def test_each_trigger_names_itself_and_its_figures() -> None:
    last = NOW - timedelta(days=31)
    reasons = due(TRIGGERS, new_rows=120, drift=SHIFTED, last=last, now=NOW)
    assert reasons == (
        EnoughRows(120, 100),
        Drifted((("embedding", 0.004),)),
        Scheduled(timedelta(days=31)),
    )
    assert [str(reason) for reason in reasons] == [
        "120 new rows, 100 are enough",
        "drift: embedding (p = 0.004)",
        "schedule: last trained 31 days ago",
    ]


def test_nothing_is_due_before_its_time() -> None:
    yesterday = NOW - timedelta(days=1)
    assert due(TRIGGERS, new_rows=99, drift=CALM, last=yesterday, now=NOW) == ()
    assert due(TRIGGERS, new_rows=99, drift=None, last=yesterday, now=NOW) == ()
    just_now = NOW - timedelta(hours=5)
    assert due(TRIGGERS, new_rows=500, drift=SHIFTED, last=just_now, now=NOW) == ()


def test_without_new_rows_there_is_nothing_to_learn() -> None:
    last = NOW - timedelta(days=99)
    assert due(TRIGGERS, new_rows=0, drift=SHIFTED, last=last, now=NOW) == ()


def test_no_schedule_is_none() -> None:
    unscheduled = Triggers(rows=100, every=None)
    last = NOW - timedelta(days=999)
    assert due(unscheduled, new_rows=1, drift=CALM, last=last, now=NOW) == ()
