"""The words of a text: known, weighed, at their places."""

import time
from zlib import crc32

import numpy as np
import pytest

from services.classify.domain.heads import Floats
from services.classify.domain.lexicon import NOTHING, Lexicon


def known(*terms: str) -> Lexicon:
    """A lexicon of words and pairs, all of equal weight."""
    keys = np.array(sorted(_key(term) for term in terms), np.uint32)
    return Lexicon(keys, np.ones(len(keys), np.float32))


def ones(lexicon: Lexicon) -> Floats:
    return np.ones((len(lexicon.keys), 1), np.float32)


def _key(term: str) -> int:
    first, _, second = term.partition(" ")
    key = crc32(first.encode())
    return crc32(b" " + second.encode(), key) if second else key


def test_terms_of_one_text_alone_are_not_learned() -> None:
    lexicon = Lexicon.of(["lost parcel", "my parcel", "once"])
    assert set(lexicon.keys.tolist()) == {crc32(b"parcel"), crc32(b"^parc")}
    assert (np.diff(lexicon.keys.astype(np.int64)) > 0).all()


def test_rarer_terms_weigh_more() -> None:
    lexicon = Lexicon.of(["it came", "it went", "it did", "it came"])
    weight = dict(zip(lexicon.keys.tolist(), lexicon.idf.tolist(), strict=True))
    assert weight[crc32(b"came")] == pytest.approx(np.log(5 / 3) + 1)
    assert weight[crc32(b"it")] == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("REFUND me", "refund"),
        ("please, refund!", "please refund"),
        ("退款", "退"),
        ("我要退款", "退 款"),
        ("order的status", "的"),
        ("[ORDER_1] late", "order_1"),
        ("\ud800 refund", "refund"),
    ],
)
def test_words_are_found_whatever_stands_around_them(text: str, term: str) -> None:
    lexicon = known(term)
    assert lexicon.read([text]).logits(ones(lexicon)).tolist() == [[1.0]]


def test_words_of_one_stem_share_its_beginning() -> None:
    lexicon = Lexicon.of(["shipping", "shipped"])
    assert lexicon.keys.tolist() == [crc32(b"^ship")]
    assert len(lexicon.read(["shipment", "ship"]).texts) == 1


def test_a_texts_terms_have_length_one_and_repeats_count_less_and_less() -> None:
    lexicon = known("a", "b")
    found = lexicon.read(["a b", "a a a a b", "c"])
    squares = np.zeros((3, 2))
    np.add.at(squares, (found.texts, found.places), found.values)
    assert (squares**2).sum(axis=1) == pytest.approx([1, 1, 0])
    a = lexicon.keys.tolist().index(crc32(b"a"))
    assert squares[1, a] / squares[1, 1 - a] == pytest.approx(1 + np.log(4))


def test_a_texts_logits_do_not_depend_on_its_neighbours() -> None:
    rng = np.random.default_rng(0)
    texts = ["a parcel lost", "", "lost", "something else", "a parcel lost a parcel"]
    lexicon = Lexicon.of(texts)
    weights = rng.normal(size=(len(lexicon.keys), 5)).astype(np.float32)
    together = lexicon.read(texts).logits(weights)
    alone = np.concatenate([lexicon.read([text]).logits(weights) for text in texts])
    assert (together == alone).all()
    assert lexicon.read([]).logits(weights).shape == (0, 5)


def test_words_shares_add_up_to_what_the_terms_add() -> None:
    texts = ["my parcel is lost, my parcel!", "退款还没到", "my 退款"] * 2
    lexicon = Lexicon.of(texts)
    weights = np.random.default_rng(1).normal(size=(len(lexicon.keys), 6)).astype(np.float32)
    found = lexicon.read(texts)
    logits = found.logits(weights)
    for row, text in enumerate(texts):
        shares = found.shares(row, weights, np.array([4, 0]))
        assert shares.shape == (len(found.spans[row]), 2)
        assert shares.sum(axis=0) == pytest.approx(logits[row, [4, 0]], abs=1e-5)
        assert all(text[a:b].strip() == text[a:b] != "" for a, b in found.spans[row])


def test_a_pair_is_told_half_by_either_word() -> None:
    lexicon = known("b c")
    found = lexicon.read(["a b c d"])
    assert found.shares(0, ones(lexicon), np.array([0]))[:, 0].tolist() == [0, 0.5, 0.5, 0]


def test_nothing_is_known_before_anything_was_read() -> None:
    assert NOTHING.read(["some words"]).logits(np.zeros((0, 3), np.float32)).tolist() == [[0] * 3]
    assert len(Lexicon.of([]).keys) == 0


def test_a_megabyte_of_one_word_costs_no_more_than_its_length() -> None:
    lexicon = known("a")
    started = time.monotonic()
    lexicon.read(["a" * 1_000_000, "退" * 300_000])
    assert time.monotonic() - started < 5
