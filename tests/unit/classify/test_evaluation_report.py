"""From what a model says of labelled messages to the report, its lines and its page."""

import html.parser
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from services.classify.domain.entities import Catalogue
from services.classify.domain.evidence import Clue
from services.classify.domain.heads import Ranked
from services.classify.domain.reading import Reading
from services.classify.evaluation.console import summary
from services.classify.evaluation.judging import judge
from services.classify.evaluation.page import highlighted, page
from services.classify.evaluation.report import Report, Subject, report
from services.classify.evaluation.rows import Row

NOW = datetime(2025, 3, 10, tzinfo=UTC)
ATTACK = "<script>alert(1)</script> & [EMAIL_1]"
LABELS = {
    "intent": ("loan", "menu", "refund", "table", "<b>wild</b>"),
    "sentiment": ("negative", "neutral"),
    "priority": ("high", "normal", "urgent"),
}


def reading(intent: str, confidence: float, out_of_scope: float = 0.1) -> Reading:
    """Ranks every intent; those after the first share the rest evenly."""
    others = [label for label in LABELS["intent"] if label != intent]
    rest = (1 - confidence) / len(others)
    return Reading(
        (Ranked(intent, confidence), *(Ranked(label, rest) for label in others)),
        (Ranked("neutral", 0.7), Ranked("negative", 0.3)),
        (Ranked("normal", 0.6), Ranked("high", 0.3), Ranked("urgent", 0.1)),
        out_of_scope,
        out_of_scope > 0.9,
        {"intent": (Clue(0, 8, 2.0), Clue(16, 24, 1.0), Clue(0, 0, 0.5))},
        np.zeros(4, np.float32),
    )


class Model:
    """Says of each text what it was told to."""

    version = "classifier@0"
    encoder_name = "encoder"
    encoder_version = "1"

    def __init__(self, readings: Mapping[str, Reading]) -> None:
        self._readings = readings

    def read(self, texts: Sequence[str]) -> Sequence[Reading]:
        return [self._readings[text] for text in texts]


ROWS = [
    ("a table please", "table", "en", "table", 0.9, 0.1),
    ("菜单", "menu", "zh", "menu", 0.8, 0.2),
    (ATTACK, "<b>wild</b>", "en", "refund", 0.99, 0.3),
    ("my refund", "refund", "en", "menu", 0.6, 0.2),
    ("who won the match", "oos", "en", "menu", 0.5, 0.95),
    ("sing a song", "oos", "zh", "loan", 0.4, 0.85),
]


def judged_rows(rows: Sequence[tuple[str, str, str, str, float, float]]) -> Report:
    moods = {"sentiment": "neutral", "priority": "high"}
    given = [
        Row(
            f"rows.csv:{line}",
            text,
            language,
            {"intent": label} | (moods if line == 2 else {}),
            label == "oos",
        )
        for line, (text, label, language, *_) in enumerate(rows, 2)
    ]
    model = Model({text: reading(guess, sure, far) for text, _, _, guess, sure, far in rows})
    judged = judge(given, model, Catalogue([]), LABELS, now=NOW, progress=lambda _: None)
    return report(Subject("classifier@0", "encoder@1", ["rows.csv"], LABELS, 0.9), judged)


@pytest.fixture(scope="module")
def told() -> Report:
    return judged_rows(ROWS)


def test_messages_out_of_scope_are_judged_apart(told: Report) -> None:
    assert told["rows"] == 6
    assert told["heads"]["intent"]["all"]["rows"] == 4
    outside = told["out_of_scope"]
    assert outside["positive"] == "out of scope"
    assert (outside["rows_out_of_scope"], outside["rows_in_scope"]) == (2, 4)
    assert outside["auroc"] == 1.0
    assert (outside["found"], outside["false_alarms"]) == (0.5, 0.0)


def test_each_head_is_judged_on_what_is_labelled_for_it(told: Report) -> None:
    intent = told["heads"]["intent"]
    assert intent["all"]["accuracy"] == 0.5
    assert intent["by_language"]["zh"]["accuracy"] == 1.0
    assert intent["by_label"]["menu"] == {
        "rows": 1, "guesses": 2, "precision": 0.5, "recall": 1.0, "f1": 0.6667,
    }  # fmt: skip
    assert told["heads"]["sentiment"]["all"]["rows"] == 1
    assert told["heads"]["priority"]["all"]["accuracy"] == 0.0


def test_the_log_loss_knows_the_true_intent_wherever_it_ranks(told: Report) -> None:
    expected = -np.log([0.9, 0.8, 0.01 / 4, 0.4 / 4]).mean()
    assert told["heads"]["intent"]["all"]["log_loss"] == pytest.approx(expected, abs=1e-4)


def test_priorities_are_also_judged_as_the_rules_leave_them() -> None:
    told = judged_rows([("my card was stolen", "loan", "en", "loan", 0.9, 0.1)])
    assert told["heads"]["priority"]["all"]["accuracy"] == 0.0
    assert told["heads"]["priority"]["after_rules"]["raised"] == 1


