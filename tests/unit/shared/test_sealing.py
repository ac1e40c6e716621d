"""Seals open for their ticket under their key, and for nothing else."""

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.sealing import KEY_BYTES, KeyRing, SealBroken, pseudonym

OLD, NEW = b"1" * KEY_BYTES, b"2" * KEY_BYTES
RING = KeyRing({"k1": OLD})
ORIGINALS = {"[NAME_1]": "李雷", "[EMAIL_1]": "lilei@example.com"}
TEXTS = st.dictionaries(st.text(max_size=20), st.text(max_size=50), max_size=4)


@settings(deadline=None)
@given(TEXTS, st.text(max_size=30))
def test_what_is_sealed_opens_and_is_the_same_each_time(
    originals: dict[str, str], ticket_id: str
) -> None:
    seal = RING.seal(originals, ticket_id)
    assert RING.open(seal, ticket_id) == originals
    assert RING.seal(dict(reversed(originals.items())), ticket_id) == seal


def test_a_seal_shows_nothing_of_what_is_in_it() -> None:
    seal = RING.seal(ORIGINALS, "T-1")
    raw = base64.urlsafe_b64decode(seal.partition(".")[2])
    for text in (*ORIGINALS, *ORIGINALS.values()):
        assert text.encode() not in raw
    assert RING.seal({**ORIGINALS, "[NAME_1]": "李云"}, "T-1")[:20] != seal[:20]


def test_a_seal_opens_for_its_own_ticket_only() -> None:
    with pytest.raises(SealBroken):
        RING.open(RING.seal(ORIGINALS, "T-1"), "T-2")


@pytest.mark.parametrize("key", [{"k1": NEW}, {"k2": OLD}])
def test_a_seal_does_not_open_under_another_key(key: dict[str, bytes]) -> None:
    with pytest.raises(SealBroken):
        KeyRing(key).open(RING.seal(ORIGINALS, "T-1"), "T-1")


def test_a_changed_byte_breaks_the_seal() -> None:
    seal = RING.seal(ORIGINALS, "T-1")
    name, _, body = seal.partition(".")
    raw = base64.urlsafe_b64decode(body)
    for place in range(len(raw)):
        changed = bytearray(raw)
        changed[place] ^= 1
        with pytest.raises(SealBroken):
            RING.open(f"{name}.{base64.urlsafe_b64encode(changed).decode()}", "T-1")


@settings(deadline=None)
@given(st.text())
def test_what_is_no_seal_is_a_broken_one(text: str) -> None:
    for seal in (text, f"k1.{text}"):
        with pytest.raises(SealBroken):
            RING.open(seal, "T-1")


def test_a_cut_seal_is_a_broken_one() -> None:
    seal = RING.seal(ORIGINALS, "T-1")
    for length in range(len(seal)):
        with pytest.raises(SealBroken):
            RING.open(seal[:length], "T-1")


def test_keys_can_be_exchanged_while_tickets_are_on_their_way() -> None:
    text = ",".join(
        f"{name}:{base64.b64encode(key).decode()}" for name, key in (("k2", NEW), ("k1", OLD))
    )
    ring = KeyRing.parse(text)
    assert ring.open(RING.seal(ORIGINALS, "T-1"), "T-1") == ORIGINALS
    assert ring.seal(ORIGINALS, "T-1").startswith("k2.")


@pytest.mark.parametrize(
    "text",
    ["", " , ", "secret", "k1:secret", "k1:c2VjcmV0", "k1:" + "é" * 44, f"k1={OLD.decode()}"],
)
def test_a_ring_that_is_none_is_refused_without_quoting_it(text: str) -> None:
    with pytest.raises(ValueError) as refused:
        KeyRing.parse(text)
    for part in ("secret", "c2Vj", "é", OLD.decode()):
        assert part not in str(refused.value)


def test_pseudonyms_are_stable_and_differ_by_secret_purpose_and_person() -> None:
    given = [
        (b"a", "customer", "C-1"),
        (b"b", "customer", "C-1"),
        (b"a", "agent", "C-1"),
        (b"a", "customer", "C-2"),
    ]
    made = [pseudonym(*one) for one in given]
    assert made == [pseudonym(*one) for one in given]
    assert len(set(made)) == 4
    assert all(len(one) == 32 and int(one, 16) >= 0 for one in made)
