"""What fine-tuning is made of: the contrastive loss, and the steps it sees."""

from collections import Counter

import numpy as np
import pytest
import torch

from services.classify.training.finetune import _warming_then_falling, between
from services.classify.training.network import UNLABELLED, contrast, disagreement
from services.classify.training.recipe import Recipe
from services.classify.training.steps import pairs, shuffled, without
from shared.encoder.weights import Config, Weights


def test_the_contrastive_loss_is_the_published_one() -> None:
    features = torch.tensor(np.random.default_rng(0).normal(size=(6, 4)))
    labels = torch.tensor([0, 0, 1, 1, 1, 2])
    unit = (features / features.norm(dim=1, keepdim=True)).numpy()
    losses = []
    for i in range(5):  # the last has no partner
        shares = np.exp(unit @ unit[i] / 0.1)
        shares /= shares.sum() - shares[i]
        partners = [j for j in range(6) if j != i and labels[j] == labels[i]]
        losses.append(-np.mean(np.log(shares[partners])))
    assert float(contrast(features, labels)) == pytest.approx(np.mean(losses))


def test_texts_that_share_a_label_attract_each_other() -> None:
    near, far = torch.tensor([[1.0, 0.1], [1.0, -0.1]]), torch.tensor([[-0.1, 1.0], [0.1, 1.0]])
    features = torch.cat([near, far])
    apart, mixed = torch.tensor([0, 0, 1, 1]), torch.tensor([0, 1, 0, 1])
    assert contrast(features, apart) < contrast(features, mixed)


def test_unlabelled_and_single_texts_attract_nothing() -> None:
    features = torch.ones((3, 2), requires_grad=True)
    loss = contrast(features, torch.tensor([UNLABELLED, UNLABELLED, 4]))
    assert float(loss.detach()) == 0
    torch.autograd.backward(loss)  # and training goes on


def test_views_that_say_different_things_disagree_by_their_divergence() -> None:
    logits = torch.tensor(np.random.default_rng(0).normal(size=(3, 2, 4)))
    shares = torch.softmax(logits, dim=-1).numpy()
    told = [
        np.sum(shares[i, text] * np.log(shares[i, text] / shares[j, text]))
        for i in range(3)
        for j in range(3)
        for text in range(2)
        if i != j
    ]
    assert float(disagreement(logits)) == pytest.approx(np.mean(told))
    assert float(disagreement(logits[:1].expand(2, -1, -1))) == pytest.approx(0, abs=1e-12)


def test_a_step_of_contrast_has_two_texts_of_its_labels_and_an_epoch_all_texts() -> None:
    rows = np.arange(3, 43)
    labels = np.full(43, UNLABELLED, np.int64)
    labels[rows] = rows % 5
    steps = pairs(rows, labels, Recipe(texts=8), np.random.default_rng(0))
    assert sorted(row for step in steps for row in step) == rows.tolist()
    assert all(len(step) == 8 for step in steps)
    for step in steps:
        assert all(count % 2 == 0 for count in Counter(labels[step].tolist()).values())


def test_a_step_has_texts_of_like_length_and_an_epoch_all_texts() -> None:
    rng = np.random.default_rng(0)
    ids = [[0] * int(length) for length in rng.integers(1, 100, 600)]
    rows = np.arange(600)
    steps = shuffled(rows, ids, Recipe(texts=32), rng)
    assert sorted(row for step in steps for row in step) == rows.tolist()
    ranges = [np.ptp([len(ids[row]) for row in step]) for step in steps]
    assert np.mean(ranges) < 30


@pytest.mark.parametrize("steps", [1, 5, 40])
def test_every_step_learns_something_and_most_after_a_tenth(steps: int) -> None:
    optimiser = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    schedule = _warming_then_falling(optimiser, steps)
    rates = []
    for _ in range(steps):
        rates.append(schedule.get_last_lr()[0])
        optimiser.step()
        schedule.step()
    assert min(rates) > 0
    assert max(rates) == 1.0
    assert rates.index(1.0) <= steps // 10


def test_tokens_are_left_out_by_chance_but_neither_prefix_nor_end() -> None:
    rng = np.random.default_rng(0)
    text = list(range(1000))
    seen = without(text, 4, 0.15, rng)
    assert seen != without(text, 4, 0.15, rng)
    assert list(seen) == sorted(seen)
    assert 820 < len(seen) < 880
    assert (list(seen[:4]), seen[-1]) == ([0, 1, 2, 3], 999)
    assert without(text, 4, 0.0, rng) == text


def test_weights_go_a_part_of_the_way() -> None:
    config = Config(1e-12, 2, 1, 1, 2, 3, 4, 1)
    words = np.zeros((3, 2), np.float32)
    before = Weights(config, words, {"a": np.array([1.0, 2.0], np.float32)})
    after = Weights(config, words, {"a": np.array([2.0, 0.0], np.float32)})
    for way, expected in {0.0: [1.0, 2.0], 0.5: [1.5, 1.0], 1.0: [2.0, 0.0]}.items():
        assert between(before, after, way).arrays["a"].tolist() == expected