def test_mistakes_come_with_the_surest_first(told: Report) -> None:
    mistakes = told["intent"]["mistakes"]
    assert [m["confidence"] for m in mistakes] == [0.99, 0.6]
    assert mistakes[0]["where"] == "rows.csv:4"
    assert (mistakes[0]["label"], mistakes[0]["predicted"]) == ("<b>wild</b>", "refund")
    assert mistakes[0]["evidence"] == [
        {"start": 0, "end": 8, "weight": 2.0}, {"start": 16, "end": 24, "weight": 1.0},
    ]  # fmt: skip


def test_the_report_is_the_same_each_time_and_is_json(told: Report) -> None:
    assert json.loads(json.dumps(told, allow_nan=False)) == told == judged_rows(ROWS)


def test_the_console_says_which_is_positive(told: Report) -> None:
    lines = summary(told)
    assert "out of scope (positive, 2 rows, against 4): AUROC 1.000" in lines
    assert "50.0% of what is out of scope found, 0.0% false alarms" in lines
    assert "<b>wild</b> as refund 1" in lines


def test_without_messages_of_both_kinds_nothing_is_said_of_telling_them_apart() -> None:
    told = judged_rows(ROWS[:2])
    assert "auroc" not in told["out_of_scope"]
    assert told["out_of_scope"]["found"] is None
    assert "AUROC" not in summary(told) + page(told)
    assert "0.0% false alarms" in summary(told)


def test_messages_all_out_of_scope_have_no_figures_of_intents() -> None:
    told = judged_rows(ROWS[4:])
    assert "intent" not in told["heads"]
    assert "50.0% of what is out of scope found" in summary(told)
    assert "Confusion of intents" not in page(told)


class Page(html.parser.HTMLParser):
    """Every tag of a page with its attributes, and the text outside of tags."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(content)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_messages_and_labels_stay_text_on_the_page(told: Report) -> None:
    shown = Page(page(told))
    tags = {tag for tag, _ in shown.tags}
    assert "script" not in tags
    assert ATTACK in shown.text
    assert "<b>wild</b>" in shown.text
    bold = [tag for tag, _ in shown.tags if tag == "b"]
    assert len(bold) == len([a for _, a in shown.tags if a.get("class") == "card"])


def test_names_from_outside_stay_text_too(told: Report) -> None:
    evil = "<img src=x onerror=alert(1)>"
    languages = told["heads"]["intent"]["by_language"]
    changed: dict[str, Any] = {
        **told,
        "data": [evil],
        "heads": {"intent": {**told["heads"]["intent"], "by_language": {evil: languages["en"]}}},
    }
    assert "img" not in {tag for tag, _ in Page(page(changed)).tags}


def test_the_page_needs_nothing_but_itself(told: Report) -> None:
    for tag, attributes in Page(page(told)).tags:
        assert tag not in ("script", "link", "img", "iframe", "object"), tag
        assert not {"src", "href", "onclick", "onload"} & attributes.keys()
    assert "default-src 'none'" in page(told)
    assert "url(" not in page(told)


def test_the_page_shows_its_charts(told: Report) -> None:
    drawn = [attributes["aria-label"] for tag, attributes in Page(page(told)).tags if tag == "svg"]
    assert drawn[0] is not None and drawn[0].startswith("Reliability diagram")
    assert drawn[1] is not None and drawn[1].startswith("Risk-coverage curve")
    hints = [attributes.get("title") for tag, attributes in Page(page(told)).tags if tag == "td"]
    assert "<b>wild</b> as refund: 1" in hints


def marked(content: str) -> list[str]:
    parts = content.split("<mark ")[1:]
    return [part.split(">", 1)[1].split("</mark>")[0] for part in parts]


def test_evidence_is_marked_by_its_weight() -> None:
    clues = [
        {"start": 10, "end": 16, "weight": 2.0},
        {"start": 3, "end": 7, "weight": 1.0},
    ]
    shown = highlighted("I  want a refund", clues)
    assert marked(shown) == ["want", "refund"]
    assert Page(shown).text == "I  want a refund"
    assert "var(--bad) 60%" in shown.split("<mark ")[2]
    assert "var(--bad) 5%" in shown.split("<mark ")[1]
    assert "var(--bad) 60%" in highlighted("refund", [{"start": 0, "end": 6, "weight": 0.3}])


def test_marked_words_are_escaped() -> None:
    shown = highlighted(ATTACK, [{"start": 0, "end": 8, "weight": 1.0}])
    assert marked(shown) == ["&lt;script&gt;"]
    assert Page(shown).text == ATTACK


def test_long_messages_are_cut() -> None:
    shown = highlighted("ab " * 1000, [{"start": 2700, "end": 2702, "weight": 1.0}])
    assert len(shown) < 1100
    assert shown.endswith(" …")
    assert marked(shown) == []
