"""What is stored of a classifier is all of it."""

from pathlib import Path

import numpy as np
import pytest

from services.classify import artifact
from services.classify.domain.heads import HEADS, Floats, Head, Heads
from services.classify.domain.lexicon import Lexicon
from services.classify.training.scope import fit_scope

TEXTS = ["my parcel is lost", "the parcel came", "my refund", "the refund is lost"]


def test_heads_read_from_the_store_say_the_same(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)

    def normal(*shape: int) -> Floats:
        return rng.normal(size=shape).astype(np.float32)

    lexicon = Lexicon.of(TEXTS)
    words = {"intent": normal(len(lexicon.keys), 3), "sentiment": None}
    by_name = {
        name: Head(("a", "b", "c"), normal(3, 12), normal(3), 1.5, words.get(name))
        for name in HEADS
    }
    heads = Heads(normal(12), np.abs(normal(12)) + 1, by_name, lexicon)
    scope, _ = fit_scope(
        normal(60, 12), list("abc") * 20, false_alarms=0.05, seed=0, threads=1,
        progress=lambda: None,
    )  # fmt: skip
    encoder = artifact.EncoderReference("encoder", "v1")
    artifact.save(tmp_path, heads, scope, encoder, taxonomy={}, metrics={})
    found, found_scope, found_encoder = artifact.load(tmp_path)
    features = normal(4, 12)
    said, again = (h.logits(features, h.lexicon.read(TEXTS)) for h in (heads, found))
    assert (said == again).all()
    assert np.ptp(said - heads.logits(features, lexicon.read([""] * 4))) > 0.1, "words speak"
    assert found_scope.scores(features) == pytest.approx(scope.scores(features))
    assert found_encoder == encoder
    assert {n: h.labels for n, h in found.by_name.items()} == dict.fromkeys(HEADS, ("a", "b", "c"))
