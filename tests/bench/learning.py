"""How well classifiers learn other people's labels: public intents, split by ourselves.

Reads `banking77_train.csv` and `clinc150_train_val.csv` in a folder of the user's: others' data
are not ours to commit.
"""

import statistics
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split

from deploy.runtime import Say
from services.classify.domain.heads import Floats
from services.classify.train import SEED_FILES
from services.classify.training.classifier import (
    Settings,
    Trained,
    Workshop,
    train_heads,
)
from services.classify.training.data import Example, completed, described, read_examples
from services.classify.training.scope import OUTSIDE
from services.classify.training.taxonomy import DEFAULT, derived, read_taxonomy
from services.classify.training.tuned import train_encoder
from shared.encoder import checkpoint
from shared.encoder.encoder import Encoder
from shared.modelstore import ModelStore
from shared.text import squeeze
from tests.bench.figures import Figure, Result

BANKING, CLINC = "banking77_train.csv", "clinc150_train_val.csv"
HELD_OUT = 0.2
SPLITS = 10
"""Of BANKING77, for the heads: one split's accuracy is .011 from another's."""
DRAWS = 5
HEAD_GOAL, TUNED_GOAL, CLINC_GOAL, OUTSIDE_GOAL = 0.925, 0.94, 0.96, 0.96
TUNED = ("few", "all")
"""What encoders can be fine-tuned on here: few examples a label, or all of them."""
FEW_GOALS = {10: 0.86, 5: 0.80}


class RememberingWorkshop(Workshop):
    """Encodes a text once, however many classifiers learn from it."""

    def __init__(self, store: ModelStore, cache: Path, settings: Settings) -> None:
        super().__init__(store, cache, settings)
        self._known: dict[tuple[str, str], Floats] = {}

    def features(self, encoder: Encoder, examples: Sequence[Example]) -> Floats:
        keys = [(encoder.version, example.text) for example in examples]
        new = {
            key: example
            for key, example in zip(keys, examples, strict=True)
            if key not in self._known
        }
        found = super().features(encoder, list(new.values()))
        self._known.update(zip(new, found, strict=True))
        return np.stack([self._known[key] for key in keys])


def measure(folder: Path, data: Path, home: Path, finetune: Sequence[str], say: Say) -> Result:
    """Trains as `make train` does, the encoders too for what `finetune` names of `TUNED`."""
    settings = Settings()
    store = ModelStore(str(folder / "models"))
    learner = Learner(RememberingWorkshop(store, home / "cache", settings), say)
    banking = read_examples([data / BANKING], None)
    learned, judged = _split(banking)
    figures = [
        _figure(
            f"BANKING77, {len(learned)} learned, {len(judged)} judged: heads",
            [learner.accuracy(*_split(banking, number)) for number in range(SPLITS)],
            HEAD_GOAL,
        ),
        *_clinc(learner, data),
        *_few(learner, learned, judged, False),
    ]
    if "few" in finetune:
        figures += _few(learner, learned, judged, True)
    if "all" in finetune:
        tuned = learner.accuracy(learned, judged, finetune=True)
        figures.append(_figure("BANKING77: encoder fine-tuned", [tuned], TUNED_GOAL))
    notes = [
        "Accuracy on messages held out. Heads on all of BANKING77: the mean of "
        f"{SPLITS} splits (smallest to largest); all else is judged on the first of them. Few "
        f"examples: the mean of {DRAWS} draws (smallest to largest).",
    ]
    return Result("Learning other labels", figures, notes)


class Learner:
    """Trains on messages labelled with intents only; a part of the seed lends the other heads."""

    def __init__(self, shop: Workshop, say: Say) -> None:
        self._shop = shop
        self._say = say
        self._seed = read_examples(SEED_FILES, read_taxonomy(DEFAULT))[::10]

    def train(self, learned: Sequence[Example], *, finetune: bool = False) -> Trained:
        train = train_encoder if finetune else train_heads
        names = described(derived(e.labels["intent"] for e in learned), learned)
        return train(
            completed(learned, self._seed), checkpoint.default(), self._shop, described=names
        )

    def accuracy(
        self, learned: Sequence[Example], judged: Sequence[Example], *, finetune: bool = False
    ) -> float:
        trained = self.train(learned, finetune=finetune)
        right = [
            guess == example.labels["intent"]
            for guess, example in zip(self.guesses(trained, judged), judged, strict=True)
        ]
        self._say(f"{len(learned)} learned: {np.mean(right):.4f} of {len(judged)} right")
        return float(np.mean(right))

    def guesses(self, trained: Trained, judged: Sequence[Example]) -> list[str]:
        terms = trained.heads.lexicon.read([squeeze(example.text).text for example in judged])
        logits = trained.heads.logits(self.features(trained, judged), terms)
        return [ranked[0].label for ranked in trained.heads.ranked("intent", logits, 1)]

    def features(self, trained: Trained, judged: Sequence[Example]) -> Floats:
        return self._shop.features(self._shop.stored(trained.encoder), judged)


def _clinc(learner: Learner, data: Path) -> list[Figure]:
    """Accuracy over the intents, and how the messages of none are told from them."""
    learned, judged = _split(read_examples([data / CLINC], None))
    trained = learner.train(learned)
    outside = np.array([example.labels["intent"] in OUTSIDE for example in judged])
    inside = [example for example in judged if example.labels["intent"] not in OUTSIDE]
    guesses = learner.guesses(trained, inside)
    right = [g == e.labels["intent"] for g, e in zip(guesses, inside, strict=True)]
    distances = trained.scope.distances(learner.features(trained, judged))
    return [
        _figure(f"CLINC150, {len(learned)} learned: heads", [float(np.mean(right))], CLINC_GOAL),
        _figure(
            f"CLINC150: AUROC of {outside.sum()} out of scope among {len(judged)}",
            [float(roc_auc_score(outside, distances))],
            OUTSIDE_GOAL,
        ),
    ]


def _few(
    learner: Learner, pool: Sequence[Example], judged: Sequence[Example], finetune: bool
) -> list[Figure]:
    by_label: defaultdict[str, list[Example]] = defaultdict(list)
    for example in pool:
        by_label[example.labels["intent"]].append(example)
    figures = []
    for count, goal in FEW_GOALS.items():
        found = []
        for draw in range(DRAWS):
            rng = np.random.default_rng(draw)
            learned = [
                examples[i]
                for examples in by_label.values()
                for i in rng.choice(len(examples), count, replace=False)
            ]
            found.append(learner.accuracy(learned, judged, finetune=finetune))
        how = "encoder fine-tuned" if finetune else "heads"
        figures.append(_figure(f"BANKING77, {count} examples a label: {how}", found, goal))
    return figures


def _split(examples: Sequence[Example], number: int = 0) -> tuple[list[Example], list[Example]]:
    labels = [example.labels["intent"] for example in examples]
    learned, judged = train_test_split(
        list(examples), test_size=HELD_OUT, random_state=number, stratify=labels
    )
    return learned, judged


def _figure(what: str, found: Sequence[float], goal: float) -> Figure:
    mean = statistics.mean(found)
    measured = f"{mean:.3f}"
    if len(found) > 1:
        measured += f" ({min(found):.3f} to {max(found):.3f})"
    return Figure(what, measured, goal=f"at least {goal:g}", reached=mean >= goal)
