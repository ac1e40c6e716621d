"""Four-bit weights are unpacked and packed again without loss."""

import numpy as np

from shared.encoder.weights import QuantisedTensor


def test_packing_puts_two_weights_into_a_byte_and_loses_nothing() -> None:
    nibbles = np.random.default_rng(0).integers(0, 16, (3, 64), dtype=np.uint8)
    packed = QuantisedTensor(nibbles, np.ones((3, 2), np.float32)).packed()
    assert packed.shape == (3, 32)
    assert (packed[:, 5] & 0x0F == nibbles[:, 10]).all()
    assert (packed[:, 5] >> 4 == nibbles[:, 11]).all()


def test_dense_weights_are_offset_by_eight_and_scaled_by_block() -> None:
    nibbles = np.full((1, 64), 8, np.uint8)
    nibbles[0, 0], nibbles[0, 63] = 15, 0
    dense = QuantisedTensor(nibbles, np.array([[0.5, 2.0]], np.float32)).dense()
    assert dense[0, 0] == 3.5
    assert dense[0, 63] == -16.0
    assert np.count_nonzero(dense) == 2
