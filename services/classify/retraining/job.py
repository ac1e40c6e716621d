"""The job: train, store, judge by the holdout, shadow, and write down the verdict."""

import argparse
import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from services.classify import artifact
from services.classify.encoder import StoredModel, StoredModels
from services.classify.retraining import comparing, making, snapshot
from services.classify.retraining.limits import Limits
from services.classify.retraining.material import Lessons, Material, Plan, lessons, read_rows
from services.classify.retraining.options import parse
from services.classify.retraining.shadow import Shadow, compared
from services.classify.retraining.verdict import Verdict
from services.classify.train import FROM_DATA, REFUSALS, SEED_FILES
from services.classify.training import taxonomy as taxonomies
from services.classify.training.classifier import Workshop
from services.classify.training.data import completed, read_examples
from shared.encoder import checkpoint as checkpoints
from shared.errors import TemporaryError
from shared.modelstore import ArtifactMissing, ModelStore
from shared.rows import DataError, rows_of

_PREFIX = f"{artifact.NAME}@"
_UNUSABLE = (*REFUSALS, ArtifactMissing, TemporaryError)


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit code, as `--help` tells."""
    options = parse(arguments)
    # Sums round differently in several threads, and times are compared in one.
    threadpool_limits(1, user_api="blas")
    try:
        return _again(options) if options.again else _retrain(options)
    except _UNUSABLE as refusal:
        print(refusal, file=sys.stderr)
        return 2


def _retrain(options: argparse.Namespace) -> int:
    if options.promote_if_passed_out:
        # What an earlier run allowed is not what this one allows.
        options.promote_if_passed_out.unlink(missing_ok=True)
    store = ModelStore(options.store)
    previous = options.current.removeprefix(_PREFIX)
    recent = _texts(options.recent) if options.recent else []
    folder = store.fetch(artifact.NAME, previous, options.cache)
    material = _material(options, folder)
    found = lessons(material)
    models = StoredModels(store, options.cache, threads=1, evidence_words=0)
    current = models.load(previous)
    shop = making.workshop(material, store, options.cache, options.threads)
    version = making.put(store, making.make(found, shop), material, found)
    knows_holdout = not snapshot.leaves_out_the_holdout(folder)
    baseline = _stand_in(material, shop) if knows_holdout else current
    rivals = comparing.Rivals(current, baseline, models.load(version))
    verdict = comparing.judged(found, rivals, Limits(), options.seed)
    shadow = compared(
        recent, comparing.read(current, recent), comparing.read(rivals.candidate, recent)
    )
    verdict = verdict.with_check(shadow.check(options.most_changed))
    told = _told(previous, version, verdict, shadow, found)
    _write(options.out, told | {"baseline": baseline.version})
    if verdict.passed and options.promote_if_passed_out:
        names = ("name", "version", "previous", "reason")
        _write(options.promote_if_passed_out, {name: told[name] for name in names})
    print(verdict.table())
    print(f"{_PREFIX}{version} {'passed' if verdict.passed else 'did not pass'}: {options.out}")
    return 0 if verdict.passed else 1


def _again(options: argparse.Namespace) -> int:
    """Trains from a snapshot alone, and says whether the same version comes out."""
    store = ModelStore(options.store)
    version = options.again.removeprefix(_PREFIX)
    material = snapshot.read(store.fetch(artifact.NAME, version, options.cache))
    found = lessons(material)
    shop = making.workshop(material, store, options.cache, options.threads)
    with tempfile.TemporaryDirectory() as elsewhere:
        made = making.put(ModelStore(elsewhere), making.make(found, shop), material, found)
    print(f"{_PREFIX}{made} from the snapshot of {_PREFIX}{version}")
    return 0 if made == version else 1


def _material(options: argparse.Namespace, current: Path) -> Material:
    """The data, the rows, and the encoder that the current classifier is served with."""
    derive = str(options.taxonomy) == FROM_DATA
    taxonomy = None if derive else taxonomies.read_taxonomy(options.taxonomy)
    given = read_examples(options.data, taxonomy)
    taxonomy = taxonomy or taxonomies.derived(example.labels["intent"] for example in given)
    seed = read_examples(SEED_FILES, taxonomies.read_taxonomy(taxonomies.DEFAULT))
    _, _, encoder = artifact.load(current)
    plan = Plan(options.seed, options.false_alarms, options.least_rows)
    return Material(completed(given, seed), read_rows(options.rows), taxonomy, encoder, plan)


def _stand_in(material: Material, shop: Workshop) -> StoredModel:
    """A classifier like one trained on the base alone, that has not seen the holdout."""
    without_rows = Material(material.base, (), material.taxonomy, material.encoder, material.plan)
    trained = making.make(lessons(without_rows), shop)
    return StoredModel(
        "stand-in without the holdout",
        trained.heads,
        trained.scope,
        shop.encoder(checkpoints.default()),
        evidence_words=0,
        ranked_intents=1,
    )


def _told(
    previous: str, version: str, verdict: Verdict, shadow: Shadow, found: Lessons
) -> dict[str, Any]:
    return {
        "name": artifact.NAME,
        "version": version,
        "previous": previous,
        "passed": verdict.passed,
        "reason": verdict.reason,
        "gate": verdict.as_json(),
        "shadow": shadow.as_json(),
        "learned": len(found.learned),
        "held_out": len(found.held_out),
        "new_intents_with_too_few_rows": dict(found.too_few),
    }


def _texts(path: Path) -> list[str]:
    texts = [row.get("text") for _, row in rows_of(path, ("text",)) if isinstance(row, Mapping)]
    if not all(isinstance(text, str) and text.strip() for text in texts):
        raise DataError(f"{path}: a message without text")
    return [text for text in texts if text]


def _write(path: Path, content: Mapping[str, Any]) -> None:
    """The whole file or none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    part.replace(path)
