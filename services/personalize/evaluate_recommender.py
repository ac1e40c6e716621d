"""`python -m services.personalize.evaluate_recommender`: how well each model foresees what users
come to like next.

The last items of each user are set aside. By what is known before them alone the models are chosen
and fitted; then every model makes its list for every user.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from tqdm import tqdm

from services.personalize.domain.histories import Floats, Histories
from services.personalize.domain.recommending import Part, Recommender
from services.personalize.recommender import report, training
from services.personalize.recommender.content import TextVectors
from services.personalize.recommender.judging import Panel, Scores, panel_of, scored
from services.personalize.recommender.reading import catalogue_of, content_of, read
from services.personalize.recommender.splits import leave_last_out
from services.personalize.train_recommender import REFUSALS, add_data_options, encoder_of, step
from shared.rows import DataError

YARDSTICK = "item-kNN"
RECENT = "item-kNN, recent first"
"""The same model with the history weighed by recency, as the blend has it."""


@dataclass(frozen=True)
class Evaluation:
    """The rows of the table, and what was chosen for them."""

    rows: Sequence[report.Row]
    chosen: training.Chosen
    users: int


def main(arguments: Sequence[str] | None = None, encode: TextVectors | None = None) -> int:
    """Returns the exit code: 0, or 2 when the data cannot be used or the figures not be written.

    The items' texts take part by `encode`, or by the encoder of the store.
    """
    options = parse(arguments)
    try:
        done = evaluate(options, encode)
        if options.out:
            content = {
                "users": done.users,
                "k": options.k,
                "models": report.figures(done.rows),
                "validation": report.told(done.chosen),
            }
            options.out.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    except REFUSALS as refusal:
        print(refusal, file=sys.stderr)
        return 2
    print(report.chosen_table(done.chosen))
    print(f"\nthe last {options.k} items of {done.users} users, foreseen from what was before:")
    print(report.table(done.rows))
    return 0


def evaluate(options: argparse.Namespace, encode: TextVectors | None = None) -> Evaluation:
    """Reads, sets aside, chooses, fits, judges. Raises DataError or OSError."""
    log, told = read(options.data, options.items)
    catalogue = catalogue_of(log, told)
    split = leave_last_out(log, options.k)
    if not len(split.users):
        raise DataError(f"no user liked enough items to set the last {options.k} aside")
    encode = encode or encoder_of(options, told)
    models = training.models_of(log, content_of(log, told, encode), options.seed)
    with tqdm(total=training.steps_of(models), desc="choose", unit="fit") as bar:
        chosen = training.choose(
            split.known, models, catalogue.repeatable, options.seed, lambda name: step(bar, name)
        )
    with tqdm(total=len(models) + 1, desc="fit", unit="model") as bar:
        choices = [*chosen.parts, chosen.baseline]
        *parts, baseline = training.fit(split.known, choices, lambda name: step(bar, name))
    # What has been sold out since was there to be taken then.
    open_then = replace(catalogue, available=np.ones_like(catalogue.available))
    blend = training.recommender_of(split.known, chosen, parts, open_then)
    panel = panel_of(split, catalogue.repeatable)
    rows = _rows(panel, _scores(chosen, parts, baseline, blend), options.seed)
    return Evaluation(rows, chosen, len(split.users))


def _scores(
    chosen: training.Chosen, parts: Sequence[Part], baseline: Part, blend: Recommender
) -> dict[str, Scores]:
    """How each row of the table scores histories."""
    labels = [choice.model.label for choice in chosen.parts]
    named = dict(
        zip([RECENT if name == YARDSTICK else name for name in labels], parts, strict=True)
    )
    return {
        "popularity": lambda histories: _for_all(blend.popularity, histories),
        YARDSTICK: _alone(baseline),
        **{name: _alone(part) for name, part in named.items()},
        "blend": lambda histories: blend.scores(histories, scored),
    }


def _rows(panel: Panel, scores: dict[str, Scores], seed: int) -> list[report.Row]:
    with tqdm(scores.items(), desc="judge", unit="model") as bar:
        lists = {name: panel.lists(of) for name, of in bar}
    items = len(panel.repeatable)
    return report.rows_of(lists, panel.targets, items, against=YARDSTICK, seed=seed)


def _alone(part: Part) -> Scores:
    return lambda histories: scored(part, histories)


def _for_all(popular: Floats, histories: Histories) -> Floats:
    return np.broadcast_to(popular, (len(histories), len(popular)))


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m services.personalize.evaluate_recommender",
        description="Measure popularity, item-kNN, ALS, EASE and their blend on the last items of "
        "each user.",
    )
    add_data_options(parser)
    parser.add_argument(
        "--k", type=_count, default=5, help="items of each user set aside; default: %(default)s"
    )
    return parser.parse_args(arguments)


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


if __name__ == "__main__":
    sys.exit(main())
