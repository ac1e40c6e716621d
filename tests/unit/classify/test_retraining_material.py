"""What is learned from, what is kept back, and how two models' readings are compared."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from services.classify.artifact import EncoderReference
from services.classify.domain.heads import Ranked
from services.classify.domain.reading import Reading
from services.classify.retraining import snapshot
from services.classify.retraining.holdout import divided, is_held_out
from services.classify.retraining.material import Material, Plan, Row, lessons, read_rows
from services.classify.retraining.shadow import compared
from services.classify.train import SEED_FILES
from services.classify.training import taxonomy as taxonomies
from services.classify.training.data import Example, read_examples
from shared.rows import DataError


def example(text: str, intent: str) -> Example:
    labels = {"intent": intent, "sentiment": "neutral", "priority": "normal"}
    return Example(text, "en", labels)


def texts(held_out: bool, count: int, prefix: str = "text") -> list[str]:
    """So many texts on one side of the holdout."""
    found = (f"{prefix} {chr(97 + n % 26)}{chr(97 + n // 26)}" for n in range(600))
    return [text for text in found if is_held_out(text) is held_out][:count]


def row(text: str, intent: str, source: str = "correction") -> Row:
    return Row(text, "en", intent, source, "T1", "m1", "2026-11-01T00:00:00+00:00")


SEEN, UNSEEN = texts(False, 20), texts(True, 6)
MOODS = [
    Example(text, "en", {"intent": "loan", "sentiment": "negative", "priority": "high"})
    for text in texts(False, 2, "mood")
]
BASE = (
    [example(text, "refund") for text in SEEN]
    + [example(text, "refund") for text in UNSEEN]
    + MOODS
)
MATERIAL = Material(
    BASE, (), taxonomies.derived(["refund", "loan"]), EncoderReference("e", "1"), Plan()
)


def with_rows(*rows: Row) -> Material:
    return replace(MATERIAL, rows=rows)


def test_a_tenth_of_the_seed_of_every_intent_is_held_out_for_good() -> None:
    seed = read_examples(SEED_FILES, taxonomies.read_taxonomy(taxonomies.DEFAULT))
    learned, held_out = divided(seed)
    assert len(learned) + len(held_out) == len(seed)
    assert 0.09 < len(held_out) / len(seed) < 0.11
    rows = {e.labels["intent"] for e in held_out}
    assert len(rows) == 25
    assert divided(seed[::-1])[1] == held_out[::-1]


def test_small_changes_do_not_bring_a_text_to_the_other_side() -> None:
    for text in (*SEEN, *UNSEEN):
        assert is_held_out(f"  {text.upper()}!! 42") is is_held_out(text)
    assert is_held_out("[NAME_1] 订单１２") is is_held_out("[name_2]  订单34")


def test_what_is_held_out_is_never_learned() -> None:
    found = lessons(with_rows(row(UNSEEN[0], "refund", "confirmed"), row(UNSEEN[1], "loan")))
    assert not {e.text for e in found.learned} & set(UNSEEN)
    told = {e.text: e.labels["intent"] for e in found.held_out}
    # A correction of a text that is held out is judged by; that it went well is not.
    assert told == dict.fromkeys(UNSEEN, "refund") | {UNSEEN[1]: "loan"}
    assert [(r.text, learned) for r, learned in found.corrections] == [(UNSEEN[1], False)]


def test_held_out_messages_without_an_intent_are_there_to_judge_other_heads_by() -> None:
    """Those of the seed that fill in for data whose sentiment nobody labelled."""
    borrowed = [Example(text, "en", {"sentiment": "neutral"}) for text in texts(True, 3, "mood")]
    found = lessons(replace(MATERIAL, base=[*BASE, *borrowed]))
    assert [dict(e.labels) for e in found.held_out if e in borrowed] == [
        {"sentiment": "neutral"}
    ] * 3
    with pytest.raises(DataError, match="no text is in the frozen tenth"):
        lessons(replace(MATERIAL, base=[e for e in BASE if e.text not in UNSEEN] + borrowed))


def test_what_people_say_replaces_the_base_and_keeps_its_mood() -> None:
    found = lessons(with_rows(row(SEEN[0], "loan"), row("quite new", "loan")))
    told = {e.text: dict(e.labels) for e in found.learned}
    assert told[SEEN[0]] == {"intent": "loan", "sentiment": "neutral", "priority": "normal"}
    assert told["quite new"] == {"intent": "loan"}
    assert [learned for _, learned in found.corrections] == [True, True]


def test_a_new_intent_needs_enough_rows() -> None:
    new = texts(False, 5, "card")
    few = lessons(with_rows(*(row(text, "gift_card") for text in new[:4])))
    assert few.too_few == {"gift_card": 4}
    assert "gift_card" not in few.taxonomy.intents
    assert not {e.text for e in few.learned} & set(new) and few.corrections == []
    enough = lessons(with_rows(*(row(text, "gift_card") for text in new)))
    assert enough.too_few == {} and enough.taxonomy.intents["gift_card"]["en"] == "gift card"
    assert {e.text for e in enough.learned} >= set(new)


def test_too_little_to_learn_from_or_to_judge_by_is_refused() -> None:
    nothing_unseen = [e for e in BASE if e.text in SEEN] + MOODS
    with pytest.raises(DataError, match="no text is in the frozen tenth"):
        lessons(replace(MATERIAL, base=nothing_unseen))
    with pytest.raises(DataError, match="intent 'loan': fewer than two rows"):
        lessons(replace(MATERIAL, base=BASE[:-1]))


def test_a_snapshot_gives_back_all_that_was_learned_from(tmp_path: Path) -> None:
    given = with_rows(row("钱", "loan"), row("more", "refund", "confirmed"))
    snapshot.write(tmp_path, given)
    found = snapshot.read(tmp_path)
    assert (list(found.base), tuple(found.rows)) == (given.base, given.rows)
    assert (found.encoder, found.plan) == (given.encoder, given.plan)
    assert list(found.taxonomy.intents.items()) == list(given.taxonomy.intents.items())
    assert lessons(found).learned == lessons(given).learned
    assert snapshot.leaves_out_the_holdout(tmp_path)


def test_an_artifact_that_saw_another_holdout_is_told_apart(tmp_path: Path) -> None:
    assert not snapshot.leaves_out_the_holdout(tmp_path)
    snapshot.write(tmp_path, MATERIAL)
    path = tmp_path / "snapshot" / "settings.json"
    content = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps(content | {"holdout": "another"}), "utf-8")
    assert not snapshot.leaves_out_the_holdout(tmp_path)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ('{"text": "a", "intent": "b"}', "source is none of correction, confirmed"),
        ('{"text": "", "intent": "b", "source": "correction"}', "text is empty"),
        ('{"text": "a", "intent": "b", "source": "correction", "at": 5}', "at is not text"),
        ("[]", "not an object"),
        ("{", "not JSON"),
    ],
)
def test_every_bad_line_is_named(line: str, why: str, tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    good = '{"text": "a", "intent": "b", "source": "confirmed", "agent_key": null}'
    path.write_text(f"{good}\n{line}\n", encoding="utf-8")
    with pytest.raises(DataError, match=rf"rows\.jsonl:2: {why}"):
        read_rows(path)


def reading(intent: str, confidence: float, outside: bool = False) -> Reading:
    ranked = (Ranked(intent, confidence),)
    clues: Mapping[str, tuple[()]] = {}
    return Reading(ranked, ranked, ranked, 0.5, outside, clues, np.zeros(1, np.float32))


def test_the_shadow_lists_what_changes_the_surest_first() -> None:
    old = [reading("a", 0.9), reading("a", 0.5), reading("a", 0.8), reading("a", 0.7)]
    new = [reading("a", 0.6), reading("b", 0.99), reading("b", 0.9), reading("a", 0.7, True)]
    found = compared(["same", "unsure", "sure", "outside"], old, new)
    assert [one.text for one in found.changed] == ["sure", "outside", "unsure"]
    assert found.share == 0.75
    told = json.loads(json.dumps(found.as_json()))
    assert told["changed"][0] == {
        "text": "sure",
        "current": {"intent": "a", "confidence": 0.8, "out_of_scope": False},
        "candidate": {"intent": "b", "confidence": 0.9, "out_of_scope": False},
    }


def test_too_much_change_is_refused_if_there_are_enough_messages_to_tell() -> None:
    for count, passed in ((49, True), (50, False)):
        old, new = [reading("a", 0.9)] * count, [reading("b", 0.9)] * count
        assert compared(["x"] * count, old, new).check(0.5).passed is passed
    half = [*[reading("b", 0.9)] * 25, *[reading("a", 0.9)] * 25]
    assert compared(["x"] * 50, [reading("a", 0.9)] * 50, half).check(0.5).passed
    assert compared([], [], []).check(0.5).passed


def test_what_the_current_model_was_not_sure_of_may_all_be_read_anew() -> None:
    """As after a change in wording."""
    old = [*[reading("a", 0.9)] * 50, *[reading("a", 0.4)] * 100, *[reading("a", 0.9, True)] * 100]
    new = [*[reading("a", 0.9)] * 50, *[reading("b", 0.9)] * 200]
    found = compared(["x"] * 250, old, new)
    check = found.check(0.5)
    assert (len(found.changed), found.share, check.passed) == (200, 0.0, True)
    assert "200 of 250 recent messages" in check.said
