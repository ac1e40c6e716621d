"""The page as a reader gets it: every link leads somewhere, nothing leads outside."""

import re
import tomllib
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.feedback.domain.insight.findings import find
from services.feedback.domain.insight.message import Message
from services.feedback.insights import wording
from services.feedback.insights.clustering import by_average_linkage
from services.feedback.insights.listing import MOST_LISTED, listing
from services.feedback.insights.page import page
from services.feedback.insights.wording import LANGUAGES, Wording
from tests.unit.feedback.insight_messages import END, messages

ROOT = Path(wording.__file__).parents[3]
VOID = {"meta", "br", "link"}


class Reader(HTMLParser):
    """Ids, links, numbers with both of their links, and the text below each heading of tickets."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.numbers: list[list[str]] = []
        self.tickets: dict[str, list[str]] = {}
        self.open: list[str] = []
        self._inside: str | None = None
        self._number = False
        self.feed(content)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        self.attributes += [(tag, name) for name in told]
        if tag not in VOID:
            self.open.append(tag)
        if "id" in told:
            assert told["id"] not in self.ids
            self.ids.append(told["id"])
            if told["id"].startswith("tickets-"):
                self._inside = told["id"]
                self.tickets[told["id"]] = []
        if told.get("class") == "number":
            self.numbers.append([])
            self._number = True
        if tag == "a":
            self.links.append(told["href"])
            if self._number:
                self.numbers[-1].append(told["href"])

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        if tag == "span":
            self._number = False

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "code" and self._inside:
            self.tickets[self._inside].append(data)


def made(told: tuple[Message, ...] | list[Message], language: str) -> str:
    findings = find(told, end=END, days=7, cluster=by_average_linkage)
    return page(findings, Wording(language))


@pytest.fixture(scope="module", params=LANGUAGES)
def shown(request: pytest.FixtureRequest) -> str:
    return made(messages(), request.param)


def test_every_number_links_to_its_tickets_and_its_definition(shown: str) -> None:
    reader = Reader(shown)
    assert len(reader.numbers) > 25
    for links in reader.numbers:
        tickets, definition = links
        assert tickets.startswith("#tickets-")
        assert definition.startswith("#definition-")
    assert reader.open == []


def test_every_link_leads_to_a_place_on_the_page(shown: str) -> None:
    reader = Reader(shown)
    assert {link for link in reader.links if link.removeprefix("#") not in reader.ids} == set()


def test_lists_hold_the_tickets_that_are_counted(shown: str) -> None:
    lists = Reader(shown).tickets
    locker = next(ids for ids in lists.values() if ids and ids[0].startswith("locker"))
    assert sorted(locker) == sorted(f"locker-{n}" for n in range(18))
    assert set(lists["tickets-wishes-1"]) == {f"refund-{n}" for n in range(12, 48)}
    assert set(lists["tickets-wishes-1-before"]) == {f"refund-{n}" for n in range(12)}


def test_nothing_is_loaded_and_nothing_runs(shown: str) -> None:
    reader = Reader(shown)
    assert "default-src 'none'" in shown
    assert not re.search(r"https?://|<script|<link|<img|@import|url\(", shown)
    names = {name for _, name in reader.attributes}
    assert not [name for name in names if name.startswith("on") or name in ("src", "srcset")]


def test_it_fits_a_phone_and_the_dark(shown: str) -> None:
    assert 'name="viewport" content="width=device-width' in shown
    assert "prefers-color-scheme:dark" in shown
    widths = [int(width) for width in re.findall(r'<svg[^>]* width="(\d+)"', shown)]
    assert widths
    assert max(widths) <= 360


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", ["“Refund”: 36", "18 unhappy customers", "Orbit V8 are repeated"]),
        ("zh", ["“退款”的诉求在增加：36", "18 位不满的客户", "关于Orbit V8的联系有 50%"]),
    ],
)
def test_three_sentences_come_first(language: str, expected: list[str]) -> None:
    content = made(messages(), language)
    first = content[content.index("<ol>") : content.index("</ol>")]
    sentences = re.findall(r"<li>(.*?)</li>", first, re.DOTALL)
    plain = [re.sub(r"<[^>]+>", "", re.sub(r'<a class="why".*?</a>', "", s)) for s in sentences]
    assert len(plain) == 3
    assert content.index("<ol>") < content.index("<h2>")
    for sentence, part in zip(plain, expected, strict=True):
        assert part in sentence


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_quiet_week_still_says_three_things(language: str) -> None:
    quiet = [m for m in messages() if m.intent in ("order_status", "invoice")]
    content = made(quiet, language)
    assert content.count("<li>") == 3
    assert Wording(language).text("quiet", "wishes") in content
    reader = Reader(content)
    assert {link for link in reader.links if link.removeprefix("#") not in reader.ids} == set()


def test_what_comes_from_outside_is_only_text() -> None:
    bad = '<script>alert(1)</script>{{ 7 * 7 }}{name}"&'
    told = [
        replace(m, ticket_id=f"{m.ticket_id}{bad}", text=f"{m.text} {bad}", intent=m.intent + bad,
                products=tuple(p + bad for p in m.products), queue=m.queue and m.queue + bad,
                agent_reply=m.agent_reply and f"{m.agent_reply} {bad}")
        for m in messages()
    ]  # fmt: skip
    content = made(told, "en")
    assert "<script" not in content
    assert "&lt;script&gt;" in content
    assert Reader(content).open == []


def test_no_personal_data_is_shown(shown: str) -> None:
    assert "[NAME_1]" not in shown
    examples = re.findall(r"<blockquote[^>]*>(.*?)<a", shown, re.DOTALL)
    assert examples
    assert not [text for text in examples if re.search(r"\d{6}", text)]
    assert "customer-" not in shown, "keys of customers are nobody's business"


def test_examples_differ_and_speak_the_readers_language() -> None:
    for language, word in (("en", "locker"), ("zh", "取件码")):
        content = made(messages(), language)
        card = content[content.index('id="troubles-1"') : content.index('id="troubles-2"')]
        examples = re.findall(r"<blockquote[^>]*>(.*?)<a", card, re.DOTALL)
        assert len(examples) == len(set(examples)) == 3
        assert all(word in example.lower() for example in examples)


def test_a_long_list_says_what_is_left_out() -> None:
    told = listing("all", "All", [f"T-{n}" for n in range(MOST_LISTED + 3)])
    assert (told.total, len(told.ids), told.ids[0]) == (MOST_LISTED + 3, MOST_LISTED, "T-502")


def test_languages_say_the_same_things() -> None:
    def keys(told: Any, path: str = "") -> set[str]:
        if isinstance(told, dict):
            return {key for name, value in told.items() for key in keys(value, f"{path}.{name}")}
        return {path + "".join(sorted(re.findall(r"\{[^}]*\}", told)))}

    folder = Path(wording.__file__).parent / "texts"
    texts = [tomllib.loads((folder / f"{tag}.toml").read_text("utf-8")) for tag in LANGUAGES]
    assert keys(texts[0]) == keys(texts[1])
    assert texts[0]["term"].keys() == texts[0]["definition"].keys()


def test_intents_are_called_as_in_the_taxonomy() -> None:
    content = (ROOT / "services/classify/taxonomy.yaml").read_text("utf-8")
    for label, told in yaml.safe_load(content)["intents"].items():
        for language in LANGUAGES:
            assert Wording(language).intent(label) == told[language]
    assert Wording("en").intent("an_own_label") == "an_own_label"
