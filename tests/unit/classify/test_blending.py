"""Two parts of a head make one: as sure as they are right, and the same wherever it is computed."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from services.classify.domain.heads import Floats, softmax
from services.classify.training.blending import Blend, blend_of, calibrated_loss
from services.classify.training.linear import Linear, Truth


def drawn(logits: Floats, rng: np.random.Generator) -> Truth:
    """Labels as often as these logits say."""
    passed: Truth = (softmax(logits).cumsum(axis=1) < rng.random((len(logits), 1))).sum(axis=1)
    return passed


def test_the_blend_that_the_labels_were_drawn_by_is_found() -> None:
    rng = np.random.default_rng(0)
    read, worded = rng.normal(size=(2, 20_000, 4)).astype(np.float32) * 2
    truth = drawn((read + 0.5 * worded) / 2, rng)
    assert blend_of(read, worded, truth) == pytest.approx((2.0, 0.5), rel=0.05)


def test_words_that_tell_nothing_have_next_to_no_share() -> None:
    rng = np.random.default_rng(1)
    read, worded = rng.normal(size=(2, 20_000, 4)).astype(np.float32)
    found = blend_of(read, worded, drawn(read * 2, rng))
    assert found.temperature == pytest.approx(0.5, rel=0.05)
    assert found.share < 0.02


def test_how_sure_logits_were_does_not_change_their_calibrated_loss() -> None:
    rng = np.random.default_rng(2)
    read = rng.normal(size=(2_000, 3)).astype(np.float32)
    truth = drawn(read, rng)
    assert calibrated_loss(read * 4, truth) == pytest.approx(calibrated_loss(read, truth), abs=1e-5)
    assert (
        calibrated_loss(read, truth)
        < calibrated_loss(-read, truth)
        == pytest.approx(np.log(3), rel=0.05)
    )


@pytest.mark.parametrize("share", [0.0, 0.7])
def test_a_blended_head_says_what_the_blended_logits_say(share: float) -> None:
    rng = np.random.default_rng(3)
    features = rng.normal(size=(5, 8)).astype(np.float32)
    terms = csr_matrix(rng.random((5, 6)).astype(np.float32))
    read, worded = (
        Linear(rng.normal(size=(3, n)).astype(np.float32), rng.normal(size=3).astype(np.float32))
        for n in (8, 6)
    )
    blend = Blend(1.7, share)
    head = blend.head(("a", "b", "c"), read, worded)
    logits = features @ head.weight.T + head.bias
    if head.term_weight is not None:
        logits = logits + terms @ head.term_weight
    wanted = blend.logits(read.logits(features), worded.logits(terms))
    np.testing.assert_allclose(logits / head.temperature, wanted, atol=1e-5)
    assert (head.term_weight is None) == (share == 0)
