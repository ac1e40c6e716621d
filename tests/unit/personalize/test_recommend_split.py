"""What is set aside, and that nothing later is known."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.personalize.domain.histories import newest
from services.personalize.recommender.data import read_interactions
from services.personalize.recommender.judging import panel_of
from services.personalize.recommender.log import Log
from services.personalize.recommender.splits import LEAST_BEFORE, leave_last_out

K = 2


def log_of(folder: Path, rows: list[tuple[str, str, int, str]]) -> Log:
    path = folder / "log.csv"
    lines = [f"{user},{item},{at},,{kind}" for user, item, at, kind in rows]
    path.write_text("user,item,timestamp,value,event\n" + "\n".join(lines), encoding="utf-8")
    return read_interactions(path)


def bought(user: str, count: int, start: int = 0) -> list[tuple[str, str, int, str]]:
    return [(user, f"i{n}", start + n, "purchased") for n in range(count)]


def test_the_last_items_are_targets_and_what_is_before_them_is_known(tmp_path: Path) -> None:
    rows = bought("u", 6)
    split = leave_last_out(log_of(tmp_path, rows[::-1]), K)
    assert [split.known.items[i] for i in split.targets[0]] == ["i4", "i5"]
    assert [split.known.items[i] for i in split.known.item] == ["i0", "i1", "i2", "i3"]


def test_who_did_too_little_is_not_judged_and_known_whole(tmp_path: Path) -> None:
    few = K + LEAST_BEFORE - 1
    split = leave_last_out(log_of(tmp_path, bought("few", few) + bought("u", 6)), K)
    assert len(split.users) == 1
    assert len(split.known) == few + 6 - K


def test_all_that_happened_from_the_first_target_on_is_unknown(tmp_path: Path) -> None:
    rows = [
        *bought("u", 6),
        ("u", "seen", 4, "viewed"),  # beside the first target, told after it
        ("u", "i0", 7, "returned"),
        ("u", "i1", 8, "purchased"),  # bought again, no target
    ]
    split = leave_last_out(log_of(tmp_path, rows), K)
    assert [split.known.items[i] for i in split.targets[0]] == ["i4", "i5"]
    assert split.known.time.max() == 3
    assert not split.known.returned.any()


def test_to_foresee_what_was_looked_at_before_is_no_art(tmp_path: Path) -> None:
    rows = [*bought("u", 6), ("u", "i4", 3, "viewed"), ("u", "i4", 3, "carted")]
    rows.append(("u", "only seen", 2, "viewed"))
    split = leave_last_out(log_of(tmp_path, rows), K)
    assert [split.known.items[i] for i in split.targets[0]] == ["i4", "i5"]
    assert [split.known.items[i] for i in split.known.item] == ["i0", "i1", "i2", "only seen", "i3"]
    panel = panel_of(split, np.zeros(len(split.known.items), np.bool_))
    lists = panel.lists(lambda histories: np.ones((1, 7), np.float32))
    assert set(split.targets[0]) == set(lists[0][lists[0] >= 0])


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["u", "v", "w"]),
            st.sampled_from([f"i{n}" for n in range(9)]),
            st.integers(0, 40),
            st.sampled_from(["viewed", "purchased", "returned", "carted"]),
        ),
        min_size=1,
        max_size=80,
    )
)
def test_of_a_judged_user_nothing_of_the_future_is_known(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, int, str]]
) -> None:
    log = log_of(tmp_path_factory.mktemp("split"), rows)
    split = leave_last_out(log, K)
    for user, targets in zip(split.users, split.targets, strict=True):
        mine = log.user == user
        firsts = [log.time[mine & (log.item == target)].min() for target in targets.tolist()]
        known = split.known.user == user
        assert split.known.time[known].max() <= min(firsts)
        assert firsts == sorted(firsts)
        assert not set(targets.tolist()) & set(split.known.item[known].tolist())
        assert all(log.liked[mine & (log.item == target)].any() for target in targets.tolist())
    others = ~np.isin(log.user, split.users)
    assert (~np.isin(split.known.user, split.users)).sum() == others.sum()


def test_choosing_sees_nothing_of_what_is_judged(tmp_path: Path) -> None:
    log = log_of(tmp_path, bought("u", 9))
    test = leave_last_out(log, K)
    validation = leave_last_out(test.known, K)
    assert validation.targets.tolist() == [[5, 6]]
    assert test.targets.tolist() == [[7, 8]]
    assert validation.known.item.tolist() == [0, 1, 2, 3, 4]


def test_a_long_history_keeps_its_newest_entries(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.personalize.domain.histories.MOST_PAST", 3)
    histories = log_of(tmp_path, bought("u", 5) + bought("v", 2)).pairs.histories
    kept = newest(histories)
    assert kept.items.tolist() == [2, 3, 4, 0, 1]
    assert kept.starts.tolist() == [0, 3, 5]
    split = leave_last_out(log_of(tmp_path, bought("u", 7)), K)
    panel = panel_of(split, np.zeros(7, np.bool_))
    assert len(panel.histories.items) == 3
    (made,) = panel.lists(lambda histories: np.ones((len(histories), 7), np.float32))
    assert sorted(made[made >= 0].tolist()) == [5, 6]
