"""What was read once is not read again, and nothing else is taken for it."""

from pathlib import Path

import numpy as np

from services.classify.domain.heads import Floats
from services.classify.training.memo import KEPT, key_of, remembered


class Reader:
    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> Floats:
        self.times += 1
        return np.full((2, 3), self.times, np.float32)


def test_the_same_list_is_read_once(tmp_path: Path) -> None:
    read = Reader()
    first = remembered(tmp_path / "new", "a", read)
    again = remembered(tmp_path / "new", "a", read)
    assert read.times == 1
    assert (first == again).all() and again.dtype == np.float32


def test_the_key_is_of_the_texts_their_order_and_who_reads() -> None:
    keys = [
        key_of(["ab", "c"], "v1", 1),
        key_of(["c", "ab"], "v1", 1),
        key_of(["a", "bc"], "v1", 1),
        key_of(["ab", "c"], "v2", 1),
        key_of(["ab", "c"], "v1", 2),
    ]
    assert len(set(keys)) == len(keys)
    assert key_of(["ab", "c"], "v1", 1) == keys[0]


def test_a_broken_file_is_made_anew(tmp_path: Path) -> None:
    read = Reader()
    remembered(tmp_path, "a", read)
    (tmp_path / "a.npy").write_bytes(b"cut off")
    assert (remembered(tmp_path, "a", read) == 2).all()
    assert (remembered(tmp_path, "a", read) == 2).all()


def test_a_pickle_is_never_opened(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.array([{"an": "object"}]), allow_pickle=True)
    read = Reader()
    assert (remembered(tmp_path, "a", read) == 1).all()


def test_without_room_to_write_it_still_works(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    assert (remembered(tmp_path / "file", "a", Reader()) == 1).all()


def test_old_lists_are_forgotten(tmp_path: Path) -> None:
    for key in "abcd":
        remembered(tmp_path, key, Reader())
    assert len(list(tmp_path.iterdir())) == KEPT
    read = Reader()
    remembered(tmp_path, "d", read)
    assert read.times == 0
