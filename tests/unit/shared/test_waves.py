"""Waves: distinct keys in each, order within a key, nothing lost and nothing doubled."""

from collections import defaultdict
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.batch import Item, waves
from shared.envelope import decode
from shared.events import InteractionRecorded
from tests.contract.examples import NOW, binary
from tests.unit.shared.kit import bad, record


def item(offset: int, key: str | None, *, readable: bool = True) -> Item:
    written: Any = record(offset, key or "T")
    if not readable:
        return Item(bad(offset))
    if key is None:
        data = {"kind": "viewed", "customer_id": "C"}
        event = decode(binary(InteractionRecorded.TYPE, data), now=NOW)
        assert event.key is None
        return Item(written, event)
    return Item(written, decode(written, now=NOW))


KEYS = st.lists(st.sampled_from([None, "A", "B", "C", "D"]), max_size=30)


@settings(deadline=None)
@given(KEYS, st.sets(st.integers(0, 29)))
def test_waves_keep_order_within_a_key_and_lose_nothing(
    keys: list[str | None], unreadable: set[int]
) -> None:
    items = [
        item(offset, key, readable=offset not in unreadable) for offset, key in enumerate(keys)
    ]
    made = waves(items)
    seen: dict[str | None, list[int]] = defaultdict(list)
    for wave in made:
        named = [one.event.key for one in wave if one.event and one.event.key]
        assert len(named) == len(set(named))
        for one in wave:
            assert one.event is not None
            seen[one.event.key].append(one.record.offset)
    readable = [one for one in items if one.event]
    assert sum(len(wave) for wave in made) == len(readable)
    for offsets in seen.values():
        assert offsets == sorted(set(offsets))
    busiest = max((len(offsets) for key, offsets in seen.items() if key), default=0)
    assert len(made) == max(busiest, 1 if readable else 0), "no wave more than the busiest needs"


def test_events_without_a_key_wait_for_nobody() -> None:
    items = [item(0, "A"), item(1, None), item(2, "A"), item(3, None), item(4, None)]
    offsets = [[one.record.offset for one in wave] for wave in waves(items)]
    assert offsets == [[0, 1, 3, 4], [2]]
